"""Reading flow files: what is kept, what is refused, and that the place of a mistake is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flow_drawings import two_agents

from studio.flow.upgrade import FlowFileError, read_document, upgraded


def flow(**facts: Any) -> dict[str, Any]:
    return {"format": "convene.flow", "version": 1, **facts}


def test_a_written_flow_is_read_from_text_bytes_and_json() -> None:
    text = two_agents().model_dump_json()
    assert (
        read_document(text)
        == read_document(text.encode())
        == read_document("\ufeff" + text)
        == read_document(json.loads(text))
        == two_agents()
    )
    assert read_document(b"\xef\xbb\xbf" + text.encode()) == two_agents()


def test_an_unknown_kind_is_kept_with_everything_in_it() -> None:
    config = {"legs": 3, "nested": {"b": [1, 2.5, None, True], "a": "é"}, "": {}}
    raw = flow(nodes=[{"id": "x", "kind": "martian", "config": config}])
    again = json.loads(read_document(json.dumps(raw)).model_dump_json())
    assert json.dumps(again["nodes"][0]["config"]) == json.dumps(config)


NODE = {"id": "a", "kind": "assistant"}


@pytest.mark.parametrize(
    ("data", "where", "words"),
    [
        ("", "line 1, column 1", "no JSON"),
        ('{\n  "format": convene\n}', "line 2, column 13", "no JSON"),
        (b"\xff\x00", "byte 0", "no text file"),
        (b"\xff\xfe\x00", "byte 2", "no text file"),
        ("[1, 2]", "/", "one JSON object"),
        ("{}", "format", "does not say that it is a flow"),
        ({"format": "autogen"}, "format", "'autogen'"),
        (flow(version=0), "version", "whole number"),
        (flow(version=True), "version", "whole number"),
        (flow(version=99), "version", "newer Convene"),
        (flow(nodes=[NODE, {"id": "b", "kind": "human", "config": 4}]), "nodes[1].config", "must be an object"),
        (flow(nodes=[NODE, NODE]), "nodes[1].id", "occurs twice"),
        (flow(nodes=[{**NODE, "id": "../a"}]), "nodes[0].id", "letters, digits"),
        (flow(nodes=[{**NODE, "position": {"x": 1e300, "y": 0}}]), "nodes[0].position.x", "no place"),
        (flow(nodes=[{**NODE, "size": {"width": -1, "height": 5}}]), "nodes[0].size.width", "no place"),
        (flow(nodes=[{**NODE, "colour": "red"}]), "nodes[0].colour", "no such field"),
        (flow(nodes=[{"kind": "human"}]), "nodes[0].id", "is missing"),
        (flow(nodes=[{**NODE, "config": {"a": [1, float("nan")]}}]), "nodes[0].config.a[1]", "finite"),
        (flow(nodes=[{**NODE, "config": {"a": "\udc00"}}]), "nodes[0].config.a", "no valid text"),
        (flow(nodes=[{**NODE, "config": {"a": {1: 2}}}]), "nodes[0].config.a", "no text"),
        (flow(nodes=[{**NODE, "config": {"a": object()}}]), "nodes[0].config.a", "cannot hold"),
        (flow(edges=[{"id": "e", "kind": "rope", "source": "a", "target": "b"}]), "edges[0].kind", "must be"),
        (flow(nodes=[{"id": f"n{number}", "kind": "note"} for number in range(2_001)]), "nodes", "at most 2000"),
        ('{"format": "convene.flow", "name": NaN}', "/", "NaN"),
        ('{"format": "convene.flow", "version": 1e999}', "version", "finite"),
        ("[" * 200_000, "/", "deep"),
        (flow(name="x" * 6_000_000), "name", "too large"),
        ("x" * 6_000_000, "/", "too large"),
        (b"x" * 6_000_000, "/", "too large"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "data",
)
def test_a_file_that_cannot_be_read_names_the_place(data: Any, where: str, words: str) -> None:
    with pytest.raises(FlowFileError) as caught:
        read_document(data)
    assert caught.value.where == where
    assert words in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_file_that_is_nested_without_end_is_refused() -> None:
    deep: Any = 1
    for _ in range(5_000):
        deep = {"a": deep}
    with pytest.raises(FlowFileError, match="nested too deeply"):
        read_document(flow(nodes=[{**NODE, "config": deep}]))


def test_an_old_file_is_upgraded_step_by_step() -> None:
    steps = {1: lambda raw: {**raw, "name": raw["name"].upper()}, 2: lambda raw: {**raw, "name": f"{raw['name']} {raw['version']}"}}
    assert upgraded(flow(name="desk"), steps, newest=3) == {"format": "convene.flow", "version": 3, "name": "DESK 2"}
    with pytest.raises(FlowFileError, match="version 2 cannot be read"):
        upgraded(flow(name="desk"), {1: steps[1]}, newest=3)


def test_reading_changes_nothing_in_what_it_was_given() -> None:
    raw = json.loads(two_agents().model_dump_json())
    before = json.dumps(raw)
    read_document(raw)
    assert json.dumps(raw) == before
