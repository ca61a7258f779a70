"""What a function may return, under the address that AG2's imports use."""

from studio.classic.handoffs import ReplyResult

__all__ = ["ReplyResult"]
