"""Sentences that programs write out, found in their syntax trees: what people see is to come from the message catalogue."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Set
from functools import cache
from pathlib import Path

CLASS = re.compile(r"^ *class (\w+)\(([^)]*)\)", re.MULTILINE)

AGREED_TO = {"consent", "needs_consent"}
"""Functions that give what people are asked to agree to."""


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree))


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""


def errors(paths: Iterable[Path]) -> Set[str]:
    """The classes of errors that write sentences for people: ConveneError and all in these modules that are made of it."""
    classes = [each for path in paths for each in CLASS.findall(path.read_text("utf-8"))]
    bases = {name: set(re.split(r"[\s,]+", of)) for name, of in classes}
    found = {"ConveneError"}
    while more := {name for name, of in bases.items() if of & found} - found:
        found |= more
    return found


def literal(node: ast.AST) -> str | None:
    """A text as it is written, with {} for what is put in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def literals(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and called(node) in ("text", "counted"):
        return
    found = literal(node)
    if found is not None:
        yield found
    for inner in ast.iter_child_nodes(node):
        if not isinstance(node, ast.JoinedStr) or isinstance(inner, ast.FormattedValue):
            yield from literals(inner)


def shown_calls(tree: ast.AST, family: Set[str]) -> set[ast.Call]:
    """The calls whose arguments people see; those of `super().__init__` in an error's class too."""
    found = {node for node in nodes(tree) if isinstance(node, ast.Call) and called(node) in family}
    for node in nodes(tree):
        if isinstance(node, ast.ClassDef) and any(isinstance(base, ast.Name) and base.id in family for base in node.bases):
            found |= {each for each in ast.walk(node) if isinstance(each, ast.Call) and called(each) == "__init__"}
    return found


def sentences(tree: ast.AST, family: Set[str]) -> list[tuple[int, str]]:
    """Texts of two words or more that are written out where words for people belong, by line."""
    found, shown = set(), shown_calls(tree, family)
    lines = {call.lineno for call in shown}
    for scope in (node for node in nodes(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module)):
        if isinstance(scope, ast.Module):
            within: tuple[ast.AST, ...] = tuple(shown)
        else:
            within = nodes(scope) if any(scope.lineno <= line <= (scope.end_lineno or line) for line in lines) else ()
        calls = [node for node in within if node in shown]
        assigned: dict[str, list[ast.expr]] = {}
        for node in within:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                assigned.setdefault(node.targets[0].id, []).append(node.value)
        for node in calls:
            assert isinstance(node, ast.Call)
            given = [*node.args, *(each.value for each in node.keywords)]
            given += [value for each in given if isinstance(each, ast.Name) for value in assigned.get(each.id, [])]
            found |= {(node.lineno, said) for each in given for said in literals(each) if len(words_in(said)) > 1}
        if isinstance(scope, ast.FunctionDef) and scope.name in AGREED_TO:
            body = scope.body[1:] if ast.get_docstring(scope) else scope.body
            found |= {(scope.lineno, said) for each in body for said in literals(each) if len(words_in(said)) > 1}
    return sorted(found)


def words_in(said: str) -> list[str]:
    return [word for word in said.split() if re.search(r"[^\W\d_]", word)]
