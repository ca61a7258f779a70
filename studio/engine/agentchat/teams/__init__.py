"""AgentChat's teams, as `autogen_agentchat.teams` has them."""

from studio.engine.agentchat.teams.base import BaseGroupChat
from studio.engine.agentchat.teams.graph import DiGraph, DiGraphBuilder, DiGraphEdge, DiGraphNode, GraphFlow
from studio.engine.agentchat.teams.group_chats import RoundRobinGroupChat, Swarm
from studio.engine.agentchat.teams.magentic import MagenticOneGroupChat
from studio.engine.agentchat.teams.selector import SelectorGroupChat

__all__ = [
    "BaseGroupChat",
    "DiGraph",
    "DiGraphBuilder",
    "DiGraphEdge",
    "DiGraphNode",
    "GraphFlow",
    "MagenticOneGroupChat",
    "RoundRobinGroupChat",
    "SelectorGroupChat",
    "Swarm",
]
