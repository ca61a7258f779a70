"""A team that is to follow arrows, of which there are none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import wire
from studio.flow.edits.model import Connect, Several
from studio.flow.held import nested_class
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for team in drawing.teams:
        chosen = nested_class(team, "selection")
        members = drawing.agents_in(team)
        if chosen is None or chosen.kind not in ("follow_edges", "graph") or len(members) < 2 or drawing.speaks(team):
            continue
        key = "no_arrows.graph" if chosen.kind == "graph" else "no_arrows"
        chain = tuple(Connect(edge=wire(drawing, "speaks", one.id, other.id)) for one, other in pairwise(members))
        yield problem(key, "warning", [team], team=label(team), repair=Several(edits=chain[:1000]))
