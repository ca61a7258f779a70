"""`convene export` to Python, an edit by hand, and `convene import --into` the flow that it came from."""

from __future__ import annotations

import json
from pathlib import Path

from command_line import Convene

from studio.flow.document import FlowDocument
from studio.formats.flow_json.write import to_json
from studio.library.templates import template

TITLE = "Research with tools"


def saved(convene: Convene, tmp_path: Path) -> FlowDocument:
    """A template that was kept as a flow, which is called as the template is."""
    found = template("research-with-tools")
    assert found is not None
    flow = found.document
    assert flow.name == found.title == TITLE
    (tmp_path / "desk.json").write_text(to_json(flow), "utf-8")
    assert convene("import", tmp_path / "desk.json").status == 0
    return flow


def exported(convene: Convene) -> FlowDocument:
    return FlowDocument.model_validate(json.loads(convene("export", TITLE, "--to", "json").out))


def test_an_edited_program_changes_the_flow_that_it_came_from(convene: Convene, tmp_path: Path) -> None:
    flow = saved(convene, tmp_path)
    program = tmp_path / "main.py"
    assert convene("export", TITLE, "--to", "convene", "-o", program).status == 0
    same = convene("import", program, "--into", TITLE)
    assert (same.status, exported(convene)) == (0, flow)
    assert "nothing was changed" in same.out
    program.write_text(program.read_text("utf-8").replace("MaxTurns(max_turns=9)", "MaxTurns(max_turns=4)"), "utf-8")
    changed = convene("import", program, "--into", TITLE)
    assert changed.status == 0, changed.err
    after = exported(convene)
    assert [node.id for node in after.nodes if node != flow.node(node.id)] == [
        next(node.id for node in flow.nodes if node.kind == "max_turns")
    ]


def test_a_program_that_is_broken_changes_nothing(convene: Convene, tmp_path: Path) -> None:
    flow = saved(convene, tmp_path)
    program = tmp_path / "main.py"
    program.write_text("from studio.engine import Team\nteam = Team(\n", "utf-8")
    refused = convene("import", program, "--into", TITLE)
    assert refused.status == 2
    assert "line 2" in refused.err
    assert exported(convene) == flow


def test_only_a_saved_flow_can_be_changed(convene: Convene, tmp_path: Path) -> None:
    saved(convene, tmp_path)
    assert convene("import", tmp_path / "desk.json", "--into", "debate").status == 2
