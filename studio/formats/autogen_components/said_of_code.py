"""What AutoGen tells a model about a function, its name and its description, written into the source, where a model reads it here."""

from __future__ import annotations

import ast
import inspect
import keyword
import re

from studio.engine.parsing import parsed
from studio.engine.tools.docstrings import read_docstring

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
"""What a model can call a tool, and what is no secret of the source's."""


def under_name(source: str, was: str, name: str) -> str:
    """The source with its function `was` called `name`; as it is where that name is none for a tool, or means something else in it."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        return source
    tree = _tree(source)
    function = _function(tree, was)
    if tree is None or function is None or _says(tree, name):
        return source
    # The tree counts columns in bytes of UTF-8.
    lines = source.encode().split(b"\n")
    at = [(node.lineno, node.col_offset) for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == was]
    head = re.compile(rb"(?:async\s+)?def\s+").match(lines[function.lineno - 1], function.col_offset)
    if head is None:
        return source
    for line, column in sorted([*at, (function.lineno, head.end())], reverse=True):
        written = lines[line - 1]
        lines[line - 1] = written[:column] + name.encode() + written[column + len(was.encode()) :]
    return b"\n".join(lines).decode()


def with_description(source: str, called: str, description: str) -> tuple[str, bool]:
    """The source with the description as the docstring of its function `called`; and whether another docstring stood there.

    That one becomes a comment.
    """
    wanted = inspect.cleandoc(description)
    function = _function(_tree(source), called)
    if function is None or not wanted.strip():
        return source, False
    own = ast.get_docstring(function)
    if own is not None and any(" ".join(each.split()) == " ".join(wanted.split()) for each in (own, read_docstring(own)[0])):
        return source, False
    first = function.body[0]
    lines = source.split("\n")
    line = lines[first.lineno - 1].encode()
    before = line[: first.col_offset].decode()
    if before.strip():
        # The body stands on the line of the head.
        margin = " " * (function.col_offset + 4)
        lines[first.lineno - 1 : first.lineno] = [before.rstrip(), margin + line[first.col_offset :].decode()]
        return with_description("\n".join(lines), called, description)
    if own is None:
        lines[first.lineno - 1 : first.lineno - 1] = _quoted(wanted, before)
        return "\n".join(lines), False
    end = first.end_lineno or first.lineno
    after = lines[end - 1].encode()[first.end_col_offset or 0 :].decode().strip().removeprefix(";").strip()
    kept = [f"{before}# {each}".rstrip() for each in own.split("\n")]
    lines[first.lineno - 1 : end] = [*_quoted(wanted, before), *kept, *([before + after] if after else [])]
    return "\n".join(lines), True


def _quoted(words: str, margin: str) -> list[str]:
    """A docstring of these words, line by line."""
    if not words.replace("\n", "").isprintable():
        return [margin + repr(words)]
    lines = words.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').split("\n")
    if len(lines) > 1:
        return [f'{margin}"""{lines[0]}', *(f"{margin}{line}".rstrip() for line in lines[1:]), f'{margin}"""']
    closing = '."""' if lines[0].endswith('"') else '"""'
    return [f'{margin}"""{lines[0]}{closing}']


def _tree(source: str) -> ast.Module | None:
    try:
        return parsed(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _function(tree: ast.Module | None, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    body = tree.body if tree is not None else []
    found = [each for each in body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name == name]
    return found[0] if len(found) == 1 else None


def _says(tree: ast.Module, name: str) -> bool:
    """Whether a name is used anywhere in a piece of code."""
    for node in ast.walk(tree):
        own = getattr(node, "id", None) or getattr(node, "name", None) or getattr(node, "arg", None)
        if own == name or (isinstance(node, ast.alias) and (node.asname or node.name.partition(".")[0]) == name):
            return True
        if isinstance(node, ast.Global | ast.Nonlocal) and name in node.names:
            return True
    return False
