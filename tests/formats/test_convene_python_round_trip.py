"""Canvas to code to canvas: a program that nobody edited brings back the very same drawing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from drawn_flows import flows
from hypothesis import HealthCheck, given, settings
from ruff import find_ruff_bin

from studio.flow.document import FlowDocument, Node
from studio.formats.convene_python.file import to_file
from studio.formats.convene_python.made import meaning_of
from studio.formats.convene_python.read import from_python
from studio.formats.convene_python.write import to_python
from studio.library.templates import template, templates


def flow_of(name: str) -> FlowDocument:
    found = template(name)
    assert found is not None
    return found.document


@pytest.mark.parametrize("name", [each.id for each in templates()])
def test_the_code_of_a_template_changes_nothing_on_the_canvas(name: str) -> None:
    flow = flow_of(name)
    read = from_python(to_python(flow).text, flow)
    assert read.document == flow
    assert read.report.findings == ()


@pytest.mark.parametrize("name", [each.id for each in templates()])
def test_the_file_of_a_template_is_the_whole_template(name: str) -> None:
    flow = flow_of(name)
    read = from_python(to_file(flow))
    assert read.document == flow
    assert read.report.findings == ()


@pytest.mark.parametrize("name", [each.id for each in templates()])
def test_a_file_without_its_last_line_is_the_same_code_again(name: str) -> None:
    code = to_python(flow_of(name)).text
    read = from_python(code)
    assert read.report.findings == ()
    assert to_python(read.document).text == code


def test_a_file_with_its_last_line_is_formatted_and_clean(tmp_path: Path) -> None:
    for each in templates():
        (tmp_path / f"{each.id}.py").write_text(to_file(each.document), "utf-8")
    for command in (["format", "--check"], ["check", "--select", "E4,E7,E9,F,I"]):
        done = subprocess.run([find_ruff_bin(), *command, "--isolated", str(tmp_path)], capture_output=True, check=False)
        assert done.returncode == 0, done.stdout.decode()


def test_a_program_that_is_too_large_to_be_read_is_written_all_the_same() -> None:
    flow = FlowDocument(nodes=(Node(id="n_a", kind="assistant", name="ann", config={"system_message": "word " * 120_000}),))
    assert to_file(flow) == to_python(flow).text


def laid_out_sources(flow: FlowDocument) -> FlowDocument:
    """The flow with the sources of its tools by what they mean: in a file they are laid out as the rest of it."""
    nodes = tuple(
        node.model_copy(update={"config": node.config | {"source": meaning_of(node.config["source"])}})
        if node.kind == "python_tool" and "source" in node.config
        else node
        for node in flow.nodes
    )
    return flow.model_copy(update={"nodes": nodes})


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(flows())
def test_any_flow_comes_back_from_its_code_as_it_was(flow: FlowDocument) -> None:
    code = to_python(flow).text
    assert from_python(code, flow).document == flow
    read = from_python(to_file(flow))
    assert laid_out_sources(read.document) == laid_out_sources(flow)
    assert to_python(read.document).text == code


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(flows(), flows())
def test_the_code_of_any_flow_makes_that_flow_of_any_other_one(flow: FlowDocument, other: FlowDocument) -> None:
    code = to_python(flow).text
    read = from_python(code, other)
    assert read.report.findings == ()
    assert to_python(read.document).text == code
