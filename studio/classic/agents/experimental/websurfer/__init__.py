"""An agent that looks things up, under the address that AG2's imports use."""

from studio.classic.web_agents import WebSurferAgent

__all__ = ["WebSurferAgent"]
