"""What runs remember and look up: for the owner, for guests, from the documents of the installation."""

from __future__ import annotations

from typing import Any

from run_house import House, assistant, drawing, practice

from studio.engine.documents.document import Shelf
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


async def test_a_run_answers_from_the_documents_of_its_installation(house: House) -> None:
    kept = Shelf(house.settings.data_dir / "documents").put("hours.txt", b"The office is open from nine.")
    (entry,) = await recalled(house, remembering("documents", documents=[kept.model_dump()]))
    assert (entry["number"], entry["document"], entry["text"]) == (1, "hours.txt", "The office is open from nine.")
