"""What the statements of a script do: names, branches, loops, functions and classes, each within bounds and without running anything."""

from __future__ import annotations

import ast
from typing import Any

from studio.formats.python_reading.calls import Calls
from studio.formats.python_reading.known_calls import NOT_WORKED_OUT
from studio.formats.python_reading.operators import binary, truth
from studio.formats.python_reading.scopes import MAX_CALLS, Broken, Left, Scope, Unsure
from studio.formats.python_reading.source import Source
from studio.formats.python_reading.values import (
    Class,
    Function,
    Imported,
    Instance,
    Joined,
    Member,
    Record,
    Setting,
    Text,
    Unknown,
    outer_bases,
)

_PLAIN_BASES = frozenset(("builtins.object", "abc.ABC", "typing.Protocol", "enum.Enum", "typing.NamedTuple"))
_FRAMEWORKS = frozenset(("autogen", "ag2", "pyautogen", "autogen_agentchat", "autogen_core", "autogen_ext"))
_NOT_KNOWN = (Unknown, Member, Setting)
MAX_ROUNDS = 1_000


class Statements(Calls):
    """Goes through statements. A test that only running would tell lets both branches count; a loop over what is not known goes once."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.depth = 0
        self.open: list[ast.AST] = []
        self.functions: list[Function] = []
        self.classes: list[Class] = []

    def block(self, statements: list[ast.stmt]) -> None:
        """Goes through statements in order. Raises OutOfSteps; Left and Broken where they leave a function or a loop."""
        for each in statements:
            self.budget.step()
            handle = getattr(self, f"_do_{type(each).__name__.lower()}", None)
            if handle is not None:
                handle(each)

    # Values and names -------------------------------------------------------------------------------------------------

    def _do_expr(self, node: ast.Expr) -> None:
        self.value(node.value)

    def _do_assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.bind(target, value)

    def _do_annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.bind(node.target, self.value(node.value))

    def _do_augassign(self, node: ast.AugAssign) -> None:
        left, right = self.value(node.target), self.value(node.value)
        if isinstance(left, list) and isinstance(node.op, ast.Add):
            several = self.each(right)
            left.extend([right] if several is None else several[: max(0, MAX_ROUNDS - len(left))])
            return
        self.budget.look(left, right)
        known = binary(node.op, left, right, self.budget)
        if known is NOT_WORKED_OUT and isinstance(node.op, (ast.BitAnd, ast.BitOr)):
            known = Joined("&" if isinstance(node.op, ast.BitAnd) else "|", left, right, self.source.spot(node))
        elif known is NOT_WORKED_OUT and isinstance(left, str):
            known = (
                Text.of(left + "{" + self.source.piece(node.value) + "}", (right,)) if self.budget.write(len(left)) else self.unknown(node)
            )
        self.bind(node.target, self.unknown(node) if known is NOT_WORKED_OUT else known)

    def _do_delete(self, node: ast.Delete) -> None:
        if self.unsure:
            # Nobody knows whether that is done: what is there counts.
            return
        for target in node.targets:
            self.remove(target)

    def _do_import(self, node: ast.Import) -> None:
        for each in node.names:
            if each.asname:
                self.scope.set(each.asname, Imported(each.name))
            else:
                first = each.name.partition(".")[0]
                self.scope.set(first, Imported(first))

    def _do_importfrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        for each in node.names:
            if each.name == "*":
                self.stars.append(module)
            else:
                path = f"{module}{each.name}" if module.endswith(".") else f"{module}.{each.name}"
                self.scope.set(each.asname or each.name, Imported(path))

    def _do_global(self, node: ast.Global | ast.Nonlocal) -> None:
        self.scope.outer.update(node.names)

    _do_nonlocal = _do_global

    # Functions and classes --------------------------------------------------------------------------------------------

    def _do_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        made = self.function(node, node.name)
        self.functions.append(made)
        for each in node.decorator_list:
            decorator = self.value(each)
            made.decorators.append(decorator)
        self.scope.set(node.name, made)

    _do_asyncfunctiondef = _do_functiondef

    def _do_classdef(self, node: ast.ClassDef) -> None:
        bases = [self.value(each) for each in node.bases]
        made = Class(node.name, node, self.source.piece(node), self.source.spot(node), bases)
        outer = self.scope
        self.scope = Scope(around=outer, is_class=True)
        before = len(self.functions)
        try:
            self.block(node.body)
        except (Left, Broken):
            pass
        finally:
            made.members = self.scope.names
            self.scope = outer
        # Methods are called through their objects only.
        del self.functions[before:]
        made.decorators += [self.value(each) for each in node.decorator_list]
        self.classes.append(made)
        self.scope.set(node.name, made)

    def call(self, function: Function, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        function.called = True
        told = [*args, *kwargs.values()]
        again = function.node in self.open and bool(told) and all(isinstance(each, _NOT_KNOWN) for each in told)
        if self.depth >= MAX_CALLS or again:
            # One that calls itself with what is not known would go on like that for ever.
            return self.unknown(node)
        outer = self.scope
        self.scope = self._entered(function, args, kwargs, node)
        self.depth += 1
        self.open.append(function.node)
        outer_unsure, self.unsure = self.unsure, 0
        outer_within = self.within
        self.within = list(outer_within)
        try:
            if isinstance(function.node, ast.Lambda):
                return self.value(function.node.body)
            given: list[Any] = []
            self.scope.names["\u0001given"] = given
            try:
                self.block(function.node.body)
            except Left as left:
                given.append(left.value)
            except Broken:
                pass
            return self._first(given, node)
        finally:
            self.scope = outer
            self.depth -= 1
            self.open.pop()
            self.unsure = outer_unsure
            self.within = outer_within

    def _first(self, given: list[Any], node: ast.AST) -> Any:
        """What counts of all that a function may give: the first that is something. Yes here and no there is not known."""
        something = [value for value in given if value is not None and not isinstance(value, bool)]
        if something:
            return something[0]
        answers = {value for value in given if isinstance(value, bool)}
        return self.unknown(node) if len(answers) > 1 else next(iter(answers), None)

    def _entered(self, function: Function, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Scope:
        scope = Scope(around=function.scope)
        given = function.node.args
        plainly = [each.arg for each in (*given.posonlyargs, *given.args)]
        positional = [function.owner, *args] if function.owner is not None else list(args)
        for name, value in zip(plainly, positional, strict=False):
            scope.names[name] = value
        if given.vararg is not None:
            scope.names[given.vararg.arg] = tuple(positional[len(plainly) :])
        wanted = {*plainly, *(each.arg for each in given.kwonlyargs)}
        scope.names.update({name: value for name, value in kwargs.items() if name in wanted})
        if given.kwarg is not None:
            scope.names[given.kwarg.arg] = {name: value for name, value in kwargs.items() if name not in wanted}
        for name in wanted:
            if name not in scope.names:
                scope.names[name] = function.defaults[name] if name in function.defaults else Unknown(name, self.source.spot(node))
        return scope

    def make(self, definition: Class, args: list[Any], kwargs: dict[str, Any], node: ast.Call) -> Any:
        """An object of a class of the script; of one that inherits from something foreign, a record."""
        definition.called = True
        if is_foreign(definition):
            # Without a constructor of its own it is made as what it inherits from.
            base = _made_as(definition)
            if base is None and (constructed := self._constructed(definition, args, kwargs, node)) is not None:
                return constructed
            made = self.record(base.path if base is not None else definition.name, args, kwargs, node)
            made.definition = definition
            return made
        instance = Instance(definition, spot=self.source.spot(node))
        definition.made = definition.made or instance
        begin = self.attribute(instance, "__init__", node)
        if isinstance(begin, Function):
            self.call(begin, args, kwargs, node)
        else:
            # A dataclass takes its fields in their order.
            fields = [
                each.target.id for each in definition.node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
            ]
            instance.fields.update(zip(fields, args, strict=False))
            instance.fields.update(kwargs)
        return instance

    def _constructed(self, definition: Class, args: list[Any], kwargs: dict[str, Any], node: ast.Call) -> Record | None:
        """An object whose own constructor hands on to that of a framework's class: a record of what it hands on; None for any other."""
        constructors, base = _constructors(definition)
        if base is None or self.depth >= MAX_CALLS:
            return None
        made = self.record(base.path, [], {}, node)
        made.definition = definition
        given, itself = made, 0
        passed, named = args, kwargs
        while constructors:
            begin = constructors.pop(0)
            bound = Function(begin.name, begin.node, begin.source, begin.spot, begin.scope, begin.decorators, begin.defaults, made)
            first = len(self.records)
            self.call(bound, passed, named, node)
            handed = [each for each in self.records[first:] if each.callee in ("builtins.super.__init__", f"{base.path}.__init__")]
            if len(handed) != 1 or handed[0].rest:
                made.callee, made.args, made.kwargs = definition.name[:300], args, kwargs
                made.set_at.clear()
                return made
            given = handed[0]
            itself = 1 if given.callee.startswith(base.path) else 0
            passed, named = given.args[itself:], given.kwargs
            # A constructor that calls that of its class by name has gone through it already.
            while any(each.spot.start <= given.spot.start < each.spot.end for each in constructors):
                constructors.pop(0)
        # What it sets for itself is part of the class, whose source is kept.
        made.set_at.clear()
        made.args, made.kwargs = passed, named
        made.spots = {place - itself if isinstance(place, int) else place: spot for place, spot in given.spots.items()}
        return made

    def _do_return(self, node: ast.Return) -> None:
        value = self.value(node.value)
        if self.unsure:
            found, given = self.scope.find("\u0001given")
            if found and value is not None:
                given.append(value)
            raise Unsure
        raise Left(value)

    def _do_raise(self, node: ast.Raise) -> None:
        if node.exc is not None:
            self.value(node.exc)
        raise Unsure if self.unsure else Left(None)

    # Branches and loops -----------------------------------------------------------------------------------------------

    def _do_if(self, node: ast.If) -> None:
        known = True if _is_main(node.test) else truth(self.value(node.test))
        if known is not None:
            self.block(node.body if known else node.orelse)
            return
        self.undecided[node] = None
        self._perhaps(node.body)
        self._perhaps(node.orelse)

    def _perhaps(self, statements: list[ast.stmt]) -> None:
        """Goes through statements of which nobody knows whether they would be reached: leaving them leaves nothing else."""
        self.unsure += 1
        try:
            self.block(statements)
        except (Unsure, Broken):
            pass
        finally:
            self.unsure -= 1

    def _do_for(self, node: ast.For | ast.AsyncFor) -> None:
        iterated = self.value(node.iter)
        several = self.each(iterated)
        if several is None:
            # What goes through a record (`async for message in team.run_stream(…)`) counts as its use.
            item = Member(iterated, "[…]", self.source.spot(node.iter)) if isinstance(iterated, Record) else self.unknown(node.iter)
            self.bind(node.target, item)
            self._perhaps(node.body)
            return
        for item in several[:MAX_ROUNDS]:
            self.bind(node.target, item)
            try:
                self.block(node.body)
            except Broken as broken:
                if broken.ends:
                    return
        self.block(node.orelse)

    _do_asyncfor = _do_for

    def _do_while(self, node: ast.While) -> None:
        if isinstance(node.test, ast.Constant):
            self._perhaps(node.body)
            return
        for _ in range(MAX_ROUNDS):
            known = truth(self.value(node.test))
            if known is False:
                return
            if known is None:
                self._perhaps(node.body)
                return
            try:
                self.block(node.body)
            except Broken as broken:
                if broken.ends:
                    return

    def _do_break(self, node: ast.Break) -> None:
        raise Broken(True)

    def _do_continue(self, node: ast.Continue) -> None:
        raise Broken(False)

    def _do_with(self, node: ast.With | ast.AsyncWith) -> None:
        before = len(self.within)
        for item in node.items:
            value = self.value(item.context_expr)
            self.within.append(value)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value)
        try:
            self.block(node.body)
        finally:
            del self.within[before:]

    _do_asyncwith = _do_with

    def _do_try(self, node: ast.Try) -> None:
        try:
            self.block(node.body)
            self.block(node.orelse)
        finally:
            if node.finalbody:
                self._perhaps(node.finalbody)
        if _only_imports(node.body):
            return
        for handler in node.handlers:
            if handler.name:
                self.scope.set(handler.name, self.unknown(handler))

    _do_trystar = _do_try

    def _do_match(self, node: ast.Match) -> None:
        self.value(node.subject)
        self.undecided[node] = None
        for case in node.cases:
            self._perhaps(case.body)


def _is_main(test: ast.expr) -> bool:
    """`__name__ == "__main__"`."""
    if not isinstance(test, ast.Compare):
        return False
    return any(isinstance(each, ast.Name) and each.id == "__name__" for each in (test.left, *test.comparators))


def _only_imports(statements: list[ast.stmt]) -> bool:
    return all(isinstance(each, (ast.Import, ast.ImportFrom)) for each in statements)


def _made_as(definition: Class) -> Imported | None:
    """The foreign class whose constructor a class has; None for one with a constructor of its own."""
    each: Any = definition
    for _ in range(20):
        if not isinstance(each, Class):
            return each if isinstance(each, Imported) else None
        if "__init__" in each.members or "__new__" in each.members or not each.bases:
            return None
        each = each.bases[0]
    return None


def _constructors(definition: Class) -> tuple[list[Function], Imported | None]:
    """The constructors of a class of the script and of those above it, and the class of a framework of agents to which they hand on."""
    found: list[Function] = []
    each: Any = definition
    for _ in range(20):
        if not isinstance(each, Class):
            break
        begin = each.members.get("__init__")
        if begin is not None and not isinstance(begin, Function):
            return [], None
        found += [begin] if begin is not None else []
        if not each.bases:
            return [], None
        each = each.bases[0]
    followed = bool(found) and isinstance(each, Imported) and each.path.partition(".")[0] in _FRAMEWORKS
    return (found, each) if followed else ([], None)


def is_foreign(definition: Class) -> bool:
    """Whether a class of the script inherits from something that is not the script's own."""
    bases = outer_bases(definition)
    return bases is None or any(not (isinstance(each, Imported) and each.path in _PLAIN_BASES) for each in bases)
