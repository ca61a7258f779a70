"""Agents that AutoGen keeps in `autogen_ext.agents`."""
