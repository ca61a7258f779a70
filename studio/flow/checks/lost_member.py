"""Nodes that lie in something that is no team, or is not there."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.edits.model import Move, Moved
from studio.flow.ports import label
from studio.flow.wellformed import MAX_COORDINATE
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for node in drawing.nodes:
        if node.parent is not None and drawing.team_of(node) is None:
            drawable = abs(node.position.x) <= MAX_COORDINATE and abs(node.position.y) <= MAX_COORDINATE
            x, y = (node.position.x, node.position.y) if drawable else (0.0, 0.0)
            repair = Move(moves=(Moved(id=node.id, x=x, y=y, parent=None),))
            yield problem("lost_member", "warning", [node], node=label(node), repair=repair)
