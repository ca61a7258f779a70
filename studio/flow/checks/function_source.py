"""Functions and classes that answer, choose or stop, whose Python is none: read with `ast`, never run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from studio.engine.own_class import check_answers
from studio.engine.tools.schema import check_source
from studio.flow.checks.problem import Problem, problem
from studio.flow.document import Node
from studio.flow.edits.model import Configure
from studio.flow.held import nested_class, value
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for node in drawing.nodes:
        field, source = _function(node)
        if not isinstance(source, str):
            continue
        mistakes = check_answers(source) if node.kind == "python_agent" else check_source(source)
        mistake = next((each for each in mistakes if each.level == "error"), None)
        if mistake is not None:
            repair = Configure(id=node.id, values={field: None})
            facts = {"node": label(node), "line": mistake.line, "sentence": mistake.text}
            yield problem("function_source", "error", [node], field=field, repair=repair, **facts)


def _function(node: Node) -> tuple[str, Any]:
    """The field of a node that holds a function of its own, and what is in it."""
    if node.kind in ("python_agent", "function_rule"):
        return "source", value(node, "source")
    if node.kind == "chat" and value(node, "summarised") == "function":
        return "summary_source", value(node, "summary_source")
    chosen = nested_class(node, "selection")
    if chosen is not None and chosen.kind == "function_choice":
        held = value(node, "selection")
        return "selection.source", held.get("source") if isinstance(held, Mapping) else None
    return "", None
