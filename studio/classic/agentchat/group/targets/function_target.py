"""The target that a function names, under the address that AG2's imports use."""

from studio.classic.handoffs import FunctionTarget

__all__ = ["FunctionTarget"]
