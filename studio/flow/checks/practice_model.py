"""Agents that only play scripted replies: good to know before somebody takes them for a model's."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import listed
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    used = {model.id for agent in drawing.of("agent") if (model := drawing.model_for(agent)) is not None}
    used |= {model.id for team in drawing.teams if (model := drawing.team_model(team)) is not None}
    asked = list(used)
    while asked:
        inner = {node.id for node in drawing.into(drawing.by_id[asked.pop()], "model")} - used
        used |= inner
        asked.extend(inner)
    practice = [node for node in drawing.of("model") if node.kind == "practice" and node.id in used]
    if practice:
        yield problem("practice_model", "hint", practice, names=listed(practice))
