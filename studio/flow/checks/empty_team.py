"""A team in which nobody is."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import fresh_id, moved_into
from studio.flow.document import MAX_NODES, Node, Position
from studio.flow.edits.model import Add, Edit
from studio.flow.ports import label
from studio.flow.sizes import PADDING, TEAM_HEADER, box_of, up
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for team in drawing.teams:
        if not drawing.agents_in(team):
            yield problem("empty_team", "error", [team], team=label(team), repair=_repair(drawing, team))


def _repair(drawing: Drawing, team: Node) -> Edit | None:
    """Agents that lie loose go into the only team; without any, a new assistant does."""
    if drawing.loose_agents:
        return moved_into(drawing, team, drawing.loose_agents) if len(drawing.teams) == 1 else None
    if len(drawing.nodes) >= MAX_NODES:
        return None
    y = max([up(TEAM_HEADER + 20), *(up(box_of(node, drawing).bottom + PADDING) for node in drawing.inside(team))])
    added = Node(id=fresh_id(drawing, "n", team.id, "assistant"), kind="assistant", position=Position(x=PADDING, y=y), parent=team.id)
    return Add(nodes=(added,))
