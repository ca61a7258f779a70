"""Python tools as functions of the file: their imports at its top, their definitions where a person would write them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from studio.engine.parsing import parsed
from studio.engine.tools.hints import UnknownHint, schema_of_node


@dataclass(frozen=True, slots=True)
class Part:
    """A statement of a tool: its text, the name that it binds, and what tells two bindings of that name apart."""

    text: str
    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Functions:
    """A source taken apart: its function, its imports, its definitions in order."""

    function: str
    imports: tuple[Part, ...]
    definitions: tuple[Part, ...]


_ALIKE = frozenset(f"from typing import {name}" for name in ("Annotated", "Any", "Literal"))
"""Imports that mean in every program what they mean in a tool."""


@dataclass(slots=True)
class Module:
    """What the functions of one file have brought into it so far. `reserved` names mean something else there."""

    reserved: frozenset[str]
    imports: list[str] = field(default_factory=list)
    meanings: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        return set(self.meanings)

    def take(self, functions: Functions) -> list[Part] | None:
        """Add a tool's statements. Gives the definitions that are new, or None when two meanings of one name would meet."""
        parts = (*functions.imports, *functions.definitions)
        reserved = {part.name for part in parts if part.meaning not in _ALIKE} & self.reserved
        if reserved or any(self.meanings.get(part.name, part.meaning) != part.meaning for part in parts):
            return None
        new = [part for part in functions.definitions if part.name not in self.meanings]
        self.imports += [part.text for part in functions.imports if part.text not in self.imports]
        self.meanings |= {part.name: part.meaning for part in parts}
        return new


def functions_of(source: str) -> Functions | None:
    """The source as parts of a file, or None when that would change what it does.

    It would where something happens at import, where a name is bound twice, and where a function keeps something for its next
    call: a tool that is text starts afresh each time.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    try:
        tree = parsed(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    lines = source.split("\n")
    imports: list[Part] = []
    definitions: list[Part] = []
    previous_end = 0
    for position, statement in enumerate(tree.body):
        start, end = first_line(statement), statement.end_lineno or statement.lineno
        name = name_bound_by(statement)
        if start <= previous_end:
            return None
        if isinstance(statement, ast.Import | ast.ImportFrom):
            imports += _imports(statement)
        elif name:
            text = "\n".join(lines[_comment_above(lines, previous_end, start) - 1 : end])
            definitions.append(Part(text, name, ast.dump(statement)))
        elif not (position == 0 and _is_docstring(statement)):
            return None
        previous_end = end
    bound = {part.name: part.meaning for part in imports}
    if any(bound[part.name] != part.meaning for part in imports) or "" in bound or "*" in bound:
        return None
    names = [part.name for part in definitions]
    tool = next((each for each in tree.body if _is_public_function(each)), None)
    if tool is None or len(set(names)) < len(names) or bound.keys() & set(names) or _keeps_state(tree, set(names)):
        return None
    if not _reads_alike(tool):
        return None
    return Functions(name_bound_by(tool), tuple(imports), tuple(definitions))


def with_hints(source: str) -> str:
    """A source with a hint for each parameter of its function: AutoGen refuses those without one, and Agent Framework takes them for text.

    Unchanged where every parameter has one, or where it cannot be read.
    """
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    try:
        tree = parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source
    tool = next(
        (each for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and _is_public_function(each)), None
    )
    if tool is None:
        return source
    positional = [*tool.args.posonlyargs, *tool.args.args]
    defaults = [*[None] * (len(positional) - len(tool.args.defaults)), *tool.args.defaults, *tool.args.kw_defaults]
    bare = [each for each in zip([*positional, *tool.args.kwonlyargs], defaults, strict=True) if each[0].annotation is None]
    if not bare:
        return source
    lines = text.encode().split(b"\n")
    for parameter, default in reversed(bare):
        row, start = (parameter.end_lineno or parameter.lineno) - 1, parameter.end_col_offset or 0
        after = lines[row][start:]
        if default is not None:
            after = re.sub(rb"^\s*=\s*", b" = ", after)
        lines[row] = lines[row][:start] + b": Any" + after
    first = tree.body[0]
    lines.insert(first.end_lineno or first.lineno if _is_docstring(first) else 0, b"from typing import Any")
    return b"\n".join(lines).decode()


def first_line(statement: ast.stmt) -> int:
    """The first line of a statement with its decorators."""
    decorators = statement.decorator_list if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else []
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _comment_above(lines: list[str], previous_end: int, start: int) -> int:
    """The line where the comment directly above a statement begins, which belongs to it; `start` without one. Counted from 1."""
    while start - 1 > previous_end and lines[start - 2].lstrip().startswith("#"):
        start -= 1
    return start


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_public_function(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and not statement.name.startswith("_")


def _reads_alike(tool: ast.stmt) -> bool:
    """Whether a model is told the same of the function as of its source: a hint that only a running program knows could say more."""
    arguments = tool.args if isinstance(tool, ast.FunctionDef | ast.AsyncFunctionDef) else ast.arguments([], [], None, [], [], None, [])
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        try:
            if argument.annotation is not None:
                schema_of_node(argument.annotation)
        except UnknownHint:
            return False
    return not getattr(tool, "decorator_list", [])


def _imports(statement: ast.Import | ast.ImportFrom) -> list[Part]:
    """One part for each imported name. What cannot be moved (from __future__, a relative import) binds the name ""."""
    parts = []
    for alias in statement.names:
        single: ast.stmt
        if isinstance(statement, ast.Import):
            single = ast.Import([alias])
            name = alias.asname or alias.name.partition(".")[0]
            meaning = f"import {alias.name if alias.asname else name}"
        else:
            single = ast.ImportFrom(statement.module, [alias], statement.level)
            name = "" if statement.level or statement.module == "__future__" else alias.asname or alias.name
            meaning = f"from {statement.module} import {alias.name}"
        parts.append(Part(ast.unparse(single), name, meaning))
    return parts


def name_bound_by(statement: ast.stmt) -> str:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return statement.name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return name
        case _:
            return ""


_CHANGES = frozenset("add append clear discard extend insert pop popitem remove reverse setdefault sort update".split())


def _keeps_state(tree: ast.Module, names: set[str]) -> bool:
    """Whether a function may change what is defined outside of it."""
    for node in ast.walk(tree):
        match node:
            case ast.Global():
                return True
            case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()) if _root(node) in names:
                return True
            case ast.Call(func=ast.Attribute(attr=attribute)) if attribute in _CHANGES and _root(node.func) in names:
                return True
    return False


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
