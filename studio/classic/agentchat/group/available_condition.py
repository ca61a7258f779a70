"""When a hand-off is offered, under the address that AG2's imports use."""

from studio.classic.handoffs import ExpressionAvailableCondition, StringAvailableCondition

__all__ = ["ExpressionAvailableCondition", "StringAvailableCondition"]
