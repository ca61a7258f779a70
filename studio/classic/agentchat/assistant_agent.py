"""The assistant under the address that longer imports use."""

from studio.classic.ready_agents import AssistantAgent

__all__ = ["AssistantAgent"]
