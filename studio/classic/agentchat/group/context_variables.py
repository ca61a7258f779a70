"""The variables of a group, under the address that AG2's imports use."""

from studio.classic.handoffs import ContextVariables

__all__ = ["ContextVariables"]
