"""Conditions over variables, under the address that AG2's imports use."""

from studio.classic.handoffs import ContextExpression

__all__ = ["ContextExpression"]
