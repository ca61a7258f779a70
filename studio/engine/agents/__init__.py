"""Kinds of agents, one a file."""
