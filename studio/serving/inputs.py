"""What a flow takes from guests: one task, as a JSON schema made of the flow itself, and the check against it."""

from __future__ import annotations

from functools import cache
from typing import Any

from studio.flow.document import FlowDocument
from studio.serving.errors import GuestRefused

MAX_TASK = 100_000
"""Characters of a guest's task or answer."""


def input_schema(document: FlowDocument) -> dict[str, Any]:
    """The JSON schema of what starts a run of this flow."""
    task: dict[str, Any] = {
        "type": "string",
        "title": "Task",
        "description": document.description or f"What {document.name} is to do.",
        "minLength": 1,
        "maxLength": MAX_TASK,
        "pattern": r"\S",
    }
    if document.sample_tasks:
        task["examples"] = list(document.sample_tasks[:5])
    return {"type": "object", "properties": {"task": task}, "required": ["task"], "additionalProperties": False}


def check_input(document: FlowDocument, value: dict[str, Any]) -> str:
    """The task in what a guest gave. Raises GuestRefused, which names what does not fit."""
    schema = input_schema(document)
    mistake = next(iter(_validator()(schema).iter_errors(value)), None)
    if mistake is not None:
        where = ".".join(str(part) for part in mistake.absolute_path) or "body"
        raise GuestRefused("input", where=where, what=_in_words(mistake))
    return str(value["task"])


def _in_words(mistake: Any) -> str:
    """The words of a mistake, without the whole text that made it."""
    words = {"minLength": "it is empty", "pattern": "it is empty", "maxLength": f"it is longer than {MAX_TASK:,} characters"}
    return words.get(mistake.validator, str(mistake.message)[:200])


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator
