"""Attributes and calls of a script: those of its own functions are followed, those of everything else are kept as records."""

from __future__ import annotations

import ast
from typing import Any

from studio.formats.python_reading.expressions import Expressions
from studio.formats.python_reading.known_calls import NOT_WORKED_OUT, call_function, call_method
from studio.formats.python_reading.scopes import MAX_ITEMS
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Class, Function, Imported, Instance, Member, Record

COPIES = ("replace", "model_copy")
"""Methods that give an object like theirs with other fields."""

_FIRST = {
    "GroupChat": "agents",
    "GroupChatManager": "groupchat",
    **dict.fromkeys(("RoundRobinGroupChat", "SelectorGroupChat", "Swarm", "GraphFlow", "MagenticOneGroupChat"), "participants"),
}
"""Attributes of teams that are what stands in the first place of the call, with an underscore before them too."""

_REMOVES = ("remove", "clear", "discard")
"""Methods of lists, dictionaries and sets that only take away."""


class Calls(Expressions):
    """Looks up attributes and follows calls. How a function of the script is gone through is said by who inherits."""

    def call(self, function: Function, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        raise NotImplementedError

    def make(self, definition: Class, args: list[Any], kwargs: dict[str, Any], node: ast.Call) -> Any:
        raise NotImplementedError

    def _attribute(self, node: ast.Attribute) -> Any:
        return self.attribute(self.value(node.value), node.attr, node)

    def attribute(self, value: Any, name: str, node: ast.AST) -> Any:
        """What an attribute is worth."""
        match value:
            case Imported():
                return Imported(f"{value.path}.{name}") if len(value.path) < 300 else self.unknown(node)
            case Instance():
                found = value.fields.get(name, NOT_WORKED_OUT)
                if found is NOT_WORKED_OUT:
                    found = _member(value.definition, name)
                if isinstance(found, Function) and not _decorated(found, "staticmethod"):
                    found = bound(found, value.definition if _decorated(found, "classmethod") else value)
                    if _decorated(found, "property", "cached_property"):
                        return self.call(found, [], {}, node)
                return self.unknown(node) if found is NOT_WORKED_OUT else found
            case Class():
                found = _member(value, name)
                if isinstance(found, Function) and _decorated(found, "classmethod"):
                    return bound(found, value)
                return Member(value, name, self.source.spot(node)) if found is NOT_WORKED_OUT else found
            case str() | int() if name == "value":
                return value  # a member of an enumeration stands for what it is worth
            case Record():
                if name in value.fields:
                    return value.fields[name]
                if name in value.kwargs:
                    return value.kwargs[name]
                if name == "name" and value.args and isinstance(value.args[0], str):
                    return value.args[0]
                first = _FIRST.get(value.method, "")
                if first and name.lstrip("_") == first and (value.args or first in value.kwargs):
                    return value.kwargs[first] if first in value.kwargs else value.args[0]
                if value.method in COPIES and value.of is not None:
                    # A copy has what it was made from, but for what was said.
                    update = value.kwargs.get("update")
                    return update[name] if isinstance(update, dict) and name in update else self.attribute(value.of, name, node)
                if value.definition is not None:
                    found = _member(value.definition, name)
                    if found is not NOT_WORKED_OUT and not isinstance(found, Function):
                        return found
                return Member(value, name, self.source.spot(node))
            case Member() | Function():
                return Member(value, name, self.source.spot(node))
            case _:
                return self.unknown(node)

    def _call(self, node: ast.Call) -> Any:
        receiver: Any = NOT_WORKED_OUT
        if isinstance(node.func, ast.Attribute):
            receiver = self.value(node.func.value)
            callee = receiver if isinstance(receiver, (str, list, dict, set)) else self.attribute(receiver, node.func.attr, node.func)
        else:
            callee = self.value(node.func)
        args, kwargs, rest = self._arguments(node)
        if isinstance(node.func, ast.Attribute) and isinstance(receiver, (str, list, dict, set)):
            self.budget.look(*(() if node.func.attr in ("append", "add") else (receiver,)), *args)
            if self.unsure and node.func.attr in _REMOVES:
                # Nobody knows whether that is done: what is there counts.
                return None
            answer = call_method(receiver, node.func.attr, args, kwargs)
            if isinstance(answer, str) and not self.budget.write(len(answer)):
                return self.unknown(node)
            return self.unknown(node) if answer is NOT_WORKED_OUT else answer
        if isinstance(callee, Record) and callee.callee == "functools.partial" and callee.args and not callee.rest and not rest:
            # What was given before comes first; what is given now counts where both give it.
            callee.used = True
            return self._called(callee.args[0], [*callee.args[1:], *args], {**callee.kwargs, **kwargs}, node, callee)
        if isinstance(callee, Function) and not rest:
            return self.call(callee, args, kwargs, node)
        if isinstance(callee, Class):
            return self.make(callee, args, kwargs, node)
        if isinstance(callee, Imported):
            self.budget.look(*args)
            answer = call_function(callee.path, args, kwargs) if not rest else NOT_WORKED_OUT
            if answer is not NOT_WORKED_OUT:
                return answer
            return self.record(callee.path, args, kwargs, node, rest=rest)
        if isinstance(callee, Member) and (root := _record_of(callee.of)) is not None:
            return self.record(f"{root.callee}.{_path_of(callee)}", args, kwargs, node, of=root, rest=rest)
        if isinstance(callee, Member) and isinstance(callee.of, Function):
            # A method of what a decorator made of a function: the function stands before the arguments.
            return self.record(f"function.{callee.name}", [callee.of, *args], kwargs, node, rest=rest)
        if isinstance(callee, Record):
            # What is called is what another call gave: a decorator, or a function that was made.
            return self.record(f"{callee.callee}()", args, kwargs, node, of=callee, rest=rest)
        return self.record(self.source.piece(node.func)[:200], args, kwargs, node, rest=rest)

    def _called(self, callee: Any, args: list[Any], kwargs: dict[str, Any], node: ast.Call, given: Record) -> Any:
        """What a function or a class gives that was given some of its arguments before."""
        if isinstance(callee, Function):
            return self.call(callee, args, kwargs, node)
        if isinstance(callee, Class):
            return self.make(callee, args, kwargs, node)
        if not isinstance(callee, Imported):
            return self.record(f"{given.callee}()", args, kwargs, node, of=given)
        made = self.record(callee.path, args, kwargs, node)
        before: dict[int | str, Spot] = {name: spot for name, spot in given.spots.items() if isinstance(name, str)}
        places: dict[int | str, Spot] = {at - 1: spot for at, spot in given.spots.items() if isinstance(at, int) and at}
        own = {at + len(places) if isinstance(at, int) else at: spot for at, spot in made.spots.items()}
        made.spots = {**before, **places, **own}
        return made

    def _arguments(self, node: ast.Call) -> tuple[list[Any], dict[str, Any], list[Any]]:
        args: list[Any] = []
        rest: list[Any] = []
        for each in node.args:
            if isinstance(each, ast.Starred):
                several = self.each(self.value(each.value))
                if several is None:
                    rest.append(self.unknown(each))
                else:
                    args += several[: max(0, MAX_ITEMS - len(args))]
            else:
                args.append(self.value(each))
        kwargs: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value)
            if keyword.arg is not None:
                kwargs[keyword.arg] = value
            elif isinstance(value, dict):
                kwargs.update({key: inner for key, inner in value.items() if isinstance(key, str)})
            else:
                rest.append(value)
        return args, kwargs, rest

    def record(
        self,
        callee: str,
        args: list[Any],
        kwargs: dict[str, Any],
        node: ast.AST,
        *,
        of: Record | None = None,
        rest: list[Any] | None = None,
    ) -> Record:
        """Keeps a call that is not made."""
        made = Record(
            callee[:300], args, kwargs, self.source.spot(node), of=of, within=tuple(self.within), rest=rest or [], order=len(self.records)
        )
        if isinstance(node, ast.Call):
            made.spots = {index: self.source.spot(each) for index, each in enumerate(node.args)}
            made.spots |= {each.arg: self.source.spot(each.value) for each in node.keywords if each.arg is not None}
        self.records.append(made)
        if of is not None:
            of.calls.append(made)
        return made


def _member(definition: Class, name: str) -> Any:
    """A function or a value of a class of the script, or of those that it inherits from."""
    waiting: list[Any] = [definition]
    for _ in range(20):
        if not waiting:
            break
        each = waiting.pop(0)
        if isinstance(each, Class):
            if name in each.members:
                return each.members[name]
            waiting += each.bases
    return NOT_WORKED_OUT


def _decorated(function: Function, *names: str) -> bool:
    return any(isinstance(each, Imported) and each.name in names for each in function.decorators)


def bound(function: Function, owner: Any) -> Function:
    """A function as a method of its owner."""
    return Function(
        function.name, function.node, function.source, function.spot, function.scope, function.decorators, function.defaults, owner
    )


def _record_of(value: Any) -> Record | None:
    """The record that an attribute of an attribute belongs to."""
    for _ in range(50):
        if isinstance(value, Record):
            return value
        if not isinstance(value, Member):
            return None
        value = value.of
    return None


def _path_of(member: Member) -> str:
    names: list[str] = []
    each: Any = member
    while isinstance(each, Member) and len(names) < 50:
        names.append(each.name)
        each = each.of
    return ".".join(reversed(names))
