"""What a script's expressions are worth: plain Python values as they are, and records of everything that only running would make."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.formats.python_reading.source import Spot

MAX_DEPTH = 40
MAX_VALUES = 20_000
"""Of a value that is looked at as a whole, what it holds twice counted twice."""

MAX_OPERATORS = 1_000
MAX_BASES = 50
"""Classes between one of the script's and what it inherits from in the end."""

MAX_IN_KEY = 100
"""The same of a key of a dictionary."""

_PLAIN = frozenset((int, float, bool, type(None)))
"""Types of values that hold nothing and are known throughout: most of a long list need no closer look."""


@dataclass(eq=False, slots=True, repr=False)
class Unknown:
    """A value that only running would tell: its source, and where it stands."""

    source: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Imported:
    """Something from a module that was imported, by its dotted name: `autogen_agentchat.agents.AssistantAgent`, `builtins.open`."""

    path: str

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Setting:
    """The value of an environment variable, which is not looked at."""

    name: str
    default: Any = None


class Text(str):
    """A text of which parts are not known: these stand in it as their source, in braces. `holes` are the parts."""

    holes: tuple[Any, ...] = ()

    @classmethod
    def of(cls, value: str, holes: tuple[Any, ...]) -> Text:
        made = cls(value)
        made.holes = holes
        return made


class Entries(dict[Any, Any]):
    """A dictionary that is written out. `spots` tell where each of its values stands."""

    def __init__(self) -> None:
        super().__init__()
        self.spots: dict[Any, Spot] = {}


@dataclass(eq=False, slots=True, repr=False)
class Record:
    """A call that was not made: of a class or a function from elsewhere, or of a method of another record.

    `callee` is the dotted name of what is called; of a method that of its record and the method's name, and `of` is the record.
    `spots` tell where each argument stands, by its place or its name. `name` is the variable that it was put into first. `calls`
    are the methods that were called on it, in order; `fields` the attributes that were set. `within` are the records of the `with`
    statements around it; `rest` what stood behind * and ** and is not known. `definition` is the class of the script that is called;
    one that has no constructor of its own is called by the name of what it inherits from.
    `order` counts the records of a script. `set_at` tells where the attributes were set. `asked` are the arguments, by name or place,
    that a reader has taken, attributes with a dot before them; `used` whether any reader has taken the call.
    """

    callee: str
    args: list[Any]
    kwargs: dict[str, Any]
    spot: Spot
    spots: dict[int | str, Spot] = field(default_factory=dict)
    of: Record | None = None
    name: str = ""
    calls: list[Record] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    within: tuple[Any, ...] = ()
    rest: list[Any] = field(default_factory=list)
    definition: Class | None = None
    awaited: bool = False
    order: int = 0
    set_at: dict[str, Spot] = field(default_factory=dict)
    asked: set[int | str] = field(default_factory=set)
    used: bool = False

    @property
    def method(self) -> str:
        """The last part of what is called."""
        return self.callee.rpartition(".")[2]

    def get(self, name: str, place: int | None = None, default: Any = None) -> Any:
        """An argument by its name, or by its place: whoever asks for it takes it."""
        self.take(name, *(() if place is None else (place,)))
        return self.look(name, place, default)

    def look(self, name: str, place: int | None = None, default: Any = None) -> Any:
        """An argument by its name, or by its place, without taking it."""
        if name in self.kwargs:
            return self.kwargs[name]
        return self.args[place] if place is not None and place < len(self.args) else default

    def take(self, *names: int | str) -> None:
        """Says that a reader has taken the call, and these of its arguments: nothing is to be told about them."""
        self.used = True
        self.asked.update(names)

    def spot_of(self, name: str, place: int | None = None) -> Spot:
        """Where an argument stands; the call itself for one that is not there."""
        found = self.spots.get(name)
        if found is None and place is not None:
            found = self.spots.get(place)
        return found or self.spot

    def chained(self) -> Iterator[Record]:
        """The methods that were called on it and on what they gave, in the order of the calls."""
        found: list[Record] = []
        waiting = list(self.calls)
        while waiting:
            call = waiting.pop()
            found.append(call)
            waiting += call.calls
        yield from sorted(found, key=lambda call: call.order)


@dataclass(eq=False, slots=True, repr=False)
class Member:
    """An attribute of a record that nobody set: `result.summary`."""

    of: Any
    name: str
    spot: Spot


@dataclass(eq=False, slots=True, repr=False)
class Joined:
    """Two values with an operator between them that is not worked out: `a & b`, `a | b`."""

    operator: str
    left: Any
    right: Any
    spot: Spot


@dataclass(eq=False, slots=True, repr=False)
class Function:
    """A function or a lambda of the script. `source` is its text with its decorators; `decorators` are what they are worth.

    `taken` says that a reader has taken what it does into the drawing, as a class's does; `offered` that it was only gone through as
    if somebody called it.
    """

    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    source: str
    spot: Spot
    scope: Any
    decorators: list[Any] = field(default_factory=list)
    defaults: dict[str, Any] = field(default_factory=dict)
    owner: Any = None
    called: bool = False
    taken: bool = False
    offered: bool = False

    @property
    def is_lambda(self) -> bool:
        return isinstance(self.node, ast.Lambda)

    @property
    def parameters(self) -> tuple[str, ...]:
        given = self.node.args
        return tuple(each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs))


@dataclass(eq=False, slots=True, repr=False)
class Class:
    """A class of the script: what it inherits from, its text, what decorates it, and its own functions and values.

    `made` is the first object of it; `offered` says that nobody but the reading made one.
    """

    name: str
    node: ast.ClassDef
    source: str
    spot: Spot
    bases: list[Any]
    members: dict[str, Any] = field(default_factory=dict)
    decorators: list[Any] = field(default_factory=list)
    called: bool = False
    taken: bool = False
    offered: bool = False
    made: Instance | None = None


@dataclass(eq=False, slots=True, repr=False)
class Instance:
    """An object of a class of the script that inherits from nothing foreign."""

    definition: Class
    fields: dict[str, Any] = field(default_factory=dict)
    spot: Spot | None = None


Symbol = Unknown | Imported | Setting | Record | Member | Joined | Function | Class | Instance


def is_known(value: Any) -> bool:
    """Whether a value is plain Python throughout, no text of it partly known. Bounded in depth."""
    return all(type(each) in _PLAIN or not (isinstance(each, Symbol) or (isinstance(each, Text) and each.holes)) for each in walk(value))


def walk(value: Any) -> Iterator[Any]:
    """A value and everything within its lists and dictionaries, each container once; not what is within records."""
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if type(item) in _PLAIN:
            yield item
            continue
        if isinstance(item, (list, tuple, set, dict)):
            if id(item) in seen:
                continue
            seen.add(id(item))
        yield item
        if isinstance(item, (list, tuple, set)):
            waiting += reversed(list(item))
        elif isinstance(item, Mapping):
            for key, inner in reversed(list(item.items())):
                waiting += [inner, key]


def operands(value: Any) -> Iterator[Any]:
    """The same of a value and of what stands at both sides of its operators. Bounded in length."""
    waiting = [value]
    for _ in range(MAX_OPERATORS):
        if not waiting:
            return
        for each in walk(waiting.pop()):
            if isinstance(each, Joined):
                waiting += [each.left, each.right]
            else:
                yield each


def outer_bases(definition: Class) -> list[Any] | None:
    """What a class of the script inherits from that is no class of the script's; None where that leads too far."""
    found: list[Any] = []
    waiting: list[Any] = list(definition.bases)
    for _ in range(MAX_BASES):
        if not waiting:
            return found
        each = waiting.pop()
        if isinstance(each, Class):
            waiting += each.bases
        else:
            found.append(each)
    return None


def is_small(value: Any) -> bool:
    """Whether a value can be looked at as a whole: a list that holds a list twice, again and again, would take for ever."""
    return weight(value) <= MAX_VALUES


def weight(value: Any) -> int:
    """How many values there are in a value, what it holds twice counted twice; one more than MAX_VALUES for all that is too much."""
    count = 0
    waiting = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        count += 1
        if count > MAX_VALUES or depth > MAX_DEPTH:
            return MAX_VALUES + 1
        if type(item) in _PLAIN:
            continue
        if isinstance(item, (list, tuple, set)):
            waiting += [(inner, depth + 1) for inner in item]
        elif isinstance(item, Mapping):
            waiting += [(inner, depth + 1) for inner in item.values()]
    return count


def is_key(value: Any) -> bool:
    """Whether a value can be looked for among keys: its hash goes through all that is in a tuple, once for each place where it stands."""
    waiting, count = [value], 0
    while waiting:
        item = waiting.pop()
        count += 1
        if count > MAX_IN_KEY:
            return False
        if isinstance(item, tuple):
            waiting += item[: MAX_IN_KEY + 1]
    return True


def plain(value: Any) -> Any:
    """A value as JSON holds it: what is not known is None, as is all of what is too large; texts known in part keep their braces."""
    return _plain(value) if is_small(value) else None


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (list, tuple, set)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items() if isinstance(key, (str, int, float))}
    return None
