"""An agent that a model speaks for and that is called as the person in front of the screen: it would take the task for its own words."""

from __future__ import annotations

from collections.abc import Iterator

from studio.engine.events import YOU
from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import agent_names
from studio.flow.edits.model import Rename
from studio.flow.names import default_name, unique_name
from studio.flow.ports import port
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for agent in drawing.of("agent"):
        if agent.name.strip().casefold() == YOU and port(agent.kind, "model") is not None:
            name = unique_name(default_name(agent.kind), agent_names(drawing))
            yield problem("name_reserved", "warning", [agent], field="name", name=agent.name.strip(), repair=Rename(id=agent.id, name=name))
