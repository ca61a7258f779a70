"""Capabilities that are added to agents."""
