"""A program in several files: its tools as modules of a package, and all of it as one text again."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from studio.engine.parsing import parsed
from studio.formats.python_text.formatting import formatted

PACKAGE = "tools"
"""The folder of the modules, beside the program."""

_IMPORTS = (ast.Import, ast.ImportFrom)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Split:
    """`modules` are texts by the name of the module."""

    main: str
    modules: dict[str, str]


@dataclass(slots=True)
class _Part:
    """A top statement: the lines that it covers (from 0, comments above it included), what it binds and what it uses."""

    node: ast.stmt
    first: int
    last: int
    binds: frozenset[str]
    uses: frozenset[str]


@dataclass(slots=True)
class _Module:
    parts: set[int] = field(default_factory=set)
    functions: list[str] = field(default_factory=list)


def split(source: str, functions: Collection[str]) -> Split:
    """The program with these functions in modules of their own, each with what only it needs; functions that share something share one.

    A class is taken as a function is. A function stays in the program when the program uses something of it but the function itself.
    The texts are formatted.
    Raises SyntaxError for a text that is no Python, and FormatterMissing.
    """
    tree = parsed(source)
    parts = list(_parts(tree, source))
    modules = list(_modules(parts, functions))
    if not modules:
        return Split(source, {})
    lines = lines_of(source)
    imports = "".join(_text(lines, part) for part in parts if isinstance(part.node, _IMPORTS))
    written: dict[str, str] = {}
    calls: list[str] = []
    for module in modules:
        name = _module_name(module.functions[0], written)
        body = "".join(_closed_up(_text(lines, parts[index]), index - 1 not in module.parts) for index in sorted(module.parts))
        written[name] = formatted(f"{imports}\n\n{body}")[0]
        calls += [f"from {PACKAGE}.{name} import {function}\n" for function in module.functions]
    gone = set().union(*(module.parts for module in modules))
    kept = "".join(_closed_up(_text(lines, part), index - 1 in gone) for index, part in enumerate(parts) if index not in gone)
    head = _head(parts)
    before = "".join(_text(lines, part) for part in parts[:head])
    after = kept[len(before) :]
    tail = "".join(lines[parts[-1].last + 1 :])
    return Split(formatted(before + "".join(calls) + after + tail)[0], written)


def joined(main: str, modules: Mapping[str, str]) -> str:
    """The program as one text: what it takes from the package of its tools stands where the first of these imports stood.

    Modules that the program does not name are left out. Raises SyntaxError.
    """
    tree = parsed(main)
    lines = lines_of(main)
    wanted: list[str] = []
    place: int | None = None
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").startswith(f"{PACKAGE}."):
            name = (node.module or "").removeprefix(f"{PACKAGE}.")
            if name in modules and not any(alias.asname or alias.name == "*" for alias in node.names):
                wanted += [name] if name not in wanted else []
                place = node.lineno - 1 if place is None else place
                for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                    lines[number] = ""
    if place is None:
        return main
    imports, bodies = [], []
    for name in wanted:
        own, body = _apart(modules[name])
        imports.append(own)
        bodies.append(body)
    last = max((node.end_lineno or node.lineno for node in tree.body if isinstance(node, _IMPORTS)), default=place)
    # Imports stay among imports, so that what stands in the modules finds all that it needs.
    return "".join([*lines[:place], *imports, *lines[place:last], "\n", *bodies, *lines[last:]])


def lines_of(source: str) -> list[str]:
    """The lines of a program with their ends, as Python counts them: a page break or a separator within a text begins none."""
    return io.StringIO(source).readlines()


def _apart(source: str) -> tuple[str, str]:
    """The imports of a module, and the rest of it without its docstring."""
    tree = parsed(source)
    lines = lines_of(source)
    own: list[str] = []
    gone: set[int] = set()
    for index, node in enumerate(tree.body):
        span = range(node.lineno - 1, node.end_lineno or node.lineno)
        is_docstring = (
            index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        )
        if isinstance(node, _IMPORTS):
            if not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
                own.append("".join(lines[number] for number in span))
            gone.update(span)
        elif is_docstring:
            gone.update(span)
    return "".join(own), "\n" + "".join(line for number, line in enumerate(lines) if number not in gone).strip("\n") + "\n\n"


def _modules(parts: list[_Part], functions: Collection[str]) -> Iterable[_Module]:
    """Which top statements go where: those of a function, with all that it needs and nobody else does."""
    owner = {name: index for index, part in enumerate(parts) for name in part.binds if not isinstance(part.node, _IMPORTS)}
    wanted = {
        name: owner[name]
        for name in functions
        if name in owner and isinstance(parts[owner[name]].node, _DEFINITIONS) and not name.startswith("_")
    }
    found = [_Module(_needed(index, parts, owner), [name]) for name, index in sorted(wanted.items(), key=lambda item: item[1])]
    merged: list[_Module] = []
    for module in found:
        for other in [each for each in merged if each.parts & module.parts]:
            merged.remove(other)
            module = _Module(
                module.parts | other.parts, other.functions + [name for name in module.functions if name not in other.functions]
            )
        merged.append(module)
    changed = True
    while changed:
        # What the program itself uses stays in the program, and with it whoever needs it.
        taken = set().union(*(module.parts for module in merged)) if merged else set()
        outside = frozenset().union(*(part.uses for index, part in enumerate(parts) if index not in taken))
        staying = [
            module
            for module in merged
            if any(name in outside for index in module.parts for name in parts[index].binds if name not in module.functions)
            or any(
                len([at for at, part in enumerate(parts) if name in part.binds]) > 1
                for index in module.parts
                for name in parts[index].binds
            )
        ]
        changed = bool(staying)
        merged = [module for module in merged if module not in staying]
    return merged


def _needed(start: int, parts: list[_Part], owner: Mapping[str, int]) -> set[int]:
    found, open_ends = set(), [start]
    while open_ends:
        index = open_ends.pop()
        if index not in found:
            found.add(index)
            open_ends.extend(owner[name] for name in parts[index].uses if name in owner)
    return found


def _parts(tree: ast.Module, source: str) -> Iterable[_Part]:
    """The top statements in their order; comments and blank lines above one belong to it."""
    before = -1
    for node in tree.body:
        last = (node.end_lineno or node.lineno) - 1
        yield _Part(node, before + 1, last, frozenset(_bound(node)), frozenset(_used(node)))
        before = last


def _bound(node: ast.stmt) -> Iterable[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Import() | ast.ImportFrom():
            yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        case _:
            yield from (each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store))


def _used(node: ast.stmt) -> Iterable[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, ast.Global):
            yield from each.names


def _text(lines: list[str], part: _Part) -> str:
    text = "".join(lines[part.first : part.last + 1])
    return text if text.endswith("\n") else text + "\n"


def _closed_up(text: str, is_behind_a_gap: bool) -> str:
    """A statement, with one blank line above it where the one before is gone; formatting adds what a definition wants."""
    return "\n" + text.lstrip("\n") if is_behind_a_gap else text


def _head(parts: list[_Part]) -> int:
    """How many top statements stand at the beginning: docstring and imports."""
    count = 0
    for index, part in enumerate(parts):
        if isinstance(part.node, _IMPORTS) or (index == 0 and isinstance(part.node, ast.Expr)):
            count = index + 1
        else:
            break
    return count


def _module_name(function: str, taken: Collection[str]) -> str:
    """A module is called as its first function, or as its class in small letters; names that differ only in case would be one file on
    some systems."""
    wanted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", function).lower() if function[:1].isupper() else function
    name, number = wanted, 2
    while name.lower() in {each.lower() for each in taken} or not name.isidentifier():
        name, number = f"{wanted}_{number}", number + 1
    return name
