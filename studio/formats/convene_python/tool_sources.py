"""The functions of a program as the sources of tools: each with the imports, values and functions of the file that it needs."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Mapping
from dataclasses import dataclass

from studio.formats.python_reading.source import Source
from studio.formats.python_text.functions import first_line, name_bound_by

MAX_NEEDED = 500
"""Statements of the file that one tool may need."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A tool's source, and the names that it uses and the file does not say at its top."""

    source: str
    missing: tuple[str, ...]


class Definitions:
    """What the top of a file binds: names and the statements that bind them."""

    def __init__(self, source: Source) -> None:
        self._lines = source.text.split("\n")
        self._statements = source.tree.body
        self._binds: dict[str, int] = {}
        self._imports: dict[str, str] = {}
        self._needs: dict[int, frozenset[str]] = {}
        self.taken: set[int] = set()
        for at, statement in enumerate(self._statements):
            if isinstance(statement, ast.Import | ast.ImportFrom):
                self._imports |= imported(statement)
            elif name := name_bound_by(statement):
                self._binds[name] = at

    def is_function(self, name: str, node: ast.AST) -> bool:
        """Whether a name of the file's top means this function."""
        at = self._binds.get(name)
        return at is not None and self._statements[at] is node

    def spans(self) -> list[tuple[int, int]]:
        """First and last line of everything that a tool took along."""
        return [self._span(at) for at in sorted(self.taken)]

    def take(self, function: str) -> Taken:
        """The source of a tool around a function of the file's top: imports, then what it needs in the order of the file."""
        needed, imports, missing = self._closure(function)
        order = sorted(needed)
        at = self._binds[function]
        if (first := next((each for each in order if _is_public(self._statements[each])), at)) != at:
            # The first public function of a source is the tool.
            order.remove(at)
            order.insert(order.index(first), at)
        self.taken |= needed
        text = "\n".join(imports)
        for index, each in enumerate(order):
            gap = "\n\n\n" if text and (index == 0 or self._is_apart(order[index - 1], each)) else "\n" if text else ""
            text += gap + self._text(each)
        return Taken(text + "\n", missing)

    def take_inner(self, name: str, source: str, constants: Mapping[str, str]) -> Taken:
        """The source of a tool around a function that stands within another one; `constants` are the values that it takes from there."""
        needed, imports, missing = self._closure(*sorted(free_names(source) - {name} - constants.keys()))
        self.taken |= needed
        order = sorted(needed)
        pieces = [self._text(each) for each in order]
        # The first public function of a source is the tool.
        at = next((place for place, each in enumerate(order) if _is_public(self._statements[each])), len(order))
        pieces.insert(at, source.rstrip())
        given = "\n".join(f"{constant} = {value}" for constant, value in constants.items())
        return Taken("\n\n\n".join(piece for piece in ("\n".join(imports), given, *pieces) if piece) + "\n", missing)

    def _closure(self, *wanted: str) -> tuple[set[int], list[str], tuple[str, ...]]:
        needed: set[int] = set()
        imports: dict[str, None] = {}
        missing: dict[str, None] = {}
        waiting = list(wanted)
        while waiting and len(needed) < MAX_NEEDED:
            name = waiting.pop()
            if (at := self._binds.get(name)) is not None:
                if at not in needed:
                    needed.add(at)
                    waiting += sorted(self._free(at))
            elif (line := self._imports.get(name)) is not None:
                imports[line] = None
            elif not hasattr(builtins, name):
                missing[name] = None
        ordered = [line for line in dict.fromkeys(self._imports.values()) if line in imports]
        return needed, ordered, tuple(sorted(missing))

    def _free(self, at: int) -> frozenset[str]:
        """The names that a statement uses and does not bind itself."""
        if at not in self._needs:
            self._needs[at] = frozenset(free_names(self._text(at)))
        return self._needs[at]

    def _is_apart(self, before: int, after: int) -> bool:
        return any(isinstance(self._statements[each], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for each in (before, after))

    def _span(self, at: int) -> tuple[int, int]:
        """The lines of a statement with the comment right above it."""
        statement = self._statements[at]
        first, last = first_line(statement), statement.end_lineno or statement.lineno
        previous = self._statements[at - 1] if at else None
        floor = (previous.end_lineno or previous.lineno) if previous is not None else 0
        while first - 1 > floor and self._lines[first - 2].lstrip().startswith("#"):
            first -= 1
        return first, last

    def _text(self, at: int) -> str:
        first, last = self._span(at)
        return "\n".join(self._lines[first - 1 : last])


def imported(statement: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """The names that an import binds, each with the import of it alone."""
    found: dict[str, str] = {}
    for alias in statement.names:
        if isinstance(statement, ast.Import):
            found[alias.asname or alias.name.partition(".")[0]] = ast.unparse(ast.Import([alias]))
        elif not statement.level and statement.module != "__future__" and alias.name != "*":
            found[alias.asname or alias.name] = ast.unparse(ast.ImportFrom(statement.module, [alias], 0))
    return found


def free_names(statements: str) -> set[str]:
    """The names that statements use from the file around them, their own top names included. Nothing is compiled or run."""
    found: set[str] = set()
    waiting = [symtable.symtable(statements, "tool", "exec")]
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module"):
                found.add(symbol.get_name())
    return found


def _is_public(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and not statement.name.startswith("_")
