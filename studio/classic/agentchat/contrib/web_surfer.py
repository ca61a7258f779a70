"""The web surfer, under the address that AutoGen's imports use."""

from studio.classic.web_agents import WebSurferAgent

__all__ = ["WebSurferAgent"]
