"""What the inspector shows of a node, and of the flow while no node is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from components.field_form import FieldRow
from studio.flow.catalogue.forms import fields
from studio.flow.catalogue.titles import kind_summary, kind_title
from studio.flow.checks.problem import Problem
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.kinds import DRAWN, category, drawn_class
from studio.flow.ports import label
from studio.flow.view import colors, turn
from studio.flow.wires import Drawing
from studio.texts import text
from studio.ui.editor.problems import ProblemRow, problem_rows
from studio.ui.shared.colors import color_of

NAMED = ("agent", "team", "model", "tool")
"""Categories whose nodes people name; a stop rule and a note say what they are by themselves."""


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
    """A member of a team whose turns go round: `earlier` and `later` are the edits that move it by one place, empty at the ends."""

    place: int
    node: str
    name: str
    color: str
    earlier: dict[str, Any]
    later: dict[str, Any]


class NodeForm(TypedDict):
    """The inspector's content. `id` is "" while no single node is chosen."""

    id: str
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
        "kind": node.kind,
        "title": kind_title(found) if found is not None else node.kind,
        "summary": kind_summary(found) if found is not None else text("ui.inspector.unknown"),
        "name": label(node),
        "kinds": [{"value": kind.kind, "title": kind_title(kind)} for kind in DRAWN if category(kind.kind) == own and found is not None],
        "fields": [*names, *rows],
        "wires": wires_of(document, node),
        "turns": turns_of(document, node),
        "problems": problem_rows(document, [each for each in problems if node.id in each.nodes]),
        "agents": [other.name for other in document.nodes if category(other.kind) in ("agent", "team") and other.name],
    }


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
    return [row for edge in document.edges if (row := _wire(document, node, edge)) is not None]


def _wire(document: FlowDocument, node: Node, edge: Edge) -> WireRow | None:
    if node.id not in (edge.source, edge.target):
        return None
    incoming = edge.target == node.id
    other = document.node(edge.source if incoming else edge.target)
    if other is None:
        return None
    direction = "in" if incoming else "out"
    return {"edge": edge.id, "words": text(f"ui.wire.{edge.kind}.{direction}"), "node": other.id, "name": label(other)}


def turns_of(document: FlowDocument, team: Node) -> list[TurnRow]:
    """Who speaks after whom in a team whose turns go round; empty for every other node."""
    drawing = Drawing(document)
    members = [member for member in drawing.agents_in(team) if turn(member, drawing) is not None]
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
    names = ("name", "title", "help", "widget", "type", "value", "default", "choices", "max_length", "placeholder", "advanced", "nullable")
    row: Any = {name: spec[name] for name in names} | {"changed": spec["changed"], "error": spec["error"], "required": False}
    return row
