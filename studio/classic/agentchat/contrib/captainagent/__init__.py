"""The captain and its builder of teams, under the address that AG2's imports use."""

from studio.classic.agent_builder import AgentBuilder
from studio.classic.captain_agent import CaptainAgent, CaptainUserProxyAgent

__all__ = ["AgentBuilder", "CaptainAgent", "CaptainUserProxyAgent"]
