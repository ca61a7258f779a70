"""Memories on the command line: listed, searched, forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Convene

from studio.engine.memory.store import MemoryFile
from studio.engine.memory.teachable import origin_of


@pytest.fixture
def data(tmp_path: Path, convene: Convene) -> Convene:
    """`convene` over a data directory in which two people are remembered."""
    place = tmp_path / "own"
    file = MemoryFile(place / "memories" / "people" / "notes.db")
    file.add(("Eve likes tea.",), origin_of("eve"), "eve")
    file.add(("Bob likes coffee.",), origin_of("bob"), "bob")
    return lambda *arguments: convene(*arguments, "--data-dir", place)


def test_what_is_remembered_is_listed_and_searched(data: Convene) -> None:
    assert "Eve likes tea." in data("memory", "list").out
    (row,) = json.loads(data("memory", "list", "--search", "coffee", "--json").out)
    assert (row["person"], row["text"], row["memory"]) == ("bob", "Bob likes coffee.", "people/notes")
    assert "Bob" not in data("memory", "list", "--person", "eve").out


def test_notes_are_forgotten_by_their_keys_by_person_or_all(data: Convene) -> None:
    (row,) = json.loads(data("memory", "list", "--person", "eve", "--json").out)
    assert data("memory", "forget", row["key"]).out == "Forgotten: 1.\n"
    assert data("memory", "forget", "--person", "bob").out == "Forgotten: 1.\n"
    assert data("memory", "list").out == "Nothing is remembered.\n"
    assert data("memory", "forget", "--all").out == "Forgotten: 0.\n"


def test_nothing_is_forgotten_unless_somebody_says_what(data: Convene) -> None:
    nothing = data("memory", "forget")
    assert (nothing.status, nothing.out, nothing.err) == (2, "", "convene: Say which: keys, --person NAME or --all.\n")
    unknown = data("memory", "forget", "people/notes:99")
    assert unknown.status == 2
    assert "There is no note people/notes:99." in unknown.err
    assert len(json.loads(data("memory", "list", "--json").out)) == 2
