"""Somebody runs code, but nobody in the team writes any."""

from __future__ import annotations

from collections.abc import Iterator

from studio.engine.agents.python_agent import PythonAgent
from studio.flow.checks.problem import Problem, problem
from studio.flow.document import Node
from studio.flow.held import nested_class, value
from studio.flow.ports import label, needs_model
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for team in drawing.teams:
        members = drawing.agents_in(team)
        for runner in members:
            if runner.kind == PythonAgent.kind or nested_class(runner, "executor") is None or drawing.own_model(runner) is not None:
                continue
            others = [agent for agent in members if agent is not runner]
            writes = any(needs_model(agent.kind) or drawing.own_model(agent) is not None or _writes(agent) for agent in others)
            if not writes:
                yield problem("code_nobody_writes", "warning", [runner], agent=label(runner), team=label(team))


def _writes(agent: Node) -> bool:
    return agent.kind == PythonAgent.kind or (agent.kind == "human" and value(agent, "input_mode") != "never")
