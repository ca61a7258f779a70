"""The user proxy under the address that longer imports use."""

from studio.classic.ready_agents import UserProxyAgent

__all__ = ["UserProxyAgent"]
