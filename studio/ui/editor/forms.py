"""What the inspector shows of a node, and of the flow while no node is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from components.field_form import FieldRow
from studio.flow.askers import askers
from studio.flow.catalogue.forms import fields
from studio.flow.catalogue.titles import kind_summary, kind_title
from studio.flow.catalogue.wire_forms import TOOL_WIRE, arrow_fields
from studio.flow.checks.problem import Problem
from studio.flow.document import Edge, EdgeKind, FlowDocument, Node
from studio.flow.held import nested_class
from studio.flow.kinds import DRAWN, category, drawn_class
from studio.flow.ports import label, misfit
from studio.flow.view import colors, turn
from studio.flow.wires import Drawing
from studio.texts import text
from studio.ui.editor.problems import ProblemRow, problem_rows
from studio.ui.shared.colors import color_of

MEANINGS: tuple[EdgeKind, ...] = ("speaks", "tool")
"""What a wire from an agent to another one can mean."""

NAMED = ("agent", "team", "model", "tool")
"""Categories whose nodes people name; a stop rule and a note say what they are by themselves."""


SENT: dict[str, Any] = {
    **dict.fromkeys(("name", "title", "help", "widget", "type", "value", "default", "max_length", "placeholder", "error"), None),
    **{name: [] for name in ("choices", "columns", "row_names", "row_titles")},
    **dict.fromkeys(("advanced", "nullable", "changed", "text_values"), False),
}
"""What the browser is sent of a field, and what stands for what a specification leaves out."""


class KindChoice(TypedDict):
    value: str
    title: str


class WireRow(TypedDict):
    """One wire of a node, in words: the sentence, the other end, and the edge's id."""

    edge: str
    words: str
    node: str
    name: str


class TurnRow(TypedDict):
    """A member of a team whose turns go round, or a model that another one asks in its turn.

    `earlier` and `later` are the edits that move it by one place, empty at the ends.
    """

    place: int
    node: str
    name: str
    color: str
    earlier: dict[str, Any]
    later: dict[str, Any]


class NodeForm(TypedDict):
    """The inspector's content. `id` is "" while no single node or wire is chosen, `wire` whether it is a wire.

    `asks_models` is whether it is a model whose `turns` are those of other models. `parent` is the team that a node lies in,
    "" for the canvas; `parents` are those that it could lie in.
    """

    id: str
    wire: bool
    asks_models: bool
    parent: str
    parents: list[KindChoice]
    kind: str
    title: str
    summary: str
    name: str
    kinds: list[KindChoice]
    fields: list[FieldRow]
    wires: list[WireRow]
    turns: list[TurnRow]
    problems: list[ProblemRow]
    agents: list[str]


NOTHING: NodeForm = {
    "id": "",
    "wire": False,
    "asks_models": False,
    "parent": "",
    "parents": [],
    "kind": "",
    "title": "",
    "summary": "",
    "name": "",
    "kinds": [],
    "fields": [],
    "wires": [],
    "turns": [],
    "problems": [],
    "agents": [],
}


def node_form(document: FlowDocument, node_id: str, problems: Sequence[Problem]) -> NodeForm:
    """The form of a node; the empty one for a node that is gone."""
    node = document.node(node_id)
    if node is None:
        return NOTHING
    found = drawn_class(node.kind)
    own = category(node.kind)
    names = [_name_field(node)] if own in NAMED else []
    rows = [_row(spec.to_dict()) for spec in fields(node.kind, node.config)]
    return {
        "id": node.id,
        "wire": False,
        "asks_models": own == "model",
        "parent": node.parent or "",
        "parents": parents_of(document, node),
        "kind": node.kind,
        "title": kind_title(found) if found is not None else node.kind,
        "summary": kind_summary(found) if found is not None else text("ui.inspector.unknown"),
        "name": label(node),
        "kinds": [{"value": kind.kind, "title": kind_title(kind)} for kind in DRAWN if category(kind.kind) == own and found is not None],
        "fields": [*names, *rows],
        "wires": wires_of(document, node),
        "turns": turns_of(document, node),
        "problems": problem_rows(document, [each for each in problems if node.id in each.nodes]),
        "agents": names_for(document, node),
    }


def wire_form(document: FlowDocument, edge_id: str) -> NodeForm:
    """The form of a wire: its two ends, and for an arrow of a graph when it is taken; the empty one for a wire that is gone."""
    edge = next((each for each in document.edges if each.id == edge_id), None)
    ends = (document.node(edge.source), document.node(edge.target)) if edge is not None else (None, None)
    source, target = ends
    if edge is None or source is None or target is None:
        return NOTHING
    drawing = Drawing(document)
    team = drawing.team_of(target)
    chosen = nested_class(team, "selection") if team is not None else None
    is_arrow = edge.kind == "speaks" and ((chosen is not None and chosen.kind == "graph") or bool(edge.config))
    joins = len(drawing.into(target, "speaks")) > 1
    words = f"ui.wire.{edge.kind}.barred" if drawing.is_barred(edge) else f"ui.wire.{edge.kind}"
    calls = edge.kind == "tool" and category(source.kind) == "agent"
    if calls:
        words = "ui.wire.agent_tool"
    return {
        **NOTHING,
        "id": edge.id,
        "wire": True,
        "kind": edge.kind,
        "kinds": _meanings(source, target),
        "title": text("ui.wire.arrow") if is_arrow else text(f"{words}.title"),
        "summary": text("ui.wire.arrow.summary") if is_arrow else text(f"{words}.summary"),
        "name": f"{label(source)} → {label(target)}",
        "fields": [_row(spec) for spec in _wire_fields(edge, is_arrow, calls, joins)],
        "wires": [
            {"edge": edge.id, "words": text("ui.wire.from"), "node": source.id, "name": label(source)},
            {"edge": edge.id, "words": text("ui.wire.to"), "node": target.id, "name": label(target)},
        ],
    }


def _meanings(source: Node, target: Node) -> list[KindChoice]:
    """What a wire between two agents on the canvas can mean; empty where it can mean one thing only."""
    agents = category(source.kind) == category(target.kind) == "agent"
    if not agents or any(misfit(kind, source, target) is not None for kind in MEANINGS):
        return []
    return [{"value": kind, "title": text(f"ui.wire.as.{kind}")} for kind in MEANINGS]


def _wire_fields(edge: Edge, is_arrow: bool, calls: bool, joins: bool) -> list[dict[str, Any]]:
    return arrow_fields(edge.config, joins) if is_arrow else TOOL_WIRE.fields(edge.config) if calls else []


def names_for(document: FlowDocument, node: Node) -> list[str]:
    """Names that a node's fields can mean: of those who talk with it, or are in it, or ask it; of everything else everybody."""
    drawing = Drawing(document)
    around = drawing.team_of(node)
    talks = category(node.kind) == "agent" or node.kind == "filter"
    if talks and around is not None:
        found = drawing.agents_in(around)
    elif category(node.kind) == "team":
        found = drawing.agents_in(node)
    elif category(node.kind) == "model":
        found = askers(drawing, node)
    else:
        found = tuple(other for other in drawing.nodes if category(other.kind) in ("agent", "team"))
    return [other.name for other in found if other.name and other.id != node.id]


def parents_of(document: FlowDocument, node: Node) -> list[KindChoice]:
    """The canvas and the teams that a node could lie in; empty where there is nothing to choose."""
    drawing = Drawing(document)
    within = {node.id}
    for team in sorted(drawing.teams, key=drawing.depth):
        if team.parent in within:
            within.add(team.id)
    teams = [team for team in drawing.teams if team.id not in within]
    if not teams:
        return []
    return [{"value": "", "title": text("ui.inspector.on_canvas")}, *[KindChoice(value=team.id, title=label(team)) for team in teams]]


def flow_fields(document: FlowDocument) -> list[FieldRow]:
    """The form of the flow itself; its fields are called `flow_<field>`, so that they are never taken for a node's."""

    def row(name: str, type_: str, value: Any) -> FieldRow:
        return {
            "name": f"flow_{name}",
            "title": text(f"ui.flow.{name}"),
            "help": text(f"ui.flow.{name}_help"),
            "widget": type_,
            "type": type_,
            "value": value,
            "default": None,
            "choices": [],
            "placeholder": "",
            "advanced": False,
            "nullable": False,
            "required": True,
            "changed": True,
            "error": None,
            "max_length": None,
        }

    return [
        row("name", "line", document.name),
        row("description", "text", document.description),
        row("sample_tasks", "lines", list(document.sample_tasks)),
    ]


def wires_of(document: FlowDocument, node: Node) -> list[WireRow]:
    """What a node uses and who uses it, in words."""
    drawing = Drawing(document)
    return [row for edge in document.edges if (row := _wire(drawing, node, edge)) is not None]


def _wire(drawing: Drawing, node: Node, edge: Edge) -> WireRow | None:
    if node.id not in (edge.source, edge.target):
        return None
    incoming = edge.target == node.id
    other = drawing.by_id.get(edge.source if incoming else edge.target)
    if other is None:
        return None
    direction = "in" if incoming else "out"
    words = f"ui.wire.{edge.kind}.barred" if drawing.is_barred(edge) else f"ui.wire.{edge.kind}"
    return {"edge": edge.id, "words": text(f"{words}.{direction}"), "node": other.id, "name": label(other)}


def turns_of(document: FlowDocument, node: Node) -> list[TurnRow]:
    """Who speaks after whom in a team whose turns go round, which model is asked after which; empty for every other node."""
    drawing = Drawing(document)
    if category(node.kind) == "model":
        members = list(drawing.into(node, "model"))
    else:
        members = [member for member in drawing.agents_in(node) if turn(member, drawing) is not None]
    palette = colors(document)

    def moved(node: Node, before: int) -> dict[str, Any]:
        return {"type": "reorder", "id": node.id, "before": members[before].id if before < len(members) else None}

    return [
        {
            "place": at + 1,
            "node": member.id,
            "name": label(member),
            "color": color_of({"kind": member.kind, "color": palette.get(member.id)}),
            "earlier": moved(member, at - 1) if at > 0 else {},
            "later": moved(member, at + 2) if at + 1 < len(members) else {},
        }
        for at, member in enumerate(members)
    ]


def _name_field(node: Node) -> FieldRow:
    return {
        "name": "name",
        "title": text("ui.inspector.name"),
        "help": text("ui.inspector.name_help") if category(node.kind) == "agent" else "",
        "widget": "line",
        "type": "line",
        "value": node.name,
        "default": None,
        "choices": [],
        "placeholder": label(node),
        "advanced": False,
        "nullable": False,
        "required": True,
        "changed": True,
        "error": None,
        "max_length": 200,
    }


def _row(spec: dict[str, Any]) -> FieldRow:
    row: Any = {name: spec.get(name, empty) for name, empty in SENT.items()} | {"required": False}
    return row
