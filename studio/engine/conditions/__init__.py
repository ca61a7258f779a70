"""Stop rules, one kind a file."""
