"""The target that lets the manager choose, under the address that AG2's imports use."""

from studio.classic.handoffs import GroupManagerTarget

__all__ = ["GroupManagerTarget"]
