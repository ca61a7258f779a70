"""Ways to choose a speaker, and filters, that name somebody who is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from studio.engine.events import YOU
from studio.engine.teams.swarm import AfterWork
from studio.flow.checks.problem import Problem, problem
from studio.flow.document import Node
from studio.flow.edits.model import Configure
from studio.flow.held import nested_class, value
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    everybody = {node.name.strip() for node in (*drawing.of("agent"), *drawing.teams)}
    for team in drawing.teams:
        yield from _chosen(drawing, team)
        if team.kind == "filter":
            yield from _heard(team, everybody | {YOU, "user"})


def _chosen(drawing: Drawing, team: Node) -> Iterator[Problem]:
    chosen, held = nested_class(team, "selection"), value(team, "selection")
    if chosen is None or not isinstance(held, Mapping):
        return
    members = {member.name.strip() for member in drawing.agents_in(team)}
    if chosen.kind == "graph":
        start = held.get("start")
        named = [name for name in start if isinstance(name, str)] if isinstance(start, (list, tuple)) else []
        kept: Any = [name for name in named if name in members]
        yield from _named(team, "start", [name for name in named if name not in members], kept or None)
    elif chosen.kind == "swarm":
        first = held.get("first")
        if isinstance(first, str) and first and first not in members:
            yield from _named(team, "first", [first], None)
        for field in ("after", "rules"):
            rows = held.get(field)
            if isinstance(rows, Mapping):
                may = members | set(get_args(AfterWork)) if field == "after" else members
                known = {key: name for key, name in rows.items() if name in may and (field == "rules" or key in members)}
                strangers = [name for key, name in rows.items() if name not in may]
                strangers += [key for key in rows if field == "after" and key not in members]
                yield from _named(team, field, [str(name) for name in strangers], known or None)


def _named(team: Node, field: str, strangers: list[str], kept: Any) -> Iterator[Problem]:
    for name in dict.fromkeys(strangers):
        repair = Configure(id=team.id, values={f"selection.{field}": kept})
        yield problem("names_nobody", "warning", [team], field=f"selection.{field}", node=label(team), name=name, repair=repair)


def _heard(team: Node, everybody: set[str]) -> Iterator[Problem]:
    rows = value(team, "hears")
    heard = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, (list, tuple)) else []
    kept = [dict(row) for row in heard if row.get("source") in everybody]
    for name in dict.fromkeys(str(row.get("source")) for row in heard if row.get("source") not in everybody):
        repair = Configure(id=team.id, values={"hears": kept or None})
        yield problem("names_nobody", "warning", [team], field="hears", node=label(team), name=name, repair=repair)
