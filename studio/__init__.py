"""Convene: a visual studio for conversations between agents."""
