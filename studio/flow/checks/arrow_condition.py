"""Arrows whose condition cannot be read, and conditions that nobody asks for since their team is no graph."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.catalogue.wire_forms import ARROW
from studio.flow.checks.problem import Problem, problem
from studio.flow.edits.model import Arrow, Configure
from studio.flow.held import nested_class
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for edge in drawing.document.edges:
        source, target = drawing.by_id.get(edge.source), drawing.by_id.get(edge.target)
        team = drawing.team_of(target) if target is not None else None
        if edge.kind != "speaks" or not edge.config or source is None or target is None or team is None:
            continue
        chosen = nested_class(team, "selection")
        facts = {"source": label(source), "target": label(target)}
        if chosen is None or chosen.kind != "graph":
            repair = Configure(id=team.id, values={"selection": {"kind": "graph"}})
            yield problem("arrow_without_graph", "warning", [source, target, team], team=label(team), repair=repair, **facts)
            continue
        mistakes = ARROW.mistakes(edge.config)
        if mistakes:
            cleared = Arrow(id=edge.id, values=dict.fromkeys(mistakes) | ({"how": None} if "condition" in mistakes else {}))
            sentence = next(iter(mistakes.values()))
            yield problem("arrow_condition", "error", [source, target], field="condition", sentence=sentence, repair=cleared, **facts)
