"""The hand-off of a model, under the address that AG2's imports use."""

from studio.classic.handoffs import OnCondition

__all__ = ["OnCondition"]
