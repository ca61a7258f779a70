"""Functions of a script that stand alone: with the imports, constants and other functions that they use, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from studio.formats.python_reading.script import Script
from studio.formats.python_reading.source import Source
from studio.formats.python_reading.values import Class, Function, Imported, Instance, Record, is_known, walk

FRAMEWORKS = frozenset(
    ("autogen", "autogen_agentchat", "autogen_core", "autogen_ext", "ag2", "pyautogen", "autogenstudio", "agentchat", "agent_framework")
)
"""The packages that a function which stands alone cannot count on."""

MAX_PARTS = 60
MAX_GIVEN = 20_000
"""Characters of a value that a function around it was given."""
MAX_HELD = 200
"""Records in a list or a dictionary that a function has by its name."""

_PLAIN = (str, int, float, list, tuple, dict, set, type(None))
_SEED = re.compile(r"random\.Random\(\s*f\"(-?\d{1,18}):")
_STATELESS = frozenset(("re.compile", "pathlib.Path", "logging.getLogger", "typing.TypeVar", "decimal.Decimal", "datetime.timedelta"))
"""Calls whose result is the same whenever it is made."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A function's source that stands alone. `name` is what it is called; `missing` are the names that only the script has.

    `state` are the names of what the script keeps from call to call: an object, or what a function sets for all.
    """

    source: str
    name: str
    missing: tuple[str, ...] = ()
    state: tuple[str, ...] = ()


_OURS = ("studio.classic", "studio.engine.agentchat")


def is_framework(path: str) -> bool:
    """Whether something of this dotted name comes from AutoGen, AG2, Agent Framework or from what has their vocabulary here."""
    first = path.partition(".")[0]
    return first in FRAMEWORKS or first.startswith("agent_framework_") or path.startswith(_OURS)


def standing(script: Script, function: Function, name: str = "") -> Standing:
    """The source of a function with everything of its script that it uses. A lambda becomes a function called `name`."""
    function.taken = True
    called = name or "rule" if function.is_lambda else function.name
    around = _own_decorators(script, function)
    last = "\n".join(f"{called} = {ast.unparse(each)}({called})" for each in reversed(around))
    return standing_as(script, function, _written(script.source, function, name or "rule"), called, function.node, *around, last=last)


def _own_decorators(script: Script, function: Function) -> list[ast.expr]:
    """What of the script's own decorates a function and calls it in the end; what only asks a person first is said otherwise."""
    if isinstance(function.node, ast.Lambda):
        return []
    found = []
    for each in function.node.decorator_list:
        root = each.func if isinstance(each, ast.Call) else each
        value = script.names.get(root.id) if isinstance(root, ast.Name) else None
        if isinstance(value, Function) and "wraps(" in value.source and "input(" not in value.source:
            found.append(each)
    return found


def standing_as(script: Script, function: Function, main: str, called: str, *nodes: ast.AST, last: str = "") -> Standing:
    """A function that is written as `main` where `function` stands, with everything that its `nodes` use; `last` stands at the end."""
    parts = _Parts(script, function)
    done = {called}
    for node in nodes:
        parts.follow(node, done)
    unread = [name for name in parts.missing if name not in parts.needed]
    first = ["from __future__ import annotations"] if unread else []
    pieces = [*first, "\n".join(parts.imports), "\n".join(parts.constants), *parts.classes, main, *parts.functions]
    pieces += ["\n".join(parts.objects), last]
    source = "\n\n\n".join(piece.strip("\n") for piece in pieces if piece.strip()) + "\n"
    shared = {name for node in ast.walk(function.node) if isinstance(node, ast.Global) for name in node.names}
    state = tuple(dict.fromkeys((*parts.state, *sorted(shared))))
    return Standing(source, called, tuple(name for name in parts.missing if name in parts.needed), state)


def agents_named(function: Function) -> dict[str, Any]:
    """The variables of the script that a function uses and that hold records, or lists or dictionaries of records, by their names."""
    found: dict[str, Any] = {}
    for each in ast.walk(function.node):
        if isinstance(each, ast.Name) and each.id not in function.parameters and function.scope is not None:
            known, value = function.scope.find(each.id)
            held = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
            if known and 0 < len(held) <= MAX_HELD and all(isinstance(record, Record) for record in held):
                found[each.id] = value
    return found


def value_of(function: Function, name: str) -> Any:
    """What a name is worth where a function stands; None for one that is not known there."""
    return function.scope.find(name)[1] if function.scope is not None else None


def seed_in(function: Function) -> int | None:
    """The seed of a lot that our own exports draw in a function, the same in every run; None where there is none."""
    found = _SEED.search(function.source)
    return int(found[1]) if found is not None else None


def wrapped_in(function: Function) -> tuple[Function, bool]:
    """The function that a wrapper goes on with (`functools.wraps`), and whether the wrapper asks a person first; itself for any other."""
    for decorator in function.decorators:
        inner = decorator.args[0] if isinstance(decorator, Record) and decorator.callee == "functools.wraps" and decorator.args else None
        if isinstance(inner, Function):
            function.taken = True
            return inner, "input(" in function.source
    return function, False


class _Parts:
    """What a function needs of its script, in the order in which it has to stand."""

    def __init__(self, script: Script, function: Function) -> None:
        self.script = script
        self.scope = function.scope
        self.imports: list[str] = []
        self.constants: list[str] = []
        self.objects: list[str] = []
        self.classes: list[str] = []
        self.functions: list[str] = []
        self.missing: list[str] = []
        self.needed: set[str] = set()
        self.state: list[str] = []
        self._defined: dict[str, ast.stmt] = {}
        for statement in script.source.tree.body:
            self._note(statement)
        self._module = dict(self._defined)
        around = _around(script.source.tree, function.node)
        self._given = {argument.arg for each in around for argument in ast.walk(each.args) if isinstance(argument, ast.arg)}
        for each in around:
            for name in self._given:
                self._defined.pop(name, None)
            for statement in _statements(each):
                self._note(statement)

    def _note(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                self._defined[alias.asname or alias.name.partition(".")[0]] = statement
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._defined[statement.name] = statement
        elif isinstance(statement, ast.Assign):
            self._defined.update({target.id: statement for target in statement.targets if isinstance(target, ast.Name)})
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value is not None:
            self._defined[statement.target.id] = statement
        elif isinstance(statement, ast.Try | ast.With) or (
            isinstance(statement, ast.If) and "TYPE_CHECKING" not in ast.dump(statement.test)
        ):
            for inner in statement.body:
                self._note(inner)

    def follow(self, node: ast.AST, done: set[str]) -> None:
        """Collects what a piece of syntax uses, and what that uses."""
        waiting = [node]
        while waiting and len(done) < MAX_PARTS:
            node = waiting.pop(0)
            self.needed.update(_needed(node))
            for name in _used(node):
                if name in done:
                    continue
                done.add(name)
                statement = self._defined.get(name)
                local = self.scope is not None and (name in self._given or statement is not self._module.get(name))
                value = self.scope.find(name)[1] if local else self.script.names.get(name)
                if statement is not None and self._take(statement, name, value):
                    waiting.append(statement)
                elif statement is None and (local or name in self._given or name in self.script.names):
                    self._give(name, value)

    def _give(self, name: str, value: object) -> None:
        """What a function around it was given is a constant."""
        if (
            isinstance(value, str | int | float | list | tuple | dict | set | None)
            and is_known(value)
            and len(said := repr(value)) <= MAX_GIVEN
        ):
            self.constants.insert(0, f"{name} = {said}")
        else:
            self.missing.append(name)

    def _take(self, statement: ast.stmt, name: str, value: object) -> bool:
        """Takes a statement along if it can stand alone; whether what it uses is to be followed."""
        source = self.script.source
        if isinstance(statement, ast.Import | ast.ImportFrom):
            path = value.path if isinstance(value, Imported) else name
            if is_framework(path) or path.startswith("."):
                self.missing.append(name)
            elif (line := _import_line(statement, name)) not in self.imports:
                self.imports.append(line)
            return False
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            self.functions.append(_undecorated(source, statement))
            return True
        if isinstance(statement, ast.ClassDef):
            self.classes.insert(0, from_margin(source, statement))
            return True
        if isinstance(value, Class) or any(isinstance(each, Record) and is_framework(each.callee) for each in walk(value)):
            self.missing.append(name)
            return False
        if isinstance(value, Instance | Record) and not (isinstance(value, Record) and value.callee in _STATELESS):
            self.state.append(name)
        # What makes objects of classes comes after these.
        (self.objects if isinstance(value, Instance) else self.constants).insert(0, source.piece(statement))
        return True


def _around(tree: ast.Module, inner: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions within which another one is written, the outermost first."""
    found: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
    first, last = getattr(inner, "lineno", 0), getattr(inner, "end_lineno", 0)
    waiting: list[ast.AST] = [tree]
    while waiting:
        for each in ast.iter_child_nodes(waiting.pop()):
            if each is inner or not getattr(each, "lineno", first) <= first or not getattr(each, "end_lineno", last) >= last:
                continue
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                found.append(each)
            waiting.append(each)
    return sorted(found, key=lambda each: each.lineno)


def _statements(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.stmt]:
    """The statements of a function in all its branches, without those of functions within it."""
    waiting: list[ast.stmt] = list(function.body)
    while waiting:
        statement = waiting.pop(0)
        yield statement
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            waiting[:0] = [each for each in ast.iter_child_nodes(statement) if isinstance(each, ast.stmt)]


_AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def _needed(node: ast.AST) -> set[str]:
    """The names without which it cannot run: those of hints are not looked up when they are put off."""
    parts: list[ast.AST] = [node]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        parts = [*node.body, *node.args.defaults, *(each for each in node.args.kw_defaults if each is not None)]
    return {inner.id for part in parts for inner in ast.walk(part) if isinstance(inner, ast.Name)} - _own(node)


def _used(node: ast.AST) -> list[str]:
    """The names that it looks up outside of itself."""
    nodes: list[ast.AST] = [node]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        # What decorates it stays behind.
        nodes = [node.args, *node.body, *([node.returns] if node.returns is not None else [])]
    own = _own(node)
    found: dict[str, None] = {}
    for each in nodes:
        for inner in ast.walk(each):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load) and inner.id not in own:
                found[inner.id] = None
    return list(found)


def _own(node: ast.AST) -> set[str]:
    """The names that a function has of its own: its parameters, and what it gives values to."""
    if not isinstance(node, _AnyFunction):
        return set()
    parameters = {inner.arg for inner in ast.walk(node.args) if isinstance(inner, ast.arg)}
    stored = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)}
    shared = {name for inner in ast.walk(node) if isinstance(inner, ast.Global) for name in inner.names}
    return (parameters | stored) - shared


def _import_line(statement: ast.Import | ast.ImportFrom, name: str) -> str:
    alias = next(each for each in statement.names if (each.asname or each.name.partition(".")[0]) == name)
    renamed = f" as {alias.asname}" if alias.asname else ""
    if isinstance(statement, ast.Import):
        return f"import {alias.name}{renamed}"
    return f"from {statement.module} import {alias.name}{renamed}"


def _written(source: Source, function: Function, name: str) -> str:
    if isinstance(function.node, ast.Lambda):
        return f"def {name}({ast.unparse(function.node.args)}):\n    return {ast.unparse(function.node.body)}\n"
    return _undecorated(source, function.node)


def _undecorated(source: Source, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """A function as it stands, without what decorates it."""
    return _lines_of(source, node, node.lineno)


def from_margin(source: Source, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    """A function or a class with what decorates it, from the left margin."""
    return _lines_of(source, node, min([node.lineno, *(each.lineno for each in node.decorator_list)]))


def _lines_of(source: Source, node: ast.stmt, first: int) -> str:
    lines = source.text.split("\n")[first - 1 : node.end_lineno]
    margin = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[margin:] if not line[:margin].strip() else line for line in lines).rstrip() + "\n"
