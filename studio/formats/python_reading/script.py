"""A script as a whole: read once, within bounds.

    script = read_script(text)              # raises ForeignFileError: no Python, or out of bounds
    script.records                          # every call that was not worked out, in the order in which it would be made
    record.callee                           # "autogen_agentchat.agents.AssistantAgent", "…AssistantAgent.run" for a method
    record.args, record.kwargs, record.get("name", 0), record.spot.line, record.name (its variable), record.calls (its methods)
    script.names                            # the names of the module and what they are worth at its end (values.py says what there is)
    script.imports                          # the modules that it imports, dotted
    script.source.piece(node), .spot(node)  # text and place of a piece of syntax
    script.cut, script.deep                 # whether it was cut off for its length, or for its depth
    script.follow(function, owner)          # what a function or a method that nobody called gives, and the calls that it would make
    script.follow_handed_over()             # goes through the functions that are only handed to somebody; whether that made any calls
    script.offer(function, owner)           # goes through a function or a method as if somebody called it
    script.make(definition)                 # an object of a class that nobody made one of

Values are plain Python (None, bool, int, float, str, list, tuple, dict, set) or one of values.py: Record, Function, Class, Instance,
Imported, Setting (an environment variable), Member, Joined (`a & b`), Unknown. A text that is known in part is a Text, with `holes`.
Functions of the script are followed when they are called; those that nobody calls or passes on are followed at the end, as are classes
that nobody makes anything of and methods that nobody calls, so that a module that only offers them is read as well. Nothing is ever
executed or imported.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from studio.formats.python_reading.calls import bound
from studio.formats.python_reading.scopes import Broken, Left, OutOfSteps, Unsure
from studio.formats.python_reading.source import Source
from studio.formats.python_reading.statements import Statements, is_foreign
from studio.formats.python_reading.values import Class, Function, Instance, Record, Unknown


@dataclass(slots=True)
class Script:
    """What a script would do, as far as it can be told."""

    source: Source
    records: list[Record]
    names: dict[str, Any]
    imports: tuple[str, ...]
    functions: list[Function] = field(default_factory=list)
    cut: bool = False
    deep: bool = False
    reading: Statements | None = field(default=None, repr=False)

    @property
    def undecided(self) -> tuple[ast.AST, ...]:
        """The tests whose outcome only running would tell and whose both ways count: of `if`, of `match`, within an expression."""
        return tuple(self.reading.undecided) if self.reading is not None else ()

    def follow(self, function: Function, owner: Any = None) -> tuple[Any, list[Record]]:
        """What a function gives that is called without telling it anything, and the calls that it would make.

        `owner` is whose method it is. All that is followed of a script shares its bounds: behind them nothing is.
        """
        reading = self.reading
        if reading is None or self.cut:
            return None, []
        method = function if owner is None else bound(function, owner)
        first, given = len(reading.records), None
        try:
            given = _followed(self, reading, lambda: reading.call(method, [], {}, function.node))
        except OutOfSteps:
            self.cut = True
        return given, reading.records[first:]

    def follow_handed_over(self) -> bool:
        """Goes through all that nobody calls here: functions and methods that are handed to others, a server for instance, and classes.

        Whether that made any calls.
        """
        reading = self.reading
        if reading is None or self.cut:
            return False
        first = len(reading.records)
        try:
            for function in reading.functions:
                if not function.called:
                    _offer(self, reading, function)
            for definition in reading.classes:
                if not is_foreign(definition):
                    _offer_methods(self, reading, definition, frozenset())
                elif not definition.called:
                    self.make(definition)
            called = {id(each.node) for each in reading.lambdas if each.called}
            for function in {id(each.node): each for each in reading.lambdas}.values():
                if id(function.node) not in called:
                    _offer(self, reading, function)
        except OutOfSteps:
            self.cut = True
        return len(reading.records) > first

    def offer(self, function: Function, owner: Any = None) -> None:
        """Goes through a function as if somebody called it without telling it anything; `owner` is whose method it is."""
        reading = self.reading
        if reading is None or self.cut:
            return
        try:
            _offer(self, reading, function if owner is None else bound(function, owner))
        except OutOfSteps:
            self.cut = True

    def make(self, definition: Class) -> Any:
        """An object of a class of the script, made without telling it anything; None behind the script's bounds."""
        reading = self.reading
        if reading is None or self.cut:
            return None
        call = ast.copy_location(ast.Call(func=ast.Name(id=definition.name, ctx=ast.Load()), args=[], keywords=[]), definition.node)
        try:
            return _followed(self, reading, lambda: reading.make(definition, [], {}, call))
        except OutOfSteps:
            self.cut = True
            return None


def modules_of(tree: ast.Module) -> tuple[str, ...]:
    """The modules that a script imports anywhere, dotted, in the order of the text."""
    return tuple(dict.fromkeys(name for _, name in imported_at(tree)))


def imported_at(tree: ast.Module) -> list[tuple[int, str]]:
    """The modules that a script imports anywhere, each with its line, in their order."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, each.name) for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node.lineno, node.module))
    return sorted(found)


def read_script(content: str | Source) -> Script:
    """Reads a script of at most 500,000 characters. Raises ForeignFileError with the line of the mistake."""
    source = content if isinstance(content, Source) else Source(content)
    reading = Statements(source)
    script = Script(source, reading.records, reading.scope.names, modules_of(source.tree), reading.functions, reading=reading)
    try:
        for statement in source.tree.body:
            _follow(script, reading, [statement])
        passed = _passed_on(source.tree)
        looked_up = {node.attr for node in ast.walk(source.tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}
        for function in reading.functions:
            if not function.called and function.name not in passed and not function.name.startswith("_"):
                _offer(script, reading, function)
        for definition in reading.classes:
            if not is_foreign(definition) and (definition.called or definition.name not in passed):
                _offer_methods(script, reading, definition, looked_up)
    except OutOfSteps:
        script.cut = True
    return script


def _passed_on(tree: ast.Module) -> set[str]:
    """The names that are used anywhere: a function of such a name is a tool or a rule of somebody, or others call it."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _follow(script: Script, reading: Statements, statements: list[ast.stmt]) -> None:
    """One statement after the other, so that what goes wrong in one leaves the others."""
    scope = reading.scope
    try:
        reading.block(statements)
    except (Left, Broken, Unsure):
        pass
    except RecursionError:
        script.deep = True
    finally:
        reading.scope, reading.depth, reading.unsure, reading.budget.nesting = scope, 0, 0, 0


def _offer(script: Script, reading: Statements, function: Function) -> None:
    """Follows a function that nobody calls, as if somebody did without telling it anything."""
    function.offered = not function.called
    told = function.parameters[:1] if function.owner is not None else ()
    given = {name: Unknown(name, function.spot) for name in function.parameters if name not in function.defaults and name not in told}
    _followed(script, reading, lambda: reading.call(function, [], given, function.node))


def _offer_methods(script: Script, reading: Statements, definition: Class, looked_up: Collection[str]) -> None:
    """Follows the methods that nobody calls or passes on: of the first object, or of one that is made without telling it anything."""
    definition.offered = not definition.called
    made = definition.made if definition.called else script.make(definition)
    if not isinstance(made, Instance):
        return
    for name, method in definition.members.items():
        if isinstance(method, Function) and not method.called and name not in looked_up and not name.startswith("_"):
            offered = reading.attribute(made, name, method.node)
            if isinstance(offered, Function):
                method.called = True
                _offer(script, reading, offered)


def _followed(script: Script, reading: Statements, what: Callable[[], Any]) -> Any:
    """What following something gives. Raises OutOfSteps."""
    scope = reading.scope
    try:
        return what()
    except RecursionError:
        script.deep = True
    except (Left, Broken, Unsure):
        pass
    finally:
        reading.scope, reading.depth, reading.unsure, reading.budget.nesting = scope, 0, 0, 0
    return None
