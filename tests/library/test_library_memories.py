"""What agents remember for all runs, as a person sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.memory.store import MemoryFile
from studio.engine.memory.teachable import origin_of
from studio.library.memories import Memories, NoteMissing


@pytest.fixture
def memories(tmp_path: Path) -> Memories:
    people = MemoryFile(tmp_path / "people" / "notes.db")
    people.add(("Eve likes tea.",), origin_of("eve"), "eve")
    people.add(("Bob likes coffee.",), origin_of("bob"), "bob")
    shared = MemoryFile(tmp_path / "memory.db")
    shared.add(("The office opens at nine.",), source="you")
    shared.add(("Stands in a form.",), origin="vector_memory:1")
    (tmp_path / ".vectors.db").write_bytes(b"no memory")
    (tmp_path / "people" / "link.db").symlink_to(tmp_path / "memory.db")
    return Memories(tmp_path)


def test_all_memories_are_listed_the_newest_first(memories: Memories) -> None:
    notes = memories.notes()
    assert [note.text for note in notes] == ["The office opens at nine.", "Bob likes coffee.", "Eve likes tea."]
    assert [(note.memory, note.person) for note in notes] == [("memory", "you"), ("people/notes", "bob"), ("people/notes", "eve")]
    assert len({note.key for note in notes}) == 3


def test_they_are_found_by_words_and_by_person(memories: Memories) -> None:
    assert [note.text for note in memories.notes("LIKES tea")] == ["Eve likes tea."]
    assert [note.text for note in memories.notes(person="Bob")] == ["Bob likes coffee."]
    assert memories.notes("tea", person="bob") == []


def test_what_is_forgotten_is_gone_and_can_be_brought_back(memories: Memories) -> None:
    (note,) = memories.notes("tea")
    assert memories.forget([note.key, note.key]) == [note]
    assert memories.notes("tea") == []
    people = MemoryFile(memories.folder / "people" / "notes.db")
    assert people.query("tea", origin_of("eve"), 5, 0.01) == ()
    memories.bring_back([note])
    assert [each.text for each in people.query("tea", origin_of("eve"), 5, 0.01)] == ["Eve likes tea."]


def test_what_a_search_finds_can_be_forgotten_however_much_was_remembered_since(memories: Memories) -> None:
    people = MemoryFile(memories.folder / "people" / "notes.db")
    people.add([f"Note {number}" for number in range(1_001)], origin_of("bob"), "bob")
    assert len(memories.notes(person="bob")) == 1_002
    (note,) = memories.notes(person="eve")
    assert memories.forget([note.key]) == [note]
    memories.forget([each.key for each in memories.notes(person="bob")])
    assert [note.text for note in memories.notes()] == ["The office opens at nine."]


def test_a_key_that_nothing_has_forgets_nothing(memories: Memories) -> None:
    with pytest.raises(NoteMissing, match="people/notes:99"):
        memories.forget([memories.notes()[0].key, "people/notes:99"])
    assert len(memories.notes()) == 3


def test_where_nothing_was_ever_remembered_there_is_nothing(tmp_path: Path) -> None:
    assert Memories(tmp_path / "none").notes() == []
    assert not (tmp_path / "none").exists()
