"""Teams that AutoGen keeps in `autogen_ext.teams`."""
