"""To whom agents of classic scripts hand over, and when."""

from __future__ import annotations

from typing import Any

from studio.formats.classic_python.read_calls import arguments
from studio.formats.classic_python.read_roles import is_agent, name_of
from studio.formats.python_reading.values import Record


def handoffs_of(record: Record) -> list[tuple[str, str]]:
    """Whom an agent may hand over to, and when: (name, words)."""
    given: list[Any] = []
    for call in record.calls:
        if call.method in ("add_llm_condition", "add_llm_conditions", "register_hand_off", "register_handoff", "register_handoffs"):
            passed: list[tuple[int | str, Any]] = [*enumerate(call.args), *call.kwargs.items()]
            for key, value in passed:
                several = value if isinstance(value, list | tuple) else [value]
                if all(isinstance(each, Record) for each in several):
                    call.take(key)
                given += several
    found: dict[str, str] = {}
    for each in given:
        if isinstance(each, Record) and each.method in ("OnCondition", "ON_CONDITION"):
            said = arguments(each, "OnCondition")
            target = target_of(said.get("target"))
            words = said.get("condition")
            if isinstance(words, Record):
                words = _first(words)
            if target:
                found[target] = str(words) if isinstance(words, str) else ""
    return list(found.items())


def target_of(value: Any) -> str:
    """The name of the agent that a target means; empty for one that is no agent."""
    if isinstance(value, Record) and value.method in ("AgentTarget", "AgentNameTarget", "AfterWork"):
        inner = _first(value)
        return str(inner) if isinstance(inner, str) else target_of(inner)
    return name_of(value) if is_agent(value) else ""


def _first(record: Record) -> Any:
    """The one thing that a call is given."""
    given = arguments(record)
    return given.get(next(iter(given))) if given else None
