"""Arrows that are to say who may not speak, in a team whose way of choosing cannot be told so."""

from __future__ import annotations

from collections.abc import Iterator

from studio.engine.teams.selection import Selection
from studio.flow.checks.problem import Problem, problem
from studio.flow.edits.model import Configure
from studio.flow.held import nested_class
from studio.flow.ports import label
from studio.flow.wires import Drawing
from studio.flow.words import team_chooses


def problems(drawing: Drawing) -> Iterator[Problem]:
    for team in drawing.teams:
        chosen = nested_class(team, "selection")
        if not drawing.excludes(team) or chosen is None or not issubclass(chosen, Selection) or chosen.excludes:
            continue
        repair = Configure(id=team.id, values={"transitions_type": None})
        facts = {"team": label(team), "chooses": team_chooses(team)}
        yield problem("arrows_exclude", "error", [team], field="transitions_type", repair=repair, **facts)
