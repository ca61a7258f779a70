"""The hand-off by variables, under the address that AG2's imports use."""

from studio.classic.handoffs import OnContextCondition

__all__ = ["OnContextCondition"]
