"""The captain, under the address that AG2's imports use."""

from studio.classic.captain_agent import CaptainAgent, CaptainUserProxyAgent

__all__ = ["CaptainAgent", "CaptainUserProxyAgent"]
