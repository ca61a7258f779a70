"""Agents of AG2 that come with their tools."""
