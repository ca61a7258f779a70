"""Calls of a framework's that following a script does not lead to: a branch not taken, a function that is only handed to others."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from studio.formats.foreign_script.functions import is_framework
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Class, Function, Imported, Record, outer_bases, walk

MAX_CALLS = 500
"""Calls that are looked at, the first ones in the script's order of functions."""

MAX_NAMED = 6
"""Calls that one line of a report names."""

_SHOWN_ANYWAY = frozenset(
    "CancellationToken Console MiddlewareTermination content_str content_to_str ToolException TerminatedException extract_code count_token "
    "get_image_data pil_to_data_uri from_text TopicId DefaultTopicId AgentId CodeBlock CodeResult RequestUsage".split()
)
"""Calls that say nothing of who takes part and of what they do."""

_TAKES_PART = ("Agent", "Proxy", "Chat", "Swarm", "Flow", "Team", "Builder", "GroupChatManager", "MagenticOne", "Surfer")


_Around = ast.FunctionDef | ast.AsyncFunctionDef | None


@dataclass(frozen=True, slots=True)
class Unreached:
    """Calls to which nothing leads, all in one function or outside of any. `spot` is where the first of them stands."""

    spot: Spot
    names: tuple[str, ...]
    around: ast.FunctionDef | ast.AsyncFunctionDef | None
    calls: tuple[Spot, ...]

    @property
    def function(self) -> str:
        """The name of the function; empty outside of any."""
        return self.around.name if self.around is not None else ""

    @property
    def said(self) -> str:
        """The calls as a line names them."""
        more = ", …" if len(self.names) > MAX_NAMED else ""
        return ", ".join(self.names[:MAX_NAMED]) + more


def unreached(script: Script, methods: Collection[str] = ()) -> list[Unreached]:
    """The calls of frameworks, and of `methods` of anything, that no record of a script stands for, by the functions that they are in."""
    reached = {(record.spot.start, record.spot.end) for record in script.records}
    names = _Names(script)
    count = 0
    found: dict[int, tuple[_Around, list[tuple[Spot, str]]]] = {}
    for call, around in _calls(script.source.tree):
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        path = names.path(call.func)
        called = path.rpartition(".")[2] if is_framework(path) else method if method in methods else ""
        if not called or called in _SHOWN_ANYWAY:
            continue
        spot = script.source.spot(call)
        if (spot.start, spot.end) not in reached and (count := count + 1) <= MAX_CALLS:
            found.setdefault(id(around), (around, []))[1].append((spot, called + _own_name(call, called)))
    each = [(around, sorted(calls, key=lambda call: call[0].start)) for around, calls in found.values()]
    left = [
        Unreached(calls[0][0], tuple(dict.fromkeys(name for _, name in calls)), around, tuple(spot for spot, _ in calls))
        for around, calls in each
    ]
    return sorted(left, key=lambda some: some.spot.start)


def makes_agents(found: Unreached) -> bool:
    """Whether somebody who takes part is made there."""
    return any(name.partition(" ")[0].endswith(_TAKES_PART) for name in found.names)


def follow_makers(script: Script) -> None:
    """Goes through functions that make agents and that nobody is seen to call, as if somebody did: those that are handed on, to a server
    or into a list, and methods.

    Not through those that a framework is given: these are tools, rules and the like.
    """
    makers = {id(found.around) for found in unreached(script) if found.around is not None and makes_agents(found)}
    if not makers or script.reading is None:
        return
    given = {
        id(each.node)
        for record in script.records
        if is_framework(record.callee) or record.definition is not None
        for value in (*record.args, *record.kwargs.values())
        for each in walk(value)
        if isinstance(each, Function)
    }
    called = {id(node.func) for node in ast.walk(script.source.tree) if isinstance(node, ast.Call)}
    handed = {
        node.id
        for node in ast.walk(script.source.tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in called
    }

    def waits(function: Any) -> bool:
        if not isinstance(function, Function) or function.called or id(function.node) not in makers or id(function.node) in given:
            return False
        return not any(isinstance(each, Record) and is_framework(each.callee) for each in function.decorators)

    for function in list(script.functions):
        if waits(function) and function.name in handed:
            script.offer(function)
    for definition in list(script.reading.classes):
        methods = [method for method in definition.members.values() if waits(method)]
        if methods and not _is_of_framework(definition):
            owner = definition.made or script.make(definition)
            for method in methods:
                if not method.called:
                    script.offer(method, owner)


def _is_of_framework(definition: Class) -> bool:
    bases = outer_bases(definition)
    return bases is None or any(isinstance(each, Imported) and is_framework(each.path) for each in bases)


def _own_name(call: ast.Call, called: str) -> str:
    """What somebody who takes part is called, as it stands behind what is made."""
    given = next((each.value for each in call.keywords if each.arg == "name"), call.args[0] if call.args else None)
    name = given.value if isinstance(given, ast.Constant) else None
    return f" “{name}”" if called.endswith(_TAKES_PART) and isinstance(name, str) and len(name) <= 64 else ""


class _Names:
    """What the names of a script mean, by its imports alone, wherever in it they stand."""

    def __init__(self, script: Script) -> None:
        self.meanings: dict[str, str] = {}
        classes: list[ast.ClassDef] = []
        stars: list[str] = []
        bound: set[str] = set(dir(builtins))
        for node in ast.walk(script.source.tree):
            if isinstance(node, ast.Import):
                for each in node.names:
                    first = each.name.partition(".")[0]
                    self.meanings[each.asname or first] = each.name if each.asname else first
            elif isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                stars += [module for each in node.names if each.name == "*"]
                self.meanings.update({each.asname or each.name: f"{module}.{each.name}" for each in node.names if each.name != "*"})
            elif isinstance(node, ast.ClassDef):
                classes.append(node)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                bound.add(node.name)
            elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                bound.add(node.id)
            elif isinstance(node, ast.arg):
                bound.add(node.arg)
        self.star = next((module for module in stars if is_framework(module)), "")
        self.bound = bound | {each.name for each in classes}
        for definition in classes:
            base = next((path for path in map(self.path, definition.bases) if is_framework(path)), "")
            if base:
                self.meanings[definition.name] = f"{base}.{definition.name}"

    def path(self, node: ast.expr) -> str:
        """The dotted name of what an expression means; empty for what only following the script would tell."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute | ast.Subscript):
            if isinstance(node, ast.Attribute):
                parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        meaning = self.meanings.get(node.id, "")
        if not meaning and self.star and node.id not in self.bound:
            meaning = f"{self.star}.{node.id}"
        return ".".join((meaning, *reversed(parts))) if meaning else ""


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, _Around]]:
    """The calls of a script, each with the function around it."""
    waiting: list[tuple[ast.AST, _Around]] = [(tree, None)]
    while waiting:
        node, around = waiting.pop()
        if isinstance(node, ast.Call):
            yield node, around
        inner = node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else around
        waiting += [(each, inner) for each in ast.iter_child_nodes(node)]
