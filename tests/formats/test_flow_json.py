"""Flow files: what is written is read again, whatever is in it."""

from __future__ import annotations

import json

import pytest
from drawn_flows import flows
from hypothesis import HealthCheck, given, settings

from studio.flow.document import FLOW_VERSION, FlowDocument, Node
from studio.flow.upgrade import FlowFileError
from studio.formats.flow_json.read import from_json
from studio.formats.flow_json.write import to_json
from studio.library.templates import FOLDER, templates


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flows())
def test_a_flow_survives_its_file(flow: FlowDocument) -> None:
    text = to_json(flow)
    assert from_json(text) == flow
    assert from_json(text.encode()) == flow
    assert to_json(from_json(text)) == text


def test_a_file_says_what_it_is_first() -> None:
    data = json.loads(to_json(FlowDocument(name="中文 ↶")))
    assert list(data) == ["format", "version", "name", "description", "sample_tasks", "nodes", "edges"]
    assert (data["format"], data["version"], data["name"]) == ("convene.flow", FLOW_VERSION, "中文 ↶")
    assert "中文 ↶" in to_json(FlowDocument(name="中文 ↶"))


def test_kinds_that_nobody_knows_are_kept() -> None:
    flow = FlowDocument(nodes=(Node(id="n_1", kind="crystal_ball", name="x", config={"deep": [{"a": None}]}),))
    assert from_json(to_json(flow)) == flow


@pytest.mark.parametrize("name", [each.id for each in templates()])
def test_a_template_stands_in_its_file_as_we_would_write_it(name: str) -> None:
    text = (FOLDER / f"{name}.json").read_text("utf-8")
    assert to_json(from_json(text)) == text


@pytest.mark.parametrize(
    "data", ["", "{}", "[]", "{", '{"format": "convene.flow", "nodes": 3}', b"\xff", '{"format":"convene.flow","version":99}']
)
def test_what_is_no_flow_is_refused_with_a_sentence(data: str | bytes) -> None:
    with pytest.raises(FlowFileError) as caught:
        from_json(data)
    assert str(caught.value)
