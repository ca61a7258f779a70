"""Canvas to code to canvas: a program that nobody edited brings back the very same drawing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from drawn_flows import flows
from hypothesis import HealthCheck, given, settings
from ruff import find_ruff_bin

from studio.flow.document import Edge, FlowDocument, Node
from studio.formats.convene_python.file import to_file
from studio.formats.convene_python.made import meaning_of
from studio.formats.convene_python.project import to_zip
from studio.formats.convene_python.read import from_python
from studio.formats.convene_python.write import to_python
from studio.formats.recognise import read_bytes
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


def with_two(*more: Node, prompt: str = "", edges: tuple[Edge, ...] = ()) -> FlowDocument:
    """A team of two, and what else is drawn."""
    team = Node(id="n_t", kind="team", name="team")
    ann = Node(id="n_a", kind="assistant", name="ann", parent="n_t", config={"system_message": prompt} if prompt else {})
    return FlowDocument(name="Two", nodes=(*more, team, ann, Node(id="n_b", kind="human", name="bob", parent="n_t")), edges=edges)


MODEL = Edge(id="e_m", kind="model", source="n_m", target="n_t")
UNUSUAL = {
    "a prompt with a line like the last one of a file": with_two(prompt='Write:\n# convene: {"v": 1}\nand no more.'),
    "two models that say the same, of which one is not used": with_two(
        Node(id="n_s", kind="openai", name="spare"), Node(id="n_m", kind="openai", name="fast"), edges=(MODEL,)
    ),
    "a model without a name beside one that is not used": with_two(
        Node(id="n_s", kind="openai", name="spare"), Node(id="n_m", kind="openai"), edges=(MODEL,)
    ),
    "arrows with conditions that only a graph would read": with_two(
        edges=(Edge(id="e_1", kind="speaks", source="n_a", target="n_b", config={"condition": "yes", "later": 1}),)
    ),
    "a program with page breaks in its tools": with_two(
        Node(id="n_p", kind="python_tool", name="f", config={"source": "X = 1\n\x0c\n\ndef f(a: int) -> int:\n    return a + X\n"}),
        Node(id="n_q", kind="python_tool", name="g", config={"source": "import os\n\x0c\n\ndef g() -> str:\n    return os.sep\n"}),
        edges=(Edge(id="e_1", kind="tool", source="n_p", target="n_a"), Edge(id="e_2", kind="tool", source="n_q", target="n_a")),
    ),
}


@pytest.mark.parametrize("what", UNUSUAL)
def test_an_unusual_flow_comes_back_as_it_was(what: str) -> None:
    flow = UNUSUAL[what]
    assert from_python(to_python(flow).text, flow).document == flow
    for written in (to_file(flow), to_file(flow).replace("\n", "\r\n"), to_file(flow).replace("\n", "\r")):
        assert from_python(written).document == flow
    (imported,) = read_bytes(to_zip(flow)).flows
    assert imported.document == flow


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
