"""Guards that never look at anything: of a team that speaks in no other one, or that would ask a model where there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import connected
from studio.flow.edits.model import Configure
from studio.flow.held import value
from studio.flow.ports import label, needs_model
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for node in drawing.nodes:
        rows = value(node, "guards")
        if not isinstance(rows, list | tuple) or not rows:
            continue
        is_team = drawing.categories[node.id] == "team"
        around = drawing.team_of(node)
        if is_team and around is None:
            repair = Configure(id=node.id, values={"guards": None})
            yield problem("guards_idle", "warning", [node], field="guards", team=label(node), repair=repair)
        elif not needs_model(node.kind) and any(isinstance(row, Mapping) and row.get("how") == "model" for row in rows):
            model = (drawing.team_model(node) if is_team else None) or drawing.model_for(node)
            if model is None:
                there = next(iter(drawing.of("model")), None)
                wire = connected(drawing, "model", there, [around]) if there is not None and around is not None else None
                yield problem("guards_unasked", "error", [node], field="guards", node=label(node), repair=wire)
