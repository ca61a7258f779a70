"""Documents in a drawing: what their nodes say, what is missing, and what goes out as Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.engine.documents.document import Shelf
from studio.flow.catalogue.forms import fields
from studio.flow.checks import check
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.resolve import resolve
from studio.flow.view import graph_view
from studio.formats.convene_python.write import to_python

HERE = {"name": "hours.md", "text": "We open at nine."}


def flow(kind: str = "documents", **config: Any) -> FlowDocument:
    return FlowDocument(
        nodes=(
            Node(id="t", kind="team", name="team"),
            Node(id="a", kind="assistant", name="ann", parent="t"),
            Node(id="m", kind="practice", name="model"),
            Node(id="s", kind="max_turns", name="stop", parent="t"),
            Node(id="d", kind=kind, name="library", config=config),
        ),
        edges=(
            Edge(id="e1", kind="model", source="m", target="t"),
            Edge(id="e2", kind="memory" if kind == "documents" else "tool", source="d", target="a"),
        ),
    )


@pytest.mark.parametrize("kind", ["documents", "search_documents"])
def test_a_document_that_is_not_on_this_machine_is_a_problem(kind: str, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    kept, gone = shelf.put("a.txt", b"a").model_dump(), {"name": "gone.pdf", "digest": "0" * 64}
    (problem,) = [each for each in check(flow(kind, documents=[kept, HERE, gone]), shelf) if each.level == "error"]
    assert (problem.code, problem.nodes, problem.field) == ("missing_document", ("d",), "documents")
    assert "gone.pdf" in problem.text
    assert not [each for each in check(flow(kind, documents=[kept, HERE]), shelf) if each.level == "error"]
    assert not [each for each in check(flow(kind, documents=[gone])) if each.level == "error"]


@pytest.mark.parametrize("kind", ["documents", "search_documents"])
def test_a_search_in_nothing_is_a_warning(kind: str) -> None:
    assert "empty_documents" in {each.code for each in check(flow(kind))}
    assert "empty_documents" not in {each.code for each in check(flow(kind, documents=[HERE]))}


def test_what_is_no_document_is_told_in_the_form_and_nowhere_else(tmp_path: Path) -> None:
    codes = {each.code for each in check(flow(documents=[{"name": "x"}, 7, {"name": "y", "digest": "../x"}]), Shelf(tmp_path))}
    assert "bad_field" in codes
    assert "missing_document" not in codes


def test_its_node_names_what_is_in_it_and_its_form_takes_files() -> None:
    view = graph_view(flow(documents=[HERE, {"name": "b.pdf", "digest": "0" * 64}]), (), "f", 0)
    (node,) = [each for each in view["nodes"] if each["id"] == "d"]
    assert node["line"] == "hours.md, b.pdf"
    form = {each.name: each for each in fields("documents", {})}
    assert form["documents"].type == "documents"
    assert form["embedding.kind"].value == "local_embedding"
    by_account = {each.name for each in fields("documents", {"embedding": {"kind": "account_embedding"}})}
    assert {"embedding.account", "embedding.model"} <= by_account


def test_a_flow_with_documents_is_a_program_that_names_them() -> None:
    program = to_python(flow(documents=[HERE], top_k=2)).text
    assert 'Document(name="hours.md", text="We open at nine.")' in program
    compile(program, "main.py", "exec")
    assert resolve(flow(documents=[HERE])).participants[0].memory[0].documents[0].name == "hours.md"  # type: ignore[attr-defined]
