"""Conditions of hand-offs by variables, under the address that AG2's imports use."""

from studio.classic.handoffs import ExpressionContextCondition, StringContextCondition

__all__ = ["ExpressionContextCondition", "StringContextCondition"]
