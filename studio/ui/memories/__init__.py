"""The page of what agents remember for all runs."""
