"""Docstrings of functions that are tools: what they say of arguments, and that the oddest is read in bounded time."""

from __future__ import annotations

import time

import pytest

from studio.engine.tools.docstrings import MAX_DESCRIPTION, read_docstring


def test_arguments_are_known_in_every_style() -> None:
    said = {"x": "the first", "rest": "the others"}
    assert read_docstring("Adds.\n\n:param int x: the first\n:param *rest: the others\n:returns: all") == ("Adds.", said)
    assert read_docstring("Adds.\n\nArgs:\n    x (Optional(int), default): the first\n    *rest: the others\n\nReturns:\n    all") == (
        "Adds.",
        said,
    )
    assert read_docstring("Adds.\n\nParameters\n----------\nx : int\n    the first\nrest\n    the\n    others\n") == ("Adds.", said)


def test_several_names_share_what_is_said() -> None:
    assert read_docstring("Parameters\n----------\na, b : int\n    both\n    of them\na\n    too\n")[1] == {
        "a": "both of them too",
        "b": "both of them",
    }


@pytest.mark.parametrize(
    "docstring",
    [
        "Args:\n    word" + " " * 90_000 + "x\n",
        "Args:\n    word (" + ") " * 45_000 + "x\n",
        ":param " + " " * 90_000 + "!:\n",
        ":param " + "a " * 45_000 + "!: x\n",
        "Parameters\n----------\n" + ",".join(f"a{number}" for number in range(9_000)) + "\n" + "    x\n" * 9_000,
    ],
    ids=["spaces", "brackets", "no name", "names", "names and lines"],
)
def test_odd_docstrings_are_read_in_bounded_time(docstring: str) -> None:
    began = time.process_time()
    _, arguments = read_docstring(docstring)
    assert time.process_time() - began < 2
    assert all(len(said) <= MAX_DESCRIPTION for said in arguments.values())
