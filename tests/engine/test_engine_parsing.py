"""Reading Python as a tree while other threads do the same."""

from __future__ import annotations

import ast
import gc
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import studio
from studio.engine.parsing import parsed, parsed_expression
from studio.engine.tools.schema import schema_of_source

DEEP = f"x = {'[' * 40}1{']' * 40}\n"


@contextmanager
def while_a_tree_is_made(what: threading.Thread) -> Iterator[None]:
    """Starts a thread from a collection amid the making of a tree, and waits for it as long as it would take if nothing held it."""
    collections = 0

    def begin(phase: str, info: dict[str, int]) -> None:
        nonlocal collections
        collections += phase == "start" and sys._getframe(1).f_code is ast.parse.__code__
        if collections >= 3 and what.ident is None:
            what.start()
            what.join(0.2)

    before = gc.get_threshold()
    gc.callbacks.append(begin)
    gc.set_threshold(10)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(begin)
        if what.ident is None:
            what.start()  # a Python that collects between two steps only
        what.join(5)


def test_a_thread_that_parses_while_another_one_collects_spoils_neither_tree() -> None:
    """The parser of CPython 3.11 counts its depth once for all threads, and refuses a tree when the count is not what it was."""
    other: list[ast.Module] = []
    thread = threading.Thread(target=lambda: other.append(parsed(DEEP)))
    with while_a_tree_is_made(thread):
        found = parsed(DEEP)
    assert ast.dump(found) == ast.dump(other[0]) == ast.dump(parsed(DEEP))


def test_tools_are_read_in_two_threads_at_once() -> None:
    source = f"def weigh(kilos: float) -> str:\n    {DEEP}    return str(kilos)\n"
    names: list[str] = []
    thread = threading.Thread(target=lambda: names.append(schema_of_source(source).name))
    with while_a_tree_is_made(thread):
        names.append(schema_of_source(source).name)
    assert names == ["weigh", "weigh"]


def test_what_is_no_python_is_refused_and_the_next_text_is_read() -> None:
    with pytest.raises(SyntaxError):
        parsed("def")
    with pytest.raises(SyntaxError):
        parsed_expression("x = 1")
    assert isinstance(parsed_expression("1 + 2"), ast.BinOp)


def test_nothing_in_the_product_parses_python_anywhere_else() -> None:
    folder = Path(studio.__file__).parent
    parses = re.compile(r"\bast\.parse\(|\bPyCF_ONLY_AST\b|\bfrom ast import\b")
    found = [path.relative_to(folder).as_posix() for path in folder.rglob("*.py") if parses.search(path.read_text("utf-8"))]
    assert found == ["engine/parsing.py"]
