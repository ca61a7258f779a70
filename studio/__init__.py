"""Convene: a visual no-code studio for conversations between AI agents."""

__version__ = "0.1.0"
