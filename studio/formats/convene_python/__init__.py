"""A flow as a Python program for Convene's own engine."""
