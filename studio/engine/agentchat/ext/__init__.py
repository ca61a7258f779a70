"""What AutoGen keeps in `autogen_ext`, under the same names."""
