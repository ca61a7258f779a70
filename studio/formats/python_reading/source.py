"""The text of a script: parsed within bounds, and where in it each piece stands."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from studio.engine.parsing import parsed
from studio.flow.findings import ForeignFileError
from studio.texts import text

MAX_SOURCE = 500_000
"""Characters of one script, or of all cells of a notebook."""

MAX_NESTED = 90
"""Brackets within brackets, and blocks within blocks. Python's own parser gives up at about 200 and 100."""

MAX_TREE_DEPTH = 150
MAX_TREE = 200_000
"""Pieces of syntax in one script."""

_MARK = re.compile(
    r"#[^\n]*"
    # A text that has no end goes on to that of the file, or of the line: whatever stands in it is looked at once.
    r"|\"\"\"(?:[^\\]|\\.?)*?(?:\"\"\"|\Z)|'''(?:[^\\]|\\.?)*?(?:'''|\Z)"
    r"|\"(?:[^\"\\\n]|\\.?)*+\"?|'(?:[^'\\\n]|\\.?)*+'?"
    r"|[()\[\]{}]"
    # The parser puts the names of an import together anew at every dot.
    r"|(?<!\w)(?:\w++[\s\\]*+\.[\s\\]*+){200}",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a piece of a script stands: its lines, from 1, and its characters from `start` up to `end`."""

    line: int
    end_line: int
    start: int
    end: int


class Source:
    """A script's text and its syntax tree."""

    def __init__(self, content: str) -> None:
        """Raises ForeignFileError with the line of the mistake when it is no Python, or out of bounds."""
        self.text = content.replace("\r\n", "\n").replace("\r", "\n")
        self.tree = _parsed(self.text)
        self._lines = self.text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def spot(self, node: ast.AST) -> Spot:
        """Where a node of the tree stands; a function or a class begins with its decorators."""
        decorators = getattr(node, "decorator_list", [])
        line: int = getattr(node, "lineno", 1)
        end_line: int = getattr(node, "end_lineno", None) or line
        first: int = min((each.lineno for each in decorators), default=line)
        start = self._starts[first - 1] if decorators else self._offset(line, getattr(node, "col_offset", 0))
        return Spot(first, end_line, start, self._offset(end_line, getattr(node, "end_col_offset", None) or 0))

    def piece(self, node: ast.AST) -> str:
        """The text of a node as it stands; that of a function or a class with its decorators, moved to the left margin."""
        spot = self.spot(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return _dedented(self._lines[spot.line - 1 : spot.end_line])
        return self.text[spot.start : spot.end]

    def _offset(self, line: int, column: int) -> int:
        # The tree counts columns in bytes of UTF-8.
        written = self._lines[line - 1] if line <= len(self._lines) else ""
        inside = column if written.isascii() else len(written.encode()[:column].decode(errors="ignore"))
        return self._starts[line - 1] + inside


def _dedented(lines: list[str]) -> str:
    margin = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[margin:] if not line[:margin].strip() else line for line in lines).rstrip() + "\n"


def _parsed(source: str) -> ast.Module:
    if len(source) > MAX_SOURCE:
        raise ForeignFileError(text("python.large", limit=f"{MAX_SOURCE:,}"))
    if "\x00" in source:
        where = text("python.line", line=source[: source.index("\x00")].count("\n") + 1)
        raise ForeignFileError(text("python.no_text", where=where), where)
    _check_nesting(source)
    try:
        tree = parsed(source)
    except SyntaxError as mistake:
        where = text("python.line", line=mistake.lineno or 1)
        raise ForeignFileError(text("python.no_python", where=where, why=mistake.msg), where, text("python.no_python.remedy")) from None
    except (RecursionError, MemoryError):
        raise ForeignFileError(text("python.deep")) from None
    except ValueError as mistake:
        raise ForeignFileError(text("python.no_python", where=text("bounds.file"), why=str(mistake))) from None
    _check_tree(tree)
    return tree


def _check_nesting(source: str) -> None:
    """Refuses what could exhaust the parser, before it sees it."""
    depth = 0
    for token in _MARK.finditer(source):
        mark = token.group()
        dots = mark[0].isalnum() or mark[0] == "_"
        if dots or mark in "([{":
            depth += 1
            if dots or depth > MAX_NESTED:
                where = text("python.line", line=source.count("\n", 0, token.start()) + 1)
                raise ForeignFileError(text("python.deep"), where)
        elif mark in ")]}":
            depth = max(0, depth - 1)


def _check_tree(tree: ast.AST) -> None:
    """Walks without recursion: a tree that is too deep or too large could not be read in bounded time."""
    level: list[ast.AST] = [tree]
    count = depth = 0
    while level:
        depth += 1
        count += len(level)
        if depth > MAX_TREE_DEPTH or count > MAX_TREE:
            raise ForeignFileError(text("python.deep" if depth > MAX_TREE_DEPTH else "python.large", limit=f"{MAX_TREE:,}"))
        level = [inner for node in level for inner in ast.iter_child_nodes(node)]
