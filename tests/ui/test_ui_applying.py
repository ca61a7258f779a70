"""Edited code as one change of the flow, or as what there is to say about it."""

from __future__ import annotations

from studio.flow.document import FlowDocument
from studio.flow.edits import apply_edit, parse_edit
from studio.formats.convene_python.write import to_python
from studio.library.templates import template
from studio.ui.editor.applying import taken


def desk() -> tuple[FlowDocument, str]:
    found = template("research-with-tools")
    assert found is not None
    return found.document, to_python(found.document).text


def test_code_that_nobody_edited_is_no_change() -> None:
    flow, code = desk()
    assert taken(code, flow).edit is None
    assert taken(code, flow).rows == []


def test_an_edit_of_the_code_is_one_edit_of_the_flow_with_its_inverse() -> None:
    flow, code = desk()
    read = taken(code.replace("MaxTurns(max_turns=9)", "MaxTurns(max_turns=4)"), flow)
    assert read.edit is not None
    applied = apply_edit(flow, parse_edit(read.edit))
    assert {node.kind for node in applied.document.nodes if node != flow.node(node.id)} == {"max_turns"}
    assert apply_edit(applied.document, applied.inverse).document == flow


def test_what_is_not_understood_leads_to_its_node_and_its_line() -> None:
    flow, code = desk()
    read = taken(code.replace('    name="writer",', '    name="writer",\n    wings=2,'), flow)
    [row] = read.rows
    assert (row["level"], row["names"]) == ("decision", "writer")
    above = code[: code.index('name="writer"')].splitlines()
    assert row["where"] == f"line {len(above) + 1}"
    assert not read.refused


def test_what_is_no_python_is_refused_with_its_line() -> None:
    flow, code = desk()
    read = taken(code + "\nteam = (\n", flow)
    assert read.refused
    assert read.edit is None
    assert read.rows[0]["where"].startswith("line ")
