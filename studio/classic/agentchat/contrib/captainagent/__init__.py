"""The builder of teams, under the address that AG2's imports use."""

from studio.classic.agent_builder import AgentBuilder

__all__ = ["AgentBuilder"]
