"""What runs remember and look up: for the owner, for guests, from the documents of the installation."""

from __future__ import annotations

from typing import Any

import pytest
from run_house import House, assistant, drawing, practice

from studio.engine.documents.document import Shelf
from studio.engine.memory import store
from studio.flow.document import Edge, FlowDocument, Node
from studio.library.memories import Memories
from studio.runs.guests import Guest


def remembering(kind: str, **config: Any) -> FlowDocument:
    """Ann, who answers once and has a memory of this kind."""
    script = {"ann": ["Yes [1]."], "ann remembers": ["Likes tea."]}
    flow = drawing(assistant("ann"), model=practice(script), turns=1)
    memory = Node(id="n_memory", kind=kind, name="memory", config=config)
    edge = Edge(id="e_memory", kind="memory", source="n_memory", target="n_ann")
    return flow.model_copy(update={"nodes": (*flow.nodes, memory), "edges": (*flow.edges, edge)})


async def recalled(house: House, flow: FlowDocument, **more: Any) -> list[dict[str, Any]]:
    started = await house.runs.start(flow, "Tea or coffee? When is the office open?", **more)
    (event,) = [event for event in await house.rest(started.run) if event["type"] == "recalled"]
    entries: list[dict[str, Any]] = event["entries"]
    return entries


async def test_a_guest_is_told_nothing_of_what_others_said(house: House) -> None:
    flow = remembering("teachable")
    assert await recalled(house, flow) == []
    assert [entry["text"] for entry in await recalled(house, flow)] == ["Likes tea."]
    assert await recalled(house, flow, guest=Guest("door")) == []
    assert await recalled(house, flow, guest=Guest("door")) == []
    notes = Memories(house.settings.data_dir / "memories").notes()
    assert len({note.person for note in notes}) == 3
    assert "you" in {note.person for note in notes}


async def test_guests_push_out_no_notes_about_others(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_TEXTS", 2)
    flow = remembering("teachable")
    await recalled(house, flow)
    for _ in range(3):
        await recalled(house, flow, guest=Guest("door"))
    assert [entry["text"] for entry in await recalled(house, flow)] == ["Likes tea."]
    notes = Memories(house.settings.data_dir / "memories").notes()
    assert sorted(note.memory for note in notes) == ["people/notes", "strangers/people.notes", "strangers/people.notes"]


async def test_what_a_guest_says_to_a_memory_of_all_runs_is_told_to_nobody_else(house: House) -> None:
    flow = remembering("vector_memory", texts=["The office opens at nine."], keeps="people", scope="everywhere", top_k=3)

    async def hears(task: str, **more: Any) -> tuple[list[str], str]:
        started = await house.runs.start(flow, task, **more)
        (event,) = [event for event in await house.rest(started.run) if event["type"] == "recalled"]
        return [entry["text"] for entry in event["entries"]], started.session

    await hears("The code of my office door is 4711.")
    asked, mine = await hears("What is the code of my office door? Mine is 1234.", guest=Guest("door"))
    assert asked == ["The office opens at nine."]
    again, _ = await hears("Which code has my office door?", guest=Guest("door"), session=mine)
    assert again == ["The office opens at nine."]  # what was said in this conversation, the agent reads anyway
    other, _ = await hears("Which code has my office door?", guest=Guest("door"))
    assert other == ["The office opens at nine."]
    owner, _ = await hears("Which code has my office door?")
    assert sorted(owner) == ["The code of my office door is 4711.", "The office opens at nine."]
    notes = Memories(house.settings.data_dir / "memories").notes()
    assert {(note.memory, note.person) for note in notes if "1234" in note.text} == {("strangers/memory", f"guest {mine}")}
    assert {(note.memory, note.person) for note in notes if "4711" in note.text} == {("memory", "you")}


async def test_a_run_answers_from_the_documents_of_its_installation(house: House) -> None:
    kept = Shelf(house.settings.data_dir / "documents").put("hours.txt", b"The office is open from nine.")
    (entry,) = await recalled(house, remembering("documents", documents=[kept.model_dump()]))
    assert (entry["number"], entry["document"], entry["text"]) == (1, "hours.txt", "The office is open from nine.")
