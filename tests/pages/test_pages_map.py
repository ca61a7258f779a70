"""The map of the code says what the code does: its folders, wires, edits, what the canvas draws, and the frames of the run channel."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from studio.flow.catalogue.palette import palette
from studio.flow.document import Edge, EdgeKind, FlowDocument, Node
from studio.flow.edits import model
from studio.flow.kinds import Category
from studio.flow.view import graph_view, patch

STUDIO = Path(__file__).parents[2] / "studio"
MAP = (STUDIO / "README.md").read_text(encoding="utf-8")

EDITS = {each.model_fields["type"].default: each for each in vars(model).values() if "type" in getattr(each, "model_fields", ())}


def shape(name: str) -> dict[str, str]:
    """What the map says of a shape that the canvas draws: its fields, and what stands at each."""
    whole = MAP[MAP.index(f"\n{name} ") :]
    inner = whole[whole.index("{") + 1 :]
    found, depth, field = {}, 0, ""
    for character in inner:
        if character == "}" and not depth:
            break
        depth += (character in "{[(") - (character in "}])")
        if character == "," and not depth:
            found[field.strip()] = field
            field = ""
        else:
            field += character
    found[field.strip()] = field
    return {re.split(r"[ :|?]", each.strip())[0]: each for each in found.values()}


def test_every_room_of_the_map_is_there_and_every_room_is_on_it() -> None:
    rooms = set(re.findall(r"^\| .*", MAP, re.MULTILINE))
    named = {name for row in rooms for name in re.findall(r"`(?:\.\./)?(\w+)/`", row.split("|")[1])}
    there = {each.name for each in STUDIO.iterdir() if each.is_dir() and not each.name.startswith(("_", "."))}
    assert named == there | {"components", "assets"}
    formats = next(row for row in rooms if row.startswith("| `formats/`"))
    folders = {each.name for each in (STUDIO / "formats").iterdir() if each.is_dir() and not each.name.startswith("_")}
    assert set(re.findall(r"`(\w+)/`", formats)) == folders | {"formats"}


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:\w+/)+(?:\w+\.(?:py|js|jsx|json))?)`", MAP))))
def test_every_file_and_folder_that_the_map_names_is_there(path: str) -> None:
    if path.startswith(("memories/", "documents/")):
        return  # in the data directory
    assert [
        found
        for found in (*STUDIO.rglob(path.rstrip("/")), *(STUDIO.parent / "assets").rglob(path.rstrip("/")))
        if "_web" not in found.parts
    ]


@pytest.mark.parametrize("kind", sorted(EDITS))
def test_the_map_tells_every_edit_with_its_fields(kind: str) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", MAP, re.MULTILINE))
    assert kind in rows
    told = " ".join(re.findall(r"`([^`]+)`", rows[kind]))
    assert {name for name in EDITS[kind].model_fields if not re.search(rf"\b{name}\b", told)} <= {"type"}


def test_the_map_tells_every_kind_of_wire_and_of_node() -> None:
    edges = MAP[MAP.index("Edges: ") : MAP.index("`speaks` edges")]
    assert set(re.findall(r"`(\w+)`", edges)) == set(get_args(EdgeKind))
    fields = shape("NodeView")
    assert set(re.findall(r"\w+", fields["category"].partition(":")[2])) == set(get_args(Category))
    assert set(re.findall(r'"(\w+)"', fields["gives"])) == set(get_args(EdgeKind))
    assert set(re.findall(r'"(\w+)"', fields["takes"])) == set(get_args(EdgeKind))


def test_the_map_tells_what_the_canvas_is_given() -> None:
    nodes = (Node(id="n_a", kind="assistant", name="ann"), Node(id="n_m", kind="openai"))
    document = FlowDocument(nodes=nodes, edges=(Edge(id="e_1", kind="model", source="n_m", target="n_a"),))
    view = graph_view(document, ())
    drawn: dict[str, Any] = {
        "GraphView": view,
        "NodeView": view["nodes"][0],
        "EdgeView": view["edges"][0],
        "Patch": patch(view, view, 1, 1),
    }
    for name, given in drawn.items():
        assert set(shape(name)) - {"others"} == set(given), name
    entry = palette()[0].to_dict()
    catalogue = shape("Catalogue")
    assert set(catalogue) == set(entry)
    assert set(re.findall(r"\w+", catalogue["entries"].partition("{")[2].replace("entry…", ""))) == set(entry["entries"][0])


def test_the_map_tells_every_frame_that_a_browser_sends() -> None:
    tree = ast.parse((STUDIO / "api" / "channel.py").read_text(encoding="utf-8"))
    receive = next(node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef) and node.name == "receive_all")
    commands = next(node for node in ast.walk(receive) if isinstance(node, ast.Dict) and len(node.keys) > 5)
    sent = MAP[MAP.index("browser → server:") : MAP.index("server → browser:")]
    assert set(re.findall(r'{t:"(\w+)"', sent)) == {key.value for key in commands.keys if isinstance(key, ast.Constant)}
