"""Reading Python as a tree, in one place and by one thread at a time."""

from __future__ import annotations

import ast
import threading
import warnings
from typing import Literal, overload

_turn = threading.RLock()


def parsed(source: str) -> ast.Module:
    """The tree of a module. Raises SyntaxError, ValueError, RecursionError and MemoryError as `ast.parse` does."""
    return _tree(source, "exec")


def parsed_expression(source: str) -> ast.expr:
    """The tree of one expression. Raises as `parsed` does."""
    return _tree(source, "eval").body


@overload
def _tree(source: str, mode: Literal["exec"]) -> ast.Module: ...
@overload
def _tree(source: str, mode: Literal["eval"]) -> ast.Expression: ...
def _tree(source: str, mode: str) -> ast.AST:
    # CPython 3.11 counts the depth of a tree that it makes once for all threads: a collection that runs Python code in between lets
    # another thread count on, and both trees fail with "AST constructor recursion depth mismatch". Filters of warnings are shared too.
    # Nobody waits longer for it, as the interpreter is held while it parses.
    with _turn, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source, mode=mode)
