"""A rule that counts, above the team's own limit of turns: the run ends before the rule is reached."""

from __future__ import annotations

from collections.abc import Iterator

from studio.engine.teams.team import MOST_TURNS
from studio.flow.checks.problem import Level, Problem, problem
from studio.flow.edits.model import Configure
from studio.flow.ports import label
from studio.flow.turn_limit import needed, own_limit
from studio.flow.wires import Drawing
from studio.flow.words import team_rules


def problems(drawing: Drawing) -> Iterator[Problem]:
    for team in drawing.teams:
        most, turns = own_limit(team, drawing), needed(team, drawing)
        if most is None or turns is None:
            continue
        repair = Configure(id=team.id, values={"max_turns": turns}) if turns <= MOST_TURNS else None
        level: Level = "hint" if "max_turns" in team.config else "warning"
        facts = {"team": label(team), "count": most, "rules": team_rules(team, drawing)}
        yield problem("limit_first", level, [team], field="max_turns", repair=repair, **facts)
