"""Classes of actors: whether a class is one, what handles its messages, and what its objects hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.formats.python_reading.values import Class, Function, Imported, Record, walk

_BASES = frozenset(("RoutedAgent", "BaseAgent", "TypeRoutedAgent"))
_HANDLES = frozenset(("message_handler", "event", "rpc"))
_IMPLEMENTS = ("on_message_impl", "on_message")
MAX_RECORDS = 2_000


def lineage(definition: Class) -> list[Class]:
    """A class and those of the script that it inherits from, nearest first."""
    found: list[Class] = []
    waiting: list[Any] = [definition]
    while waiting and len(found) < 20:
        each = waiting.pop(0)
        if isinstance(each, Class) and each not in found:
            found.append(each)
            waiting += each.bases
    return found


def is_actor(definition: Class) -> bool:
    """Whether a class inherits from one of the core runtime's agents."""
    bases = [base for each in lineage(definition) for base in each.bases if isinstance(base, Imported)]
    return any(base.name in _BASES and base.path.partition(".")[0] == "autogen_core" for base in bases)


def handlers_of(definition: Class) -> list[Function]:
    """The functions of a class that messages come to, those of the nearest class first."""
    found: dict[str, Function] = {}
    for each in lineage(definition):
        for name, member in each.members.items():
            if isinstance(member, Function) and name not in found and (name in _IMPLEMENTS or any(map(_handles, member.decorators))):
                found[name] = member
    return list(found.values())


def _handles(decorator: Any) -> bool:
    name = decorator.name if isinstance(decorator, Imported) else decorator.method if isinstance(decorator, Record) else ""
    return name in _HANDLES


def root_of(record: Record) -> Record:
    """What a method was called on in the end; itself for what was called on nothing."""
    while record.of is not None:
        record = record.of
    return record


def attributes(made: Record) -> Iterator[Record]:
    """The records that an object was given or keeps, in its own order, lists gone through."""
    seen: set[int] = set()
    for value in (*made.fields.values(), *made.args, *made.kwargs.values()):
        for each in walk(value):
            if isinstance(each, Record) and id(each) not in seen and each is not made:
                seen.add(id(each))
                yield each


def records_within(values: list[Any]) -> Iterator[Record]:
    """The records in values, and those that they are given in their turn."""
    seen: set[int] = set()
    waiting: list[Any] = list(values)
    while waiting and len(seen) < MAX_RECORDS:
        for each in walk(waiting.pop(0)):
            if isinstance(each, Record) and id(each) not in seen:
                seen.add(id(each))
                yield each
                waiting.append([*each.args, *each.kwargs.values()])
