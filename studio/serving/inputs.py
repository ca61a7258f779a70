"""What a flow takes from guests: one task, as a JSON schema made of the flow itself, and the check against it."""

from __future__ import annotations

from functools import cache
from typing import Any

from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument
from studio.flow.resolve import resolve
from studio.runs.tasks import needs_task
from studio.serving.errors import GuestRefused
from studio.texts import text

MAX_TASK = 100_000
"""Characters of a guest's task or answer."""


def input_schema(document: FlowDocument) -> dict[str, Any]:
    """The JSON schema of what starts a run of this flow."""
    task: dict[str, Any] = {
        "type": "string",
        "title": text("guest.task.title"),
        "description": document.description or text("guest.task.about", flow=document.name),
        "maxLength": MAX_TASK,
    }
    if _needs_task(document):
        task |= {"minLength": 1, "pattern": r"\S"}
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


def _needs_task(document: FlowDocument) -> bool:
    """As a run of it would say; a flow that cannot run says what it lacks when it is started."""
    try:
        return needs_task(resolve(document))
    except ConveneError:
        return True


def _in_words(mistake: Any) -> str:
    """The words of a mistake, without the whole text that made it."""
    if mistake.validator in ("minLength", "pattern"):
        return text("guest.input.empty")
    return text("guest.input.too_long", count=f"{MAX_TASK:,}") if mistake.validator == "maxLength" else str(mistake.message)[:200]


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator
