"""Transforms under the address that longer imports use."""

from studio.classic.transforms import MessageHistoryLimiter, MessageTokenLimiter, MessageTransform

__all__ = ["MessageHistoryLimiter", "MessageTokenLimiter", "MessageTransform"]
