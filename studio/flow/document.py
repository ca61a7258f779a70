"""The drawing: nodes, wires and notes as one frozen document, the only thing that is stored of a flow."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from studio.texts import text

FLOW_VERSION = 1
"""Version of the document's schema; an upgrade is one function per step in `upgrade.py`."""

EdgeKind = Literal["model", "tool", "memory", "stop", "speaks"]
"""model: model -> agent, team or model; tool: tool, team or agent -> agent; memory: memory -> agent; stop: condition -> team or condition;
speaks: agent or team -> agent or team of the same team."""

MAX_NODES = 2_000
MAX_EDGES = 10_000


class Position(BaseModel):
    """Canvas coordinates in pixels at 100 %. Inside a team they count from the team's upper left corner."""

    model_config = ConfigDict(frozen=True)

    x: float = 0.0
    y: float = 0.0


class Size(BaseModel):
    model_config = ConfigDict(frozen=True)

    width: float
    height: float


class Node(BaseModel):
    """A component on the canvas.

    `kind` is a component's kind, or "note". `name` is what people call it (an agent's name in the conversation). `config`
    holds the component's own fields by name, without those that wires and membership give. Unknown kinds are kept as they are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[\w-]{1,64}$")]
    kind: Annotated[str, Field(max_length=64)]
    name: Annotated[str, Field(max_length=200)] = ""
    config: dict[str, Any] = {}
    position: Position = Position()
    size: Size | None = None
    parent: str | None = None


class Edge(BaseModel):
    """A wire. `config` holds what an arrow of a graph says (its condition and its join), or how an agent is called."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[\w-]{1,64}$")]
    kind: EdgeKind
    source: str
    target: str
    config: dict[str, Any] = {}

    @model_serializer(mode="wrap")
    def _lean(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        if not self.config:
            data.pop("config", None)
        return data


def _untitled() -> str:
    return text("flow.untitled")


class FlowDocument(BaseModel):
    """A flow as it is stored, exported as JSON and drawn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["convene.flow"] = "convene.flow"
    version: int = FLOW_VERSION
    name: Annotated[str, Field(max_length=200)] = Field(default_factory=_untitled)
    description: Annotated[str, Field(max_length=5_000)] = ""
    sample_tasks: tuple[Annotated[str, Field(max_length=20_000)], ...] = ()
    nodes: Annotated[tuple[Node, ...], Field(max_length=MAX_NODES)] = ()
    edges: Annotated[tuple[Edge, ...], Field(max_length=MAX_EDGES)] = ()

    def node(self, node_id: str) -> Node | None:
        return next((node for node in self.nodes if node.id == node_id), None)

    def members(self, team_id: str) -> tuple[Node, ...]:
        """The nodes inside a team, in the order of the document (which is the order in which they take turns)."""
        return tuple(node for node in self.nodes if node.parent == team_id)
