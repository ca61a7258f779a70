"""What an agent of our own exports for Agent Framework hears: a function that leaves out the rest before it speaks."""

from __future__ import annotations

import ast
import re
from typing import Any

from studio.formats.python_reading.values import Function

_NAMED = re.compile(r"What (.+) lets through\.?")
_CUT = re.compile(r"(-?)(\d{1,6})")


def filter_of(hook: Function) -> tuple[str, dict[str, Any]] | None:
    """The name of a filter, and its fields; None for any other function."""
    words = ast.get_docstring(hook.node) if isinstance(hook.node, ast.AsyncFunctionDef) else None
    named = _NAMED.fullmatch(words or "")
    if named is None or not hook.name.startswith("heard_by_"):
        return None
    for statement in ast.walk(hook.node):
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "context.messages":
            parts = [_part(each) for each in _joined(statement.value)]
            if None in parts:
                return None
            hook.taken = True
            hears = [part for part in parts if part]
            return named[1], {"hears": hears, "hears_task": len(hears) < len(parts)}
    return None


def _joined(value: ast.expr) -> list[ast.expr]:
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        return [*_joined(value.left), value.right]
    return [] if isinstance(value, ast.List) else [value]


def _part(value: ast.expr) -> dict[str, Any] | None:
    """Whose messages are heard, and which of them; nothing for the task, None for what is something else."""
    cut: dict[str, Any] = {}
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice):
        first = value.slice.upper
        bound = first or value.slice.lower
        count = _CUT.fullmatch(ast.unparse(bound)) if bound is not None else None
        if count is None or (first is None) is not bool(count[1]):
            return None
        cut = {"count": int(count[2]), **({"position": "first"} if first is not None else {})}
        value = value.value
    match value:
        case ast.ListComp(generators=[ast.comprehension(ifs=[ast.Compare(ops=[ast.Is()])])]):
            return {}
        case ast.ListComp(generators=[ast.comprehension(ifs=[ast.Compare(ops=[ast.Eq()], comparators=[ast.Constant(value=str(name))])])]):
            return {"source": name, **cut}
    return None
