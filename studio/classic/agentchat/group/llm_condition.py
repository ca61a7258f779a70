"""What a model is asked, under the address that AG2's imports use."""

from studio.classic.handoffs import ContextStrLLMCondition, StringLLMCondition

__all__ = ["ContextStrLLMCondition", "StringLLMCondition"]
