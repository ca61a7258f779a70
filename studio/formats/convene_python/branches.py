"""Tests of a program whose outcome only running would tell, where what is drawn depends on it."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from studio.formats.python_reading.script import Script

_CHANGES = frozenset("add append clear discard extend insert pop remove reverse setdefault sort update".split())
"""Methods that change a list, a dictionary or a set."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def open_tests(script: Script, lines: Collection[int]) -> Iterator[tuple[int, str]]:
    """(line, what is tested), in the order of the program; `lines` are those of the calls that the drawing is made of."""
    tests = script.undecided
    if not tests:
        return
    bindings = list(_bindings(script.source.tree))
    wanted = _needed(script.source.tree, bindings, lines)
    drawn = [binding for binding in bindings if not binding.names.isdisjoint(wanted)]
    begin = sorted(binding.line for binding in drawn)
    within = {line for binding in drawn for line in range(binding.line, binding.end_line + 1)}.union(lines)
    for test in sorted(tests, key=_line_of):
        line = _line_of(test)
        match test:
            case ast.IfExp(test=tested) if line in within:
                yield line, _words(script.source.piece(tested))
            case ast.If(test=tested) | ast.Match(subject=tested) if _has_one(begin, line, _end_of(test)):
                yield line, _words(script.source.piece(tested))


@dataclass(frozen=True, slots=True)
class _Binding:
    """What gives names something, by lines that count from 1; `uses` are the names in it. A return gives something to its function."""

    line: int
    end_line: int
    names: frozenset[str]
    uses: frozenset[str]


def _bindings(tree: ast.AST) -> Iterator[_Binding]:
    within: list[tuple[ast.AST, str]] = [(tree, "")]
    while within:
        node, function = within.pop()
        if (names := _bound_by(node, function)) is not None:
            said = node.iter if isinstance(node, ast.For) else node
            yield _Binding(_line_of(node), _end_of(said), names, _loaded(said))
        inner = node.name if isinstance(node, _FUNCTIONS) else function
        within += [(child, inner) for child in ast.iter_child_nodes(node)]


def _bound_by(node: ast.AST, function: str) -> frozenset[str] | None:
    """The names that a statement gives something to; None for one that gives nothing to any."""
    match node:
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            return frozenset(name for target in targets for name in _roots(target))
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target) | ast.NamedExpr(target=target) | ast.For(target=target):
            return frozenset(_roots(target))
        case ast.Return(value=ast.expr()):
            return frozenset((function,))
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=method))) if method in _CHANGES:
            return frozenset(_roots(owner))
    return None


def _roots(target: ast.expr) -> Iterator[str]:
    """The names that a target begins with: `a, b.c, d[0]` gives a, b and d."""
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Starred(value=inner):
            yield from _roots(inner)
        case ast.Tuple(elts=several) | ast.List(elts=several):
            for each in several:
                yield from _roots(each)


def _loaded(node: ast.AST) -> frozenset[str]:
    return frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load))


def _needed(tree: ast.AST, bindings: Collection[_Binding], lines: Collection[int]) -> set[str]:
    """All names that the calls on these lines come from."""
    uses: dict[str, set[str]] = {}
    for binding in bindings:
        for name in binding.names:
            uses.setdefault(name, set()).update(binding.uses)
    waiting = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.lineno in lines]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += uses.get(name, ())
    return found


def _has_one(lines: Sequence[int], first: int, last: int) -> bool:
    """Whether any of the lines, which are in order, is one of these."""
    return bisect_left(lines, first) < bisect_right(lines, last)


def _words(source: str) -> str:
    return " ".join(source.split())[:80]


def _line_of(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 0))


def _end_of(node: ast.AST) -> int:
    return int(getattr(node, "end_lineno", None) or 0)
