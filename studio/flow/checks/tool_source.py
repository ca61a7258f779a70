"""Tools whose Python is no usable function: read with `ast`, never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from studio.flow.checks.problem import Problem, problem
from studio.flow.ports import label
from studio.flow.wires import Drawing
from studio.flow.words import value
from studio.texts import text


def problems(drawing: Drawing) -> Iterator[Problem]:
    for tool in drawing.of("tool"):
        source = value(tool, "source")
        if not isinstance(source, str):
            continue
        mistake = source_mistake(source)
        if mistake is not None:
            yield problem("tool_source", "error", [tool], field="source", tool=label(tool), sentence=mistake)


@lru_cache(maxsize=512)
def source_mistake(source: str) -> str | None:
    """What is wrong with a tool's source as a sentence; None when it can be used."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        return text("check.tool_source.syntax", line=error.lineno or 1, why=error.msg)
    except (ValueError, RecursionError, MemoryError):
        return text("check.tool_source.unreadable")
    if not any(isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) for item in tree.body):
        return text("check.tool_source.no_function")
    return None
