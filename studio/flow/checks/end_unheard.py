"""Agents that may end the conversation where no stop rule hears it, and the rule where no agent may."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import added_below
from studio.flow.document import Node
from studio.flow.edits.model import Configure
from studio.flow.names import named_in
from studio.flow.ports import label, port
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    rules = [rule for rule in drawing.of("condition") if rule.kind == "done"]
    heard = {team for rule in rules for team in drawing.teams_around(rule)}
    for agent in drawing.of("agent"):
        around = _teams(drawing, agent)
        if agent.config.get("may_end") is True and around and not heard & {team.id for team in around}:
            repair = added_below(drawing, [("done", {})], "stop", [around[0]])
            yield problem("end_unheard", "warning", [agent], field="may_end", agent=label(agent), team=label(around[0]), repair=repair)
    for rule in rules:
        within = drawing.teams_around(rule)
        speakers = [agent for agent in drawing.of("agent") if within & {team.id for team in _teams(drawing, agent)}]
        named = {name for _, name in named_in(rule)}
        able = [agent for agent in speakers if port(agent.kind, "tool") is not None and (not named or agent.name.strip() in named)]
        if within and able and not any(agent.config.get("may_end") is True for agent in able):
            told = Configure(id=able[-1].id, values={"may_end": True})
            yield problem("nobody_may_end", "warning", [rule], node=label(rule), agent=label(able[-1]), repair=told)


def _teams(drawing: Drawing, agent: Node) -> list[Node]:
    """The teams that an agent lies in, the innermost first."""
    found, at = [], drawing.team_of(agent)
    while at is not None:
        found.append(at)
        at = drawing.team_of(at)
    return found
