"""Agents without a name."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import agent_names
from studio.flow.edits.model import Rename
from studio.flow.names import default_name, unique_name
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for agent in drawing.of("agent"):
        if not agent.name.strip():
            name = unique_name(default_name(agent.kind), agent_names(drawing))
            yield problem("name_missing", "error", [agent], field="name", what=label(agent), repair=Rename(id=agent.id, name=name))
