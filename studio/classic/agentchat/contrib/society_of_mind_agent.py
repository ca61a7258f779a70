"""The agent that is a group, under the address that AutoGen's imports use."""

from studio.classic.society import SocietyOfMindAgent

__all__ = ["SocietyOfMindAgent"]
