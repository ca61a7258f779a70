"""Flow files without places: nothing lies on another thing, and what has a place stays exactly there."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from studio.flow.document import FlowDocument
from studio.flow.sizes import TEAM_HEADER, Box, box_of
from studio.flow.unplaced import placed
from studio.flow.upgrade import read_document
from studio.flow.wires import Drawing
from studio.formats.picture.hidden import svg_metadata
from studio.formats.recognise import read_bytes


def raw(key: str, kind: str, parent: str | None = None, at: tuple[float, float] | None = None, **more: Any) -> dict[str, Any]:
    place = {} if at is None else {"position": {"x": at[0], "y": at[1]}}
    return {"id": key, "kind": kind, "name": key, **({"parent": parent} if parent else {}), **place, **more}


def flow(*nodes: dict[str, Any], edges: tuple[tuple[str, str, str], ...] = ()) -> dict[str, Any]:
    wires = [{"id": f"e{at}", "kind": kind, "source": source, "target": target} for at, (kind, source, target) in enumerate(edges)]
    return {"format": "convene.flow", "version": 1, "name": "Bare", "nodes": list(nodes), "edges": wires}


def nested(**places: tuple[float, float]) -> dict[str, Any]:
    """A team in a team, models and a note; `places` are those that the file names."""
    kinds = (
        ("outer", "team", None),
        ("ann", "assistant", "outer"),
        ("inner", "team", "outer"),
        ("bob", "assistant", "inner"),
        ("eve", "human", "inner"),
        ("end", "text_mention", "outer"),
        ("model", "practice", None),
        ("words", "note", None),
    )
    return flow(*(raw(key, kind, parent, places.get(key)) for key, kind, parent in kinds), edges=(("model", "model", "outer"),))


def collisions(document: FlowDocument) -> list[tuple[str, str]]:
    """Nodes of one team, or of the canvas, that lie on each other, and members outside of their team or on its header."""
    drawing = Drawing(document)
    found = []
    for one, other in itertools.combinations(document.nodes, 2):
        if one.parent == other.parent and box_of(one, drawing).overlaps(box_of(other, drawing)):
            found.append((one.id, other.id))
    for node in document.nodes:
        team = drawing.team_of(node)
        if team is None:
            continue
        room, box = box_of(team, drawing), box_of(node, drawing)
        if box.y < TEAM_HEADER or box.right > room.width or box.bottom > room.height:
            found.append((node.id, team.id))
    return found


@pytest.mark.parametrize(
    "places",
    [
        {},
        {"outer": (40.0, 40.0)},
        {"ann": (32.0, 64.0)},
        {"bob": (300.0, 300.0)},
        {"inner": (260.0, 64.0), "model": (0.0, 0.0)},
        {"outer": (40.0, 40.0), "ann": (32.0, 64.0), "inner": (260.0, 64.0), "bob": (32.0, 64.0), "eve": (260.0, 64.0)},
    ],
)
def test_whatever_has_no_place_gets_one_and_the_rest_stays(places: dict[str, tuple[float, float]]) -> None:
    document = placed(read_document(nested(**places)))
    assert collisions(document) == []
    assert {node.id: (node.position.x, node.position.y) for node in document.nodes if node.id in places} == places


def test_a_file_with_every_place_comes_as_it_is() -> None:
    whole = dict.fromkeys(("outer", "ann", "inner", "bob", "eve", "end", "model", "words"), (0.0, 0.0))
    document = read_document(nested(**whole))
    assert placed(document) is document


def test_a_placed_team_keeps_its_place_and_grows_for_new_members() -> None:
    team = raw("team", "team", at=(10, 10), size={"width": 320, "height": 200})
    document = placed(read_document(flow(team, *(raw(f"a{at}", "assistant", "team") for at in range(6)))))
    drawing = Drawing(document)
    box = box_of(drawing.by_id["team"], drawing)
    assert (box.x, box.y) == (10, 10)
    assert box.width > 320
    assert collisions(document) == []


def test_new_nodes_of_the_canvas_lie_below_what_has_a_place() -> None:
    document = placed(read_document(flow(raw("a", "practice", at=(0, 0)), raw("b", "practice"), raw("c", "practice"))))
    drawing = Drawing(document)
    first, *others = (box_of(node, drawing) for node in document.nodes)
    assert isinstance(first, Box)
    assert all(box.y > first.bottom for box in others)


def test_files_and_pictures_are_laid_out_as_they_are_read() -> None:
    data = json.dumps(nested())
    [from_file] = read_bytes(data.encode()).flows
    assert collisions(from_file.document) == []
    picture = f'<svg xmlns="http://www.w3.org/2000/svg">{svg_metadata(data)}</svg>'
    [from_picture] = read_bytes(picture.encode()).flows
    assert from_picture.document == from_file.document
