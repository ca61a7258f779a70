"""What the canvas draws: the document, its words and its problems as plain JSON, and what changed between two such pictures."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

from studio.flow import words
from studio.flow.catalogue.palette import ports_as_json
from studio.flow.checks.problem import Problem
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.held import nested_class
from studio.flow.kinds import category
from studio.flow.ports import gives, label, takes
from studio.flow.wires import Drawing

COLORS = 8
"""Agent colours that the theme has; a human's is the category's own."""


def graph_view(document: FlowDocument, problems: Iterable[Problem], flow: str = "", rev: int = 0) -> dict[str, Any]:
    """The GraphView of the map. Works on any document; wires without both ends are left out, their problems say so.

    Teams come before what lies in them.
    """
    drawing = Drawing(document)
    marks: dict[str, list[dict[str, str]]] = {}
    for problem in problems:
        for node_id in problem.nodes:
            marks.setdefault(node_id, []).append({"level": problem.level, "text": problem.text})
    palette = colors(document)
    nodes = sorted(drawing.nodes, key=lambda node: (drawing.categories[node.id] != "team", drawing.depth(node)))
    edges = {edge.id: edge for edge in document.edges if edge.source in drawing.by_id and edge.target in drawing.by_id}
    return {
        "flow": flow,
        "rev": rev,
        "nodes": [_node_view(node, drawing, palette, marks.get(node.id, [])) for node in nodes],
        "edges": [_edge_view(edge, drawing) for edge in edges.values()],
    }


def colors(document: FlowDocument) -> dict[str, int | None]:
    """The colour of every agent by node id: 0…7, None for humans.

    An agent keeps its colour when others are added after it, wherever it moves and whatever it is called: its id wishes for one,
    and while there are free ones nobody shares.
    """
    given: dict[str, int | None] = {}
    used = [0] * COLORS
    for node in document.nodes:
        if category(node.kind) != "agent" or node.id in given:
            continue
        if node.kind == "human":
            given[node.id] = None
            continue
        wish = zlib.crc32(node.id.encode()) % COLORS
        color = min(range(COLORS), key=lambda index: (used[index], (index - wish) % COLORS))
        used[color] += 1
        given[node.id] = color
    return given


def turn(node: Node, drawing: Drawing) -> int | None:
    """The place of an agent in the round of its team, from 1; None where turns do not go round."""
    team = drawing.team_of(node)
    if team is None or drawing.categories[node.id] not in ("agent", "team"):
        return None
    selection = nested_class(team, "selection")
    if selection is None or selection.kind != "round_robin":
        return None
    return next((place for place, member in enumerate(drawing.agents_in(team), 1) if member.id == node.id), None)


def order(edge: Edge, drawing: Drawing) -> int | None:
    """In which place, from 1, a model of models asks the model that this wire comes from; None for one that asks no other."""
    if edge.kind != "model" or drawing.categories[edge.target] != "model":
        return None
    models = drawing.into(drawing.by_id[edge.target], "model")
    return next((place for place, model in enumerate(models, 1) if model.id == edge.source), None) if len(models) > 1 else None


def patch(before: dict[str, Any], after: dict[str, Any], seq: int, rev: int) -> dict[str, Any]:
    """The Patch of the map between two graph views: what is new or different, and None for what is gone."""
    return {"seq": seq, "rev": rev, "nodes": _changes(before["nodes"], after["nodes"]), "edges": _changes(before["edges"], after["edges"])}


def _changes(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> dict[str, dict[str, Any] | None]:
    was, now = {item["id"]: item for item in before}, {item["id"]: item for item in after}
    gone: dict[str, dict[str, Any] | None] = {key: None for key in was if key not in now}
    return gone | {key: item for key, item in now.items() if was.get(key) != item}


def _edge_view(edge: Edge, drawing: Drawing) -> dict[str, Any]:
    """`label` is what an arrow of a graph waits for, `join` how it meets others at its end; `config` is what a copy takes along.

    `order` is the place of a model among those that a model of models asks; `barred` that who is at the end may not speak next.
    """
    return {
        "id": edge.id,
        "kind": edge.kind,
        "source": edge.source,
        "target": edge.target,
        "label": words.arrow(edge),
        "join": words.join(edge, drawing),
        "order": order(edge, drawing),
        "barred": drawing.is_barred(edge),
        "config": edge.config,
    }


def _node_view(node: Node, drawing: Drawing, palette: dict[str, int | None], problems: list[dict[str, str]]) -> dict[str, Any]:
    team = drawing.team_of(node)
    note = node.config.get("text") if node.kind == "note" else None
    return {
        "id": node.id,
        "kind": node.kind,
        "category": drawing.categories[node.id],
        "name": label(node),
        "title": words.title(node),
        "line": words.line(node, drawing),
        "chips": words.chips(node, drawing),
        "color": palette.get(node.id),
        "turn": turn(node, drawing),
        "x": node.position.x,
        "y": node.position.y,
        "width": node.size.width if node.size is not None else None,
        "height": node.size.height if node.size is not None else None,
        "parent": team.id if team is not None else None,
        "gives": gives(node.kind, member=drawing.joins_in(node)),
        "takes": ports_as_json(takes(node.kind)),
        "text": note if isinstance(note, str) else "",
        "config": node.config,
        "problems": problems,
    }
