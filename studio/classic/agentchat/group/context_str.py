"""Texts with variables, under the address that AG2's imports use."""

from studio.classic.handoffs import ContextStr

__all__ = ["ContextStr"]
