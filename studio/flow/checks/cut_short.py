"""A team in which everybody is to speak once, and that stops before everybody has."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.edits.model import Configure
from studio.flow.held import nested_class, value
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for team in drawing.teams:
        chosen = nested_class(team, "selection")
        members = drawing.agents_in(team)
        if chosen is None or chosen.kind != "sequence":
            continue
        limits = [team, *(rule for rule in drawing.stops_of(team) if rule.kind == "max_turns")]
        for node in limits:
            most = value(node, "max_turns")
            if isinstance(most, int) and 0 < most < len(members):
                repair = Configure(id=node.id, values={"max_turns": len(members)})
                facts = {"team": label(team), "count": most, "member": label(members[most])}
                yield problem("cut_short", "warning", [node], field="max_turns", repair=repair, **facts)
