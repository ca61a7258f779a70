"""A model, a person or chance is to choose between members, of whom there is one."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.edits.model import Configure
from studio.flow.held import nested_class
from studio.flow.ports import label
from studio.flow.wires import Drawing
from studio.flow.words import team_chooses


def problems(drawing: Drawing) -> Iterator[Problem]:
    for team in drawing.teams:
        chosen = nested_class(team, "selection")
        members = drawing.agents_in(team)
        if len(members) == 1 and chosen is not None and chosen.kind in ("model_choice", "random_choice", "manual"):
            repair = Configure(id=team.id, values={"selection": None})
            facts = {"team": label(team), "agent": label(members[0]), "how": team_chooses(team)}
            yield problem("choice_of_one", "hint", [team], field="selection.kind", repair=repair, **facts)
