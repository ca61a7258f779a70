"""A team that goes by hand-offs, in which nobody can hand over: it is over after the first message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from studio.flow.checks.problem import Problem, problem
from studio.flow.edits.model import Configure, Several
from studio.flow.held import nested_class
from studio.flow.names import named_in
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for team in drawing.teams:
        chosen = nested_class(team, "selection")
        members = drawing.agents_in(team)
        if chosen is None or chosen.kind != "swarm" or len(members) < 2:
            continue
        held = team.config.get("selection")
        said: Mapping[str, Any] = held if isinstance(held, Mapping) else {}
        if said.get("rules") or said.get("after") or said.get("after_work") not in (None, "end"):
            continue
        # A function may hand over as well: what it returns is known only when it runs.
        if any(drawing.tools_of(member) or any(True for _ in named_in(member)) for member in members):
            continue
        names = [member.name.strip() for member in members if member.name.strip()]
        able = [member for member in members if member.kind == "assistant"]
        told = tuple(Configure(id=one.id, values={"handoffs": [name for name in names if name != one.name.strip()]}) for one in able)
        yield problem("silent_swarm", "warning", [team], team=label(team), repair=Several(edits=told[:1000]) if told else None)
