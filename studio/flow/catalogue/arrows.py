"""The form of an arrow of a graph: when it is taken, and how it meets others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from studio.engine.expressions import ExpressionError, parse
from studio.engine.teams.graph import GraphEdge
from studio.flow.catalogue.columns import columns
from studio.texts import text

ENDS = ("source", "target", "test")
"""Fields of an arrow that the drawing gives, or only a script can."""


def arrow_fields(config: Mapping[str, Any], joins: bool) -> list[dict[str, Any]]:
    """The fields of an arrow with what it holds and what is wrong with it. `joins`: whether several arrows meet at its end."""
    wrong = arrow_mistakes(config)
    specs = []
    for column in columns(GraphEdge, "arrow", leave_out=ENDS):
        name, value = column["name"], config.get(column["name"], column["default"])
        changed = name in config and value != column["default"]
        if name == "condition" and config.get("how") == "otherwise" and not changed:
            continue
        if name in ("join", "group") and not joins and not changed:
            continue
        specs.append(
            {
                **column,
                "widget": column["type"],
                "value": value,
                "advanced": name == "group",
                "changed": changed,
                "error": wrong.get(name),
                "help": _condition_help(config) if name == "condition" else column["help"],
            }
        )
    return specs


def arrow_mistakes(config: Mapping[str, Any]) -> dict[str, str]:
    """{field: sentence} of what cannot be read in an arrow. Nothing in it is executed."""
    condition, how = config.get("condition", ""), config.get("how", "contains")
    found: dict[str, str] = {}
    for column in columns(GraphEdge, "arrow", leave_out=ENDS):
        value = config.get(column["name"], column["default"])
        known = [choice["value"] for choice in column["choices"]]
        if known and value not in known:
            found[column["name"]] = text("invalid.kind", kind=str(value)[:80])
        elif not known and not isinstance(value, str):
            found[column["name"]] = text("invalid.string_type")
    if isinstance(condition, str) and condition and (why := unreadable(condition, str(how))) is not None:
        found["condition"] = why
    return found


def unreadable(condition: str, how: str) -> str | None:
    """Why a condition cannot be read, as a sentence; None when it can."""
    try:
        if how == "expression":
            parse(condition)
        elif how == "regex":
            re.compile(condition)
    except ExpressionError as error:
        return error.sentence.removeprefix("condition: ")
    except (re.error, RecursionError, OverflowError) as error:
        return text("invalid.pattern", why=str(error))
    return None


def _condition_help(config: Mapping[str, Any]) -> str:
    how = config.get("how", "contains")
    return text(f"field.arrow.condition.help.{how}") if how in ("contains", "equals", "regex", "expression") else ""
