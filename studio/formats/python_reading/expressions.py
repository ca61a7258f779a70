"""What an expression of a script is worth: worked out where it is plain, recorded where it is not, and never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from studio.formats.python_reading.known_calls import NOT_WORKED_OUT, as_set, formatted, with_holes
from studio.formats.python_reading.operators import binary, compare, truth, unary
from studio.formats.python_reading.scopes import MAX_BITS, MAX_ITEMS, MAX_NESTING, Budget, Scope, builtin
from studio.formats.python_reading.source import Source
from studio.formats.python_reading.values import (
    Class,
    Entries,
    Function,
    Imported,
    Instance,
    Joined,
    Member,
    Record,
    Setting,
    Text,
    Unknown,
    is_key,
    is_known,
)


class Expressions:
    """Works out expressions in a scope. What attributes and calls give is said by who inherits."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.budget = Budget()
        self.scope = Scope()
        self.records: list[Record] = []
        self.stars: list[str] = []
        self.within: list[Any] = []
        self.undecided: dict[ast.AST, None] = {}
        self.lambdas: list[Function] = []
        self.unsure = 0

    # ------------------------------------------------------------------------------------------------------------------

    def value(self, node: ast.expr | None) -> Any:
        """What an expression is worth. Raises OutOfSteps."""
        if node is None:
            return None
        self.budget.step()
        if self.budget.nesting >= MAX_NESTING:
            return self.unknown(node)
        self.budget.nesting += 1
        try:
            method = getattr(self, f"_{type(node).__name__.lower()}", None)
            return method(node) if method is not None else self.unknown(node)
        finally:
            self.budget.nesting -= 1

    def unknown(self, node: ast.AST) -> Unknown:
        return Unknown(self.source.piece(node), self.source.spot(node))

    def _constant(self, node: ast.Constant) -> Any:
        if isinstance(node.value, str):
            return _whole(node.value)
        if isinstance(node.value, int) and node.value.bit_length() > MAX_BITS:
            return self.unknown(node)
        return node.value if isinstance(node.value, (int, float, bool, type(None))) else self.unknown(node)

    def _name(self, node: ast.Name) -> Any:
        found, value = self.scope.find(node.id)
        if found:
            return value
        if (known := builtin(node.id)) is not None:
            return known
        return Imported(f"{self.stars[-1]}.{node.id}") if self.stars else self.unknown(node)

    def _await(self, node: ast.Await) -> Any:
        value = self.value(node.value)
        if isinstance(value, Record):
            value.awaited = True
        return value

    def _namedexpr(self, node: ast.NamedExpr) -> Any:
        value = self.value(node.value)
        self.bind(node.target, value)
        return value

    def _list(self, node: ast.List) -> Any:
        return self._items(node.elts)

    def _tuple(self, node: ast.Tuple) -> Any:
        return tuple(self._items(node.elts))

    def _set(self, node: ast.Set) -> Any:
        try:
            return as_set(self._items(node.elts))
        except TypeError:
            return self.unknown(node)

    def _items(self, nodes: list[ast.expr]) -> list[Any]:
        items: list[Any] = []
        for each in nodes:
            if isinstance(each, ast.Starred):
                value = self.value(each.value)
                several = self.each(value)
                if several is None:
                    # What a call gives stands for all that it gives.
                    items.append(value if isinstance(value, Record) else self.unknown(each))
                else:
                    items += several[: max(0, MAX_ITEMS - len(items))]
            else:
                items.append(self.value(each))
        return items

    def _dict(self, node: ast.Dict) -> Any:
        made = Entries()
        for key_node, value_node in zip(node.keys, node.values, strict=True):
            value = self.value(value_node)
            if key_node is None:
                if isinstance(value, dict):
                    made.update(value)
                elif value is not None:
                    made[value if isinstance(value, Unknown) else self.unknown(value_node)] = None
                continue
            key = self.value(key_node)
            put(made, key, value)
            if isinstance(key, str):
                made.spots[key] = self.source.spot(value_node)
        return made

    def _joinedstr(self, node: ast.JoinedStr) -> Any:
        parts: list[str] = []
        holes: list[Any] = []
        for each in node.values:
            if isinstance(each, ast.Constant):
                parts.append(_whole(str(each.value)))
            elif isinstance(each, ast.FormattedValue):
                value = self.value(each.value)
                spec = self.value(each.format_spec) if each.format_spec is not None else ""
                written = formatted(value, str(spec)) if isinstance(value, Text) or is_known(value) else None
                if isinstance(value, Text):
                    holes += value.holes
                if written is None:
                    holes.append(value)
                    written = "{" + self.source.piece(each.value) + "}"
                parts.append(written)
        if not self.budget.write(sum(map(len, parts))):
            return self.unknown(node)
        joined = "".join(parts)
        return Text.of(joined, tuple(holes)) if holes else joined

    def _ifexp(self, node: ast.IfExp) -> Any:
        known = truth(self.value(node.test))
        if known is not None:
            return self.value(node.body if known else node.orelse)
        self.undecided[node] = None
        first, second = self.value(node.body), self.value(node.orelse)
        return second if first is None or isinstance(first, Unknown) else first

    def _boolop(self, node: ast.BoolOp) -> Any:
        value: Any = None
        for each in node.values:
            value = self.value(each)
            known = truth(value)
            if known is None and isinstance(node.op, ast.Or) and isinstance(value, (Setting, Record, Member)):
                return self._or(value, node)
            if known is None:
                return self.unknown(node)
            if known is isinstance(node.op, ast.Or):
                return value
        return value

    def _or(self, value: Any, node: ast.BoolOp) -> Any:
        """`os.getenv("MODEL") or "gpt-4o"`: an environment variable with what it is otherwise."""
        if isinstance(value, Setting) and value.default is None:
            last = self.value(node.values[-1])
            return Setting(value.name, last)
        return value

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        value = self.value(node.operand)
        known = unary(node.op, value)
        return self.unknown(node) if known is NOT_WORKED_OUT else known

    def _binop(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        self.budget.look(left, right)
        known = binary(node.op, left, right, self.budget)
        if known is not NOT_WORKED_OUT:
            return known
        if isinstance(node.op, (ast.BitAnd, ast.BitOr)):
            return Joined("&" if isinstance(node.op, ast.BitAnd) else "|", left, right, self.source.spot(node))
        if isinstance(node.op, ast.Add) and (isinstance(left, str) or isinstance(right, str)):
            return self._added(node, left, right)
        return self.unknown(node)

    def _added(self, node: ast.BinOp, left: Any, right: Any) -> Any:
        """A text and something that is not known: the text, with the other in braces."""
        pieces = [
            side if isinstance(side, str) else "{" + self.source.piece(each) + "}"
            for side, each in ((left, node.left), (right, node.right))
        ]
        if not self.budget.write(sum(map(len, pieces))):
            return self.unknown(node)
        holes = [hole for side in (left, right) for hole in (side.holes if isinstance(side, Text) else ())]
        holes += [side for side in (left, right) if not isinstance(side, str)]
        return Text.of("".join(pieces), tuple(holes))

    def _compare(self, node: ast.Compare) -> Any:
        left = self.value(node.left)
        for operator, each in zip(node.ops, node.comparators, strict=True):
            right = self.value(each)
            self.budget.look(left, right)
            known = compare(operator, left, right)
            if known is not True:
                return self.unknown(node) if known is None else False
            left = right
        return True

    def _lambda(self, node: ast.Lambda) -> Any:
        made = self.function(node, "")
        self.lambdas.append(made)
        return made

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str) -> Function:
        """A function of the script, with its defaults as they are worth where it stands."""
        given = node.args
        plainly = [*given.posonlyargs, *given.args]
        defaults = {
            each.arg: self.value(default)
            for each, default in zip(plainly[len(plainly) - len(given.defaults) :], given.defaults, strict=True)
        }
        defaults |= {
            each.arg: self.value(default) for each, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if default is not None
        }
        around: Scope | None = self.scope
        while around is not None and around.is_class:
            around = around.around
        return Function(name, node, self.source.piece(node), self.source.spot(node), around, defaults=defaults)

    def _subscript(self, node: ast.Subscript) -> Any:
        value = self.value(node.value)
        if isinstance(value, Imported):
            if value.path == "os.environ" and isinstance(key := self.value(node.slice), str):
                return Setting(str(key))
            return self.unknown(node)
        if isinstance(node.slice, ast.Slice):
            self.budget.look(value)
            bounds = self._bounds(node.slice)
            if isinstance(value, (str, list, tuple)) and bounds is not None:
                cut = value[bounds]
                return with_holes(cut, value) if isinstance(cut, str) else cut
            return self.unknown(node)
        key = self.value(node.slice)
        try:
            if isinstance(value, (list, tuple, str)) and isinstance(key, int):
                return value[key]
            if isinstance(value, dict) and is_key(key):
                return value[key]
        except (KeyError, IndexError, TypeError):
            return self.unknown(node)
        if isinstance(value, (Record, Member)):
            return Member(value, f"[{key!r}]" if isinstance(key, (str, int)) else "[…]", self.source.spot(node))
        return self.unknown(node)

    def _bounds(self, node: ast.Slice) -> slice | None:
        """The part of a list or a text that is meant; None when only running would tell."""
        bounds = [self.value(each) for each in (node.lower, node.upper, node.step)]
        known = all(each is None or isinstance(each, int) for each in bounds) and bounds[2] != 0
        return slice(*bounds) if known else None

    # Repeats ----------------------------------------------------------------------------------------------------------

    def each(self, value: Any) -> list[Any] | None:
        """What a loop over a value goes through; None when only running would tell."""
        if isinstance(value, (list, tuple, set)):
            return list(value)
        if isinstance(value, dict):
            return list(value)
        if isinstance(value, str) and len(value) <= MAX_ITEMS:
            return list(value)
        if isinstance(value, Class) and any(isinstance(base, Imported) and base.path.startswith("enum.") for base in value.bases):
            return [each for name, each in value.members.items() if not name.startswith("_") and not isinstance(each, Function)]
        return None

    def _listcomp(self, node: ast.ListComp) -> Any:
        return self._comprehended(node.generators, lambda: [self.value(node.elt)])

    def _generatorexp(self, node: ast.GeneratorExp) -> Any:
        return self._comprehended(node.generators, lambda: [self.value(node.elt)])

    def _setcomp(self, node: ast.SetComp) -> Any:
        try:
            return as_set(self._comprehended(node.generators, lambda: [self.value(node.elt)]))
        except TypeError:
            return self.unknown(node)

    def _dictcomp(self, node: ast.DictComp) -> Any:
        made: dict[Any, Any] = {}
        for key, value in self._comprehended(node.generators, lambda: [(self.value(node.key), self.value(node.value))]):
            put(made, key, value)
        return made

    def _comprehended(self, generators: list[ast.comprehension], element: Any) -> list[Any]:
        outer = self.scope
        self.scope = Scope(around=outer)
        try:
            return [item for items in self._rounds(generators, element) for item in items][:MAX_ITEMS]
        finally:
            self.scope = outer

    def _rounds(self, generators: list[ast.comprehension], element: Any) -> Iterator[list[Any]]:
        if not generators:
            yield element()
            return
        first, inner = generators[0], generators[1:]
        several = self.each(self.value(first.iter))
        for item in [self.unknown(first.iter)] if several is None else several:
            self.budget.step()
            self.bind(first.target, item)
            if all(truth(self.value(test)) is not False for test in first.ifs):
                yield from self._rounds(inner, element)

    # Names ------------------------------------------------------------------------------------------------------------

    def bind(self, target: ast.expr, value: Any) -> None:
        """Gives a name, an attribute or an item its value; several names theirs."""
        if isinstance(target, ast.Name):
            if isinstance(value, Record) and not value.name:
                value.name = target.id
            self.scope.set(target.id, value)
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value)
            if isinstance(value, Record) and not value.name:
                value.name = target.attr
            if isinstance(owner, (Record, Instance)):
                owner.fields[target.attr] = value
            if isinstance(owner, Class):
                owner.members[target.attr] = value
            if isinstance(owner, Record):
                owner.set_at[target.attr] = self.source.spot(target)
            elif isinstance(owner, Member):
                self._set_within(owner, target.attr, value, target)
        elif isinstance(target, ast.Subscript):
            if isinstance(target.slice, ast.Slice):
                self._set_slice(target, target.slice, value)
                return
            owner, key = self.value(target.value), self.value(target.slice)
            if isinstance(owner, dict) and len(owner) < MAX_ITEMS:
                put(owner, key, value)
            elif isinstance(owner, list) and isinstance(key, int) and -len(owner) <= key < len(owner):
                owner[key] = value
            elif isinstance(owner, Member):
                self._set_within(owner, "[…]", value, target)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            several = self.each(value) if not isinstance(value, str) else None
            if several is not None and len(several) == len(target.elts):
                for each, item in zip(target.elts, several, strict=True):
                    self.bind(each, item)
            else:
                for index, each in enumerate(target.elts):
                    self.bind(
                        each, Member(value, f"[{index}]", self.source.spot(each)) if isinstance(value, Record) else self.unknown(each)
                    )

    def _set_slice(self, target: ast.Subscript, part: ast.Slice, value: Any) -> None:
        """`agents[1:3] = [other]`."""
        owner, bounds, several = self.value(target.value), self._bounds(part), self.each(value)
        if isinstance(owner, list) and bounds is not None and several is not None and len(owner) + len(several) <= MAX_ITEMS:
            self.budget.look(owner, several)
            with suppress(ValueError):
                owner[bounds] = several

    def remove(self, target: ast.expr) -> None:
        """`del agents[1]`: takes items away; what a name meant is still known."""
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice):
            owner, bounds = self.value(target.value), self._bounds(target.slice)
            if isinstance(owner, list) and bounds is not None:
                self.budget.look(owner)
                del owner[bounds]
        elif isinstance(target, ast.Subscript):
            owner, key = self.value(target.value), self.value(target.slice)
            self.budget.look(owner)
            with suppress(IndexError, KeyError, TypeError):
                if (isinstance(owner, list) and isinstance(key, int)) or (isinstance(owner, dict) and is_key(key)):
                    del owner[key]
        elif isinstance(target, (ast.Tuple, ast.List)):
            for each in target.elts:
                self.remove(each)

    def _set_within(self, owner: Member, name: str, value: Any, target: ast.expr) -> None:
        """Notes that something of a record's own was given a value: `agent.handoffs.rule = …`."""
        names = [name]
        root: Any = owner
        while isinstance(root, Member) and len(names) < 50:
            names.append(root.name)
            root = root.of
        if isinstance(root, Record):
            path = ".".join(reversed(names)).replace(".[", "[")
            root.fields[path] = value
            root.set_at[path] = self.source.spot(target)


def _whole(written: str) -> str:
    """A text without the halves of characters, which can be stored nowhere."""
    return written if written.isascii() else written.encode("utf-8", "replace").decode()


def put(made: dict[Any, Any], key: Any, value: Any) -> None:
    """Into a dictionary, where the key is one that it can have."""
    if len(made) < MAX_ITEMS and is_key(key):
        with suppress(TypeError):
            made[key] = value
