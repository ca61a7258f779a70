"""What can be drawn: the component class of every kind, and which of its fields are wired, nested or filled in."""

from __future__ import annotations

import types
from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar, Literal, Union, get_args, get_origin

from pydantic import Field
from pydantic.fields import FieldInfo

from studio.engine.agents.agent import Agent
from studio.engine.agents.assistant import Assistant
from studio.engine.agents.code_runner import CodeRunner
from studio.engine.agents.human import Human
from studio.engine.agents.python_agent import PythonAgent
from studio.engine.code.auto import AutoExecutor
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.code.jupyter import JupyterExecutor
from studio.engine.code.local import LocalExecutor
from studio.engine.component import Component, Widget, kinds
from studio.engine.conditions.combined import AllOf, AnyOf
from studio.engine.conditions.condition import Condition
from studio.engine.conditions.done import Done
from studio.engine.conditions.function import FunctionRule
from studio.engine.conditions.hand_off import HandOffTo
from studio.engine.conditions.loop_detector import LoopDetector
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.conditions.money_limit import MoneyLimit
from studio.engine.conditions.said_by import SaidBy
from studio.engine.conditions.text_mention import TextMention
from studio.engine.conditions.time_limit import TimeLimit
from studio.engine.conditions.token_limit import TokenLimit
from studio.engine.conditions.tool_used import ToolUsed
from studio.engine.context.everything import Everything
from studio.engine.context.head_and_tail import HeadAndTail
from studio.engine.context.last import LastMessages
from studio.engine.context.summary import SummaryOfOld
from studio.engine.context.token_budget import TokenBudget
from studio.engine.memory.base import Memory
from studio.engine.memory.documents import Documents
from studio.engine.memory.embedding import AccountEmbedding, LocalEmbedding
from studio.engine.memory.list_memory import ListMemory
from studio.engine.memory.teachable import TeachableMemory
from studio.engine.memory.vector_memory import VectorMemory
from studio.engine.models.anthropic_model import AnthropicModel
from studio.engine.models.base import Model
from studio.engine.models.best_of import BestOf
from studio.engine.models.fallback import FallbackModel
from studio.engine.models.gemini_model import GeminiModel
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.practice import PracticeModel
from studio.engine.teams.chat import Chat
from studio.engine.teams.filter import Filter
from studio.engine.teams.follow_edges import FollowEdges
from studio.engine.teams.function_choice import FunctionChoice
from studio.engine.teams.graph import Graph
from studio.engine.teams.manual import Manual
from studio.engine.teams.model_choice import ModelChoice
from studio.engine.teams.planner import Planner
from studio.engine.teams.random_choice import RandomChoice
from studio.engine.teams.round_robin import RoundRobin
from studio.engine.teams.sequential import Sequential
from studio.engine.teams.society import Society
from studio.engine.teams.swarm import Swarm
from studio.engine.teams.team import Team
from studio.engine.tools.base import Tool
from studio.engine.tools.expert_team import ExpertTeam
from studio.engine.tools.files import Files
from studio.engine.tools.http_tool import HttpTool
from studio.engine.tools.mcp import McpServer
from studio.engine.tools.mcp_transport import Sse, Stdio, StreamableHttp
from studio.engine.tools.openapi_tool import OpenApiTool
from studio.engine.tools.python_tool import PythonTool
from studio.engine.tools.search_documents import SearchDocuments
from studio.engine.tools.search_providers import BraveSearch, DuckDuckGo, GoogleSearch, SearXNG, Serper, Tavily
from studio.engine.tools.shell import Shell
from studio.engine.tools.video import Video
from studio.engine.tools.web_browser import WebBrowser
from studio.engine.tools.web_page import WebPage
from studio.engine.tools.web_search import WebSearch
from studio.flow.document import Node

Category = Literal["agent", "team", "model", "tool", "memory", "condition", "note", "unknown"]
Role = Literal["name", "wired", "members", "nested", "hidden", "plain"]

MAX_NOTE = 20_000
"""Characters of a note."""


class Note(Component):
    kind: ClassVar[str] = "note"
    category: ClassVar[str] = "note"
    title: ClassVar[str] = "Note"
    summary: ClassVar[str] = "Something to remember, for people only"

    text: Annotated[str, Field(title="Text", max_length=MAX_NOTE), Widget("text")] = ""


DRAWN: tuple[type[Component], ...] = (
    Assistant,
    Human,
    CodeRunner,
    PythonAgent,
    Team,
    Society,
    Filter,
    Chat,
    OpenAIModel,
    PracticeModel,
    AnthropicModel,
    GeminiModel,
    FallbackModel,
    BestOf,
    PythonTool,
    McpServer,
    WebSearch,
    WebPage,
    WebBrowser,
    HttpTool,
    OpenApiTool,
    Files,
    SearchDocuments,
    Video,
    ExpertTeam,
    Shell,
    TextMention,
    MaxMessages,
    MaxTurns,
    TimeLimit,
    TokenLimit,
    MoneyLimit,
    HandOffTo,
    SaidBy,
    ToolUsed,
    Done,
    LoopDetector,
    FunctionRule,
    AllOf,
    AnyOf,
    ListMemory,
    VectorMemory,
    Documents,
    TeachableMemory,
    Note,
)
"""The kinds that the studio itself brings, in the order of the palette."""

NESTED: dict[str, tuple[type[Component], ...]] = {
    "search_provider": (DuckDuckGo, Tavily, BraveSearch, Serper, GoogleSearch, SearXNG),
    "transport": (Stdio, StreamableHttp, Sse),
    "selection": (
        RoundRobin,
        ModelChoice,
        Swarm,
        Graph,
        Planner,
        FollowEdges,
        Sequential,
        RandomChoice,
        Manual,
        FunctionChoice,
    ),
    "context": (TokenBudget, Everything, LastMessages, HeadAndTail, SummaryOfOld),
    "embedding": (LocalEmbedding, AccountEmbedding),
    "executor": (AutoExecutor, DockerExecutor, LocalExecutor, JupyterExecutor),
}
"""Components that are no nodes but choices inside another one's form, by category, in the order of the choice."""

_CATEGORIES: dict[str, Category] = {
    "agent": "agent",
    "team": "team",
    "model": "model",
    "tool": "tool",
    "memory": "memory",
    "condition": "condition",
    "note": "note",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a component as the drawing sees it.

    `role`: name (the node's own name), wired (a component that a wire brings), members (the nodes inside), nested (a component
    chosen in the form), hidden (given by other parts of the drawing), plain (filled in). `component` is the abstract class of
    wired, members and nested ones; `many` a tuple of them; `optional` whether None is a value.
    """

    name: str
    info: FieldInfo
    role: Role
    component: type[Component] | None = None
    many: bool = False
    optional: bool = False

    @property
    def widget(self) -> Widget:
        return next((item for item in self.info.metadata if isinstance(item, Widget)), Widget(""))


_drawn: dict[str, type[Component]] = {}


def drawn_class(kind: str) -> type[Component] | None:
    """The class of a kind that can be a node; None for unknown kinds and for those that only occur inside others."""
    known = _drawn.get(kind)
    if known is None:
        known = kinds().get(kind)
        if known is None or known.category not in _CATEGORIES or not known.drawable:
            return None
        _drawn[kind] = known
    return known


def category(kind: str) -> Category:
    found = drawn_class(kind)
    return _CATEGORIES[found.category] if found is not None else "unknown"


def is_agent(node: Node) -> bool:
    return category(node.kind) == "agent"


def nested_classes(abstract: type[Component]) -> dict[str, type[Component]]:
    """The kinds that fit a nested field, the studio's own first."""
    own = {item.kind: item for item in NESTED.get(abstract.category, ())}
    return own | {kind: item for kind, item in kinds().items() if issubclass(item, abstract) and item.drawable and kind not in own}


@cache
def parts(component: type[Component]) -> dict[str, Part]:
    """The fields of a component class by name, in the order of the class."""
    return {name: _part(component, name, info) for name, info in component.model_fields.items()}


def part(kind: str, name: str) -> Part | None:
    found = drawn_class(kind)
    return parts(found).get(name) if found is not None else None


def _part(owner: type[Component], name: str, info: FieldInfo) -> Part:
    annotation, optional, many = _unwrap(info.annotation)
    hidden = any(isinstance(item, Widget) and item.name == "hidden" for item in info.metadata)
    if name == "name" and owner.category in ("agent", "team"):
        return Part(name, info, "name")
    if hidden:
        return Part(name, info, "hidden", optional=optional)
    if not (isinstance(annotation, type) and issubclass(annotation, Component)):
        return Part(name, info, "plain", optional=optional)
    if issubclass(annotation, Agent):
        return Part(name, info, "members", annotation, many, optional)
    if issubclass(annotation, (Model, Tool, Memory, Condition)):
        return Part(name, info, "wired", annotation, many, optional)
    return Part(name, info, "nested", annotation, many, optional)


def _unwrap(annotation: object) -> tuple[object, bool, bool]:
    """The bare type of an annotation, whether None fits too, and whether it is a tuple of it."""
    optional = many = False
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [item for item in get_args(annotation) if item is not type(None)]
        optional = len(rest) < len(get_args(annotation))
        annotation = rest[0] if len(rest) == 1 else annotation
    if get_origin(annotation) is tuple:
        item = get_args(annotation)[0]
        if isinstance(item, type) and issubclass(item, Component):
            annotation, many = item, True
    return annotation, optional, many
