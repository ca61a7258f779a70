"""A class of a flow's own that answers: found in a source, which is only parsed, never run."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from studio.engine.parsing import parsed
from studio.engine.tools.schema import SourceMistake, check_source
from studio.texts import text

METHOD = "reply"
"""The method that answers."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class OwnClass:
    """A class whose objects answer. `takes` is the name of what its method is given, the messages; empty where it takes nothing."""

    name: str
    takes: str

    @property
    def called(self) -> str:
        """How a sandbox is asked for its answer."""
        return f"{self.name}.{METHOD}"


def class_of_source(source: str) -> OwnClass | None:
    """The first public class with a method `reply`, where the source has no public function of its own; None without one."""
    found = _found(source)
    if found is None:
        return None
    node, method = found
    asked = _asked(method)
    return OwnClass(node.name, asked[0].arg if asked else "")


def check_answers(source: str) -> list[SourceMistake]:
    """Everything that is wrong with a source that answers, a function or a class, by line. Executes nothing."""
    found = _found(source)
    if found is None:
        mistakes = check_source(source)
        tree = _parsed(source)
        nothing = tree is not None and not any(map(_is_public_function, tree.body))
        return [SourceMistake(1, text("engine.own_class.neither", method=METHOD))] if nothing else mistakes
    node, method = found
    mistakes = []
    for each in node.body:
        if isinstance(each, _Function) and each.name == "__init__" and _needed(each, 0):
            mistakes.append(SourceMistake(each.lineno, text("engine.own_class.made_with_arguments", name=node.name)))
    if _needed(method, 1):
        mistakes.append(SourceMistake(method.lineno, text("engine.own_class.asks_for_more", method=METHOD)))
    if not _asked(method) and method.args.vararg is not None:
        mistakes.append(SourceMistake(method.lineno, text("engine.own_class.starred", argument=method.args.vararg.arg)))
    return mistakes


def _found(source: str) -> tuple[ast.ClassDef, _Function] | None:
    tree = _parsed(source)
    if tree is None or any(map(_is_public_function, tree.body)):
        return None
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for each in node.body:
                if isinstance(each, _Function) and each.name == METHOD:
                    return node, each
    return None


def _parsed(source: str) -> ast.Module | None:
    try:
        return parsed(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_public_function(node: ast.stmt) -> bool:
    return isinstance(node, _Function) and not node.name.startswith("_")


def _asked(method: _Function) -> list[ast.arg]:
    """What a method takes by position, but for its object."""
    positional = [*method.args.posonlyargs, *method.args.args]
    is_static = any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in method.decorator_list)
    return positional if is_static else positional[1:]


def _needed(method: _Function, given: int) -> bool:
    """Whether a method asks for more than so many arguments."""
    without_default = len(_asked(method)) - len(method.args.defaults)
    return without_default > given or any(default is None for default in method.args.kw_defaults)
