"""The steps of the tables' history, oldest first."""
