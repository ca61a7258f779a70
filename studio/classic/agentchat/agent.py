"""The base of agents under the address that longer imports use."""

from studio.classic.speaker import Agent

__all__ = ["Agent"]
