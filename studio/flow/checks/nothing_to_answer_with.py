"""People who are to choose, or to fill in a form, and are given nothing to choose from or to fill in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from studio.flow.checks.problem import Problem, problem
from studio.flow.edits.model import Configure
from studio.flow.held import value
from studio.flow.ports import label
from studio.flow.wires import Drawing
from studio.texts import text


def problems(drawing: Drawing) -> Iterator[Problem]:
    for node in drawing.of("agent"):
        if node.kind != "human" or value(node, "input_mode") == "never":
            continue
        form = value(node, "form")
        if form == "choice" and not _has_choices(value(node, "choices")):
            repair = Configure(id=node.id, values={"choices": [text("check.sample.yes"), text("check.sample.no")]})
            yield problem("nothing_to_answer_with.choice", "warning", [node], field="choices", repair=repair, node=label(node))
        elif form == "form" and not _has_fields(value(node, "fields")):
            repair = Configure(id=node.id, values={"fields": _one_field()})
            yield problem("nothing_to_answer_with.form", "warning", [node], field="fields", repair=repair, node=label(node))


def _has_choices(choices: Any) -> bool:
    return not isinstance(choices, list | tuple) or any(str(choice).strip() for choice in choices)


def _has_fields(schema: Any) -> bool:
    """Whether a form asks for something. What is no schema at all is a bad field, which is another problem."""
    if schema is None:
        return False
    return not isinstance(schema, Mapping) or bool(schema.get("properties")) or "$ref" in schema


def _one_field() -> dict[str, Any]:
    answer = {"type": "string", "title": text("check.sample.answer")}
    return {"type": "object", "properties": {"answer": answer}, "required": ["answer"]}
