"""The conversation engine: agents that talk, call tools, run code and ask people. A library of its own."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.engine.agents.agent import Agent as Agent
    from studio.engine.agents.assistant import Assistant as Assistant
    from studio.engine.agents.code_runner import CodeRunner as CodeRunner
    from studio.engine.agents.human import Human as Human
    from studio.engine.agents.python_agent import PythonAgent as PythonAgent
    from studio.engine.code.auto import AutoExecutor as AutoExecutor
    from studio.engine.code.docker_executor import DockerExecutor as DockerExecutor
    from studio.engine.code.jupyter import JupyterExecutor as JupyterExecutor
    from studio.engine.code.local import LocalExecutor as LocalExecutor
    from studio.engine.conditions.combined import AllOf as AllOf
    from studio.engine.conditions.combined import AnyOf as AnyOf
    from studio.engine.conditions.done import Done as Done
    from studio.engine.conditions.function import FunctionRule as FunctionRule
    from studio.engine.conditions.hand_off import HandOffTo as HandOffTo
    from studio.engine.conditions.loop_detector import LoopDetector as LoopDetector
    from studio.engine.conditions.max_messages import MaxMessages as MaxMessages
    from studio.engine.conditions.max_turns import MaxTurns as MaxTurns
    from studio.engine.conditions.money_limit import MoneyLimit as MoneyLimit
    from studio.engine.conditions.said_by import SaidBy as SaidBy
    from studio.engine.conditions.text_mention import TextMention as TextMention
    from studio.engine.conditions.time_limit import TimeLimit as TimeLimit
    from studio.engine.conditions.token_limit import TokenLimit as TokenLimit
    from studio.engine.conditions.tool_used import ToolUsed as ToolUsed
    from studio.engine.context.everything import Everything as Everything
    from studio.engine.context.head_and_tail import HeadAndTail as HeadAndTail
    from studio.engine.context.last import LastMessages as LastMessages
    from studio.engine.context.summary import SummaryOfOld as SummaryOfOld
    from studio.engine.context.token_budget import TokenBudget as TokenBudget
    from studio.engine.documents.document import Document as Document
    from studio.engine.guards import Guard as Guard
    from studio.engine.kept import Kept as Kept
    from studio.engine.memory.documents import Documents as Documents
    from studio.engine.memory.embedding import AccountEmbedding as AccountEmbedding
    from studio.engine.memory.embedding import LocalEmbedding as LocalEmbedding
    from studio.engine.memory.list_memory import ListMemory as ListMemory
    from studio.engine.memory.teachable import TeachableMemory as TeachableMemory
    from studio.engine.memory.vector_memory import VectorMemory as VectorMemory
    from studio.engine.models.anthropic_model import AnthropicModel as AnthropicModel
    from studio.engine.models.attachments import attached as attached
    from studio.engine.models.best_of import BestOf as BestOf
    from studio.engine.models.fallback import FallbackModel as FallbackModel
    from studio.engine.models.gemini_model import GeminiModel as GeminiModel
    from studio.engine.models.openai_model import OpenAIModel as OpenAIModel
    from studio.engine.models.practice import PracticeModel as PracticeModel
    from studio.engine.saved import load_events as load_events
    from studio.engine.saved import save_events as save_events
    from studio.engine.script import Result as Result
    from studio.engine.script import resume as resume
    from studio.engine.script import run as run
    from studio.engine.script import stream as stream
    from studio.engine.teams.chat import Chat as Chat
    from studio.engine.teams.filter import Filter as Filter
    from studio.engine.teams.filter import Hears as Hears
    from studio.engine.teams.follow_edges import FollowEdges as FollowEdges
    from studio.engine.teams.function_choice import FunctionChoice as FunctionChoice
    from studio.engine.teams.graph import Graph as Graph
    from studio.engine.teams.graph import GraphEdge as GraphEdge
    from studio.engine.teams.manual import Manual as Manual
    from studio.engine.teams.model_choice import ModelChoice as ModelChoice
    from studio.engine.teams.planner import Planner as Planner
    from studio.engine.teams.random_choice import RandomChoice as RandomChoice
    from studio.engine.teams.round_robin import RoundRobin as RoundRobin
    from studio.engine.teams.sequential import Sequential as Sequential
    from studio.engine.teams.society import Society as Society
    from studio.engine.teams.swarm import Swarm as Swarm
    from studio.engine.teams.team import Team as Team
    from studio.engine.terminal import console as console
    from studio.engine.tools.expert_team import ExpertTeam as ExpertTeam
    from studio.engine.tools.files import Files as Files
    from studio.engine.tools.function import FunctionTool as FunctionTool
    from studio.engine.tools.http_tool import HttpTool as HttpTool
    from studio.engine.tools.mcp import McpServer as McpServer
    from studio.engine.tools.mcp_transport import Sse as Sse
    from studio.engine.tools.mcp_transport import Stdio as Stdio
    from studio.engine.tools.mcp_transport import StreamableHttp as StreamableHttp
    from studio.engine.tools.openapi_tool import OpenApiTool as OpenApiTool
    from studio.engine.tools.python_tool import PythonTool as PythonTool
    from studio.engine.tools.search_documents import SearchDocuments as SearchDocuments
    from studio.engine.tools.search_providers import BraveSearch as BraveSearch
    from studio.engine.tools.search_providers import DuckDuckGo as DuckDuckGo
    from studio.engine.tools.search_providers import GoogleSearch as GoogleSearch
    from studio.engine.tools.search_providers import SearXNG as SearXNG
    from studio.engine.tools.search_providers import Serper as Serper
    from studio.engine.tools.search_providers import Tavily as Tavily
    from studio.engine.tools.shell import Shell as Shell
    from studio.engine.tools.team_tool import AgentTool as AgentTool
    from studio.engine.tools.team_tool import TeamTool as TeamTool
    from studio.engine.tools.variables import ToolReply as ToolReply
    from studio.engine.tools.variables import Variables as Variables
    from studio.engine.tools.video import Video as Video
    from studio.engine.tools.web_browser import WebBrowser as WebBrowser
    from studio.engine.tools.web_page import WebPage as WebPage
    from studio.engine.tools.web_search import WebSearch as WebSearch

# Names are imported when they are first used: a script pays only for what it names.
_MODULES = {
    "Agent": "agents.agent",
    "AgentTool": "tools.team_tool",
    "AllOf": "conditions.combined",
    "AnthropicModel": "models.anthropic_model",
    "AnyOf": "conditions.combined",
    "Assistant": "agents.assistant",
    "AutoExecutor": "code.auto",
    "BestOf": "models.best_of",
    "BraveSearch": "tools.search_providers",
    "Chat": "teams.chat",
    "CodeRunner": "agents.code_runner",
    "DockerExecutor": "code.docker_executor",
    "Document": "documents.document",
    "Documents": "memory.documents",
    "Done": "conditions.done",
    "DuckDuckGo": "tools.search_providers",
    "Everything": "context.everything",
    "ExpertTeam": "tools.expert_team",
    "FallbackModel": "models.fallback",
    "Files": "tools.files",
    "Filter": "teams.filter",
    "FollowEdges": "teams.follow_edges",
    "FunctionChoice": "teams.function_choice",
    "FunctionRule": "conditions.function",
    "FunctionTool": "tools.function",
    "GeminiModel": "models.gemini_model",
    "GoogleSearch": "tools.search_providers",
    "Graph": "teams.graph",
    "GraphEdge": "teams.graph",
    "HandOffTo": "conditions.hand_off",
    "HeadAndTail": "context.head_and_tail",
    "Guard": "guards",
    "Hears": "teams.filter",
    "HttpTool": "tools.http_tool",
    "Human": "agents.human",
    "JupyterExecutor": "code.jupyter",
    "LastMessages": "context.last",
    "AccountEmbedding": "memory.embedding",
    "Kept": "kept",
    "LocalEmbedding": "memory.embedding",
    "ListMemory": "memory.list_memory",
    "VectorMemory": "memory.vector_memory",
    "LocalExecutor": "code.local",
    "LoopDetector": "conditions.loop_detector",
    "Manual": "teams.manual",
    "MaxMessages": "conditions.max_messages",
    "MaxTurns": "conditions.max_turns",
    "McpServer": "tools.mcp",
    "ModelChoice": "teams.model_choice",
    "MoneyLimit": "conditions.money_limit",
    "OpenAIModel": "models.openai_model",
    "OpenApiTool": "tools.openapi_tool",
    "Planner": "teams.planner",
    "PracticeModel": "models.practice",
    "PythonAgent": "agents.python_agent",
    "PythonTool": "tools.python_tool",
    "RandomChoice": "teams.random_choice",
    "Result": "script",
    "RoundRobin": "teams.round_robin",
    "SaidBy": "conditions.said_by",
    "SearXNG": "tools.search_providers",
    "SearchDocuments": "tools.search_documents",
    "Sequential": "teams.sequential",
    "Serper": "tools.search_providers",
    "Shell": "tools.shell",
    "Society": "teams.society",
    "Sse": "tools.mcp_transport",
    "Stdio": "tools.mcp_transport",
    "StreamableHttp": "tools.mcp_transport",
    "SummaryOfOld": "context.summary",
    "Swarm": "teams.swarm",
    "Tavily": "tools.search_providers",
    "Team": "teams.team",
    "TeachableMemory": "memory.teachable",
    "TeamTool": "tools.team_tool",
    "TextMention": "conditions.text_mention",
    "TimeLimit": "conditions.time_limit",
    "TokenBudget": "context.token_budget",
    "TokenLimit": "conditions.token_limit",
    "ToolReply": "tools.variables",
    "ToolUsed": "conditions.tool_used",
    "Variables": "tools.variables",
    "Video": "tools.video",
    "WebBrowser": "tools.web_browser",
    "WebPage": "tools.web_page",
    "WebSearch": "tools.web_search",
    "attached": "models.attachments",
    "console": "terminal",
    "load_events": "saved",
    "resume": "script",
    "run": "script",
    "save_events": "saved",
    "stream": "script",
}

__all__ = [
    "AccountEmbedding",
    "Agent",
    "AgentTool",
    "AllOf",
    "AnthropicModel",
    "AnyOf",
    "Assistant",
    "AutoExecutor",
    "BestOf",
    "BraveSearch",
    "Chat",
    "CodeRunner",
    "DockerExecutor",
    "Document",
    "Documents",
    "Done",
    "DuckDuckGo",
    "Everything",
    "ExpertTeam",
    "FallbackModel",
    "Files",
    "Filter",
    "FollowEdges",
    "FunctionChoice",
    "FunctionRule",
    "FunctionTool",
    "GeminiModel",
    "GoogleSearch",
    "Graph",
    "GraphEdge",
    "Guard",
    "HandOffTo",
    "HeadAndTail",
    "Hears",
    "HttpTool",
    "Human",
    "JupyterExecutor",
    "Kept",
    "LastMessages",
    "ListMemory",
    "LocalEmbedding",
    "LocalExecutor",
    "LoopDetector",
    "Manual",
    "MaxMessages",
    "MaxTurns",
    "McpServer",
    "ModelChoice",
    "MoneyLimit",
    "OpenAIModel",
    "OpenApiTool",
    "Planner",
    "PracticeModel",
    "PythonAgent",
    "PythonTool",
    "RandomChoice",
    "Result",
    "RoundRobin",
    "SaidBy",
    "SearXNG",
    "SearchDocuments",
    "Sequential",
    "Serper",
    "Shell",
    "Society",
    "Sse",
    "Stdio",
    "StreamableHttp",
    "SummaryOfOld",
    "Swarm",
    "Tavily",
    "TeachableMemory",
    "Team",
    "TeamTool",
    "TextMention",
    "TimeLimit",
    "TokenBudget",
    "TokenLimit",
    "ToolReply",
    "ToolUsed",
    "Variables",
    "VectorMemory",
    "Video",
    "WebBrowser",
    "WebPage",
    "WebSearch",
    "attached",
    "console",
    "load_events",
    "resume",
    "run",
    "save_events",
    "stream",
]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None and name[:1].isupper():  # the vocabulary of AutoGen's AgentChat, where it has no name of ours
        from studio.engine import agentchat

        if name in agentchat.MODULES:
            return getattr(agentchat, name)
    if module is None:
        raise AttributeError(f"module 'studio.engine' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"studio.engine.{module}"), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
