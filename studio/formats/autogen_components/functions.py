"""Our Python tools as AutoGen's FunctionTool: its imports apart, its function first. Read with `ast`, never run."""

from __future__ import annotations

import ast
from typing import Any

from studio.engine.errors import FlowError
from studio.engine.parsing import parsed
from studio.engine.tools.schema import schema_of_source


def function_tool(source: str) -> dict[str, Any] | None:
    """The fields of a FunctionTool; None when there is no usable function in the source, or one that only our own engine can call.

    AutoGen calls the first function that the text names, so the one that is the tool comes first; what it uses follows.
    """
    try:
        schema = schema_of_source(source)
        tree = parsed(source)
    except (FlowError, SyntaxError, ValueError, RecursionError):
        return None
    imports: list[str | dict[str, Any]] = []
    main: list[str] = []
    rest: list[str] = []
    before: list[str] = []
    lines = source.split("\n")
    for item in tree.body:
        piece = _lines_of(lines, item)
        if isinstance(item, ast.Import | ast.ImportFrom) and (known := _import(item)) is not None:
            imports.extend(known)
        elif isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name == schema.name:
            main.append(piece)
        elif isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            rest.append(piece)
        else:
            before.append(piece)
    code = "\n\n\n".join(["\n".join(before)] * bool(before) + main + rest) + "\n"
    if _first_function(code) != schema.name or any(_module(each).partition(".")[0] == "studio" for each in imports):
        return None
    return {
        "source_code": code,
        "name": schema.name,
        "description": schema.description,
        "global_imports": imports,
        "has_cancellation_support": False,
    }


def _import(item: ast.Import | ast.ImportFrom) -> list[str | dict[str, Any]] | None:
    """An import as `global_imports` writes it; None for what it cannot write."""
    if isinstance(item, ast.Import):
        plain = [alias.name for alias in item.names if alias.asname is None]
        return [*plain] if len(plain) == len(item.names) else None
    if item.level or item.module is None or item.module == "__future__" or any(alias.asname or alias.name == "*" for alias in item.names):
        return None
    return [{"module": item.module, "imports": [alias.name for alias in item.names]}]


def _module(imported: str | dict[str, Any]) -> str:
    return imported if isinstance(imported, str) else str(imported["module"])


def _lines_of(lines: list[str], item: ast.stmt) -> str:
    decorators = getattr(item, "decorator_list", [])
    first = min([item.lineno, *(decorator.lineno for decorator in decorators)])
    return "\n".join(lines[first - 1 : item.end_lineno])


def _first_function(code: str) -> str:
    """The function that AutoGen will call: the name after the first `def `."""
    _, _, after = code.partition("def ")
    return after.partition("(")[0].strip()
