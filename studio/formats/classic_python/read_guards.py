"""Guards of AG2's agents: what is looked at in what they hear and say, and who takes over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio.engine.guards import Guard
from studio.formats.classic_python.read_calls import arguments
from studio.formats.foreign_script.reading import ScriptReading
from studio.formats.python_reading.values import Record, plain

_REGISTERS = {
    "register_input_guardrail": "heard",
    "register_input_guardrails": "heard",
    "register_output_guardrail": "said",
    "register_output_guardrails": "said",
}
_HOW = {"RegexGuardrail": "pattern", "LLMGuardrail": "model"}


def guards_of(reading: ScriptReading, agent: Record, name: str, agent_in: Callable[[Any], str]) -> list[dict[str, Any]]:
    """The rows of an assistant's guards; what has no counterpart is told. `agent_in` gives the name of the agent that a target means."""
    rows: list[dict[str, Any]] = []
    for call in agent.calls:
        looks_at = _REGISTERS.get(call.method)
        if looks_at is None:
            continue
        call.take(*range(len(call.args)), *call.kwargs)
        for value in (*call.args, *call.kwargs.values()):
            for each in value if isinstance(value, list | tuple) else [value]:
                row = _row(reading, each, looks_at, name, agent_in) if isinstance(each, Record) else None
                if row is not None:
                    rows.append(row)
                else:
                    reading.tell("decision", "guard_lost", each.spot if isinstance(each, Record) else call.spot, name=name)
    return rows


def _row(reading: ScriptReading, guard: Record, looks_at: str, name: str, agent_in: Callable[[Any], str]) -> dict[str, Any] | None:
    how = _HOW.get(guard.method)
    if how is None:
        return None
    given = arguments(guard)
    condition, message, target = plain(given.get("condition")), plain(given.get("activation_message")), given.get("target")
    guard.take("name", *(("llm_config",) if how == "model" else ()))
    if not isinstance(condition, str) or not condition.strip():
        return None
    row: dict[str, Any] = {"looks_at": looks_at, "how": how, "what": condition if how == "pattern" else f"Is this so: {condition}"}
    if isinstance(message, str) and message:
        row["message"] = message
    if hand_to := agent_in(target):
        row["hand_to"] = hand_to
    elif target is not None:
        reading.tell("approximated", "guard_target", guard.spot, name=name)
    try:
        Guard(**row)
    except ValueError:
        return None
    reading.tell("approximated", "guard_pattern" if how == "pattern" else "guard_model", guard.spot, name=name)
    return row
