"""The agent that sees images, under the address that AutoGen's imports use."""

from studio.classic.multimodal import MultimodalConversableAgent

__all__ = ["MultimodalConversableAgent"]
