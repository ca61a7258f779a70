"""Functions of which a framework's decorator makes more than a tool: steps of a workflow, whole workflows, executors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studio.formats.foreign_script.functions import is_framework
from studio.formats.foreign_script.reading import ScriptReading
from studio.formats.foreign_script.spans import Spans
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Function, Imported, Record

MAX_KEPT = 60
"""Decorated functions that are kept."""

_TOOLS = frozenset(("tool", "ai_function"))
"""Decorators that make a tool of a function: one that nobody has is part of nothing."""


def keep_decorated(script: Script, readings: Sequence[ScriptReading]) -> None:
    """Functions that a framework's decorator makes something of its own, a step of a workflow for instance, are kept with their source."""
    drawn = Spans((start, end) for reading in readings for start, end, _ in reading.drawn_at())
    kept = 0
    for function in script.functions:
        made = next((name for each in function.decorators if (name := maker(each))), "")
        if made and not function.taken and not drawn.hold(function.spot.start, function.spot.start + 1):
            if kept == MAX_KEPT:
                readings[0].tell("decision", "more_kept", function.spot, remedy=True)
                return
            kept += 1
            function.taken = True
            readings[0].keep(made, function.spot, what=function.name)


def maker(decorator: Any) -> str:
    """The name of a framework's decorator that makes more of a function than a tool; empty for every other."""
    path = decorator.path if isinstance(decorator, Imported) else ""
    if isinstance(decorator, Record) and decorator.of is None and decorator.definition is None:
        path = decorator.callee
    name = path.rpartition(".")[2]
    return "" if not is_framework(path) or name in _TOOLS or name.endswith("middleware") else name


def called_on(record: Record) -> Function | None:
    """The function of which a decorator made something that is called by a method: it stands before the arguments."""
    first = record.args[0] if record.args and record.callee.startswith("function.") else None
    return first if isinstance(first, Function) else None
