"""The builder of teams, under the address that AutoGen's imports use."""

from studio.classic.agent_builder import AgentBuilder

__all__ = ["AgentBuilder"]
