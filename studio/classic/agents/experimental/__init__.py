"""Agents that look things up, under the address that AG2's imports use."""

from studio.classic.web_agents import WebSurferAgent, WikipediaAgent

__all__ = ["WebSurferAgent", "WikipediaAgent"]
