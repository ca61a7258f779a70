"""A flow as a program for Microsoft Agent Framework."""
