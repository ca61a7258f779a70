"""A flow as a script for AutoGen 0.2 or AG2 classic, and such scripts as flows."""
