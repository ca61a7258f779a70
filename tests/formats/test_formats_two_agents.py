"""How long a program of two agents is in every language of ours: a page."""

from __future__ import annotations

import ast
import io
import subprocess
import zipfile
from pathlib import Path

import pytest
from ruff import find_ruff_bin  # type: ignore[import-untyped]

from studio.flow.document import Edge, FlowDocument, Node
from studio.formats.targets import TARGETS
from studio.library.templates import template

PYTHON = ("convene", "autogen", "classic", "agent-framework")
PAGE = 40
SENTENCE = "You write short poems in plain words, eight lines at most."
PARAGRAPH = (
    "You write short poems.\nThe words are those of everyday life, and there are never more than eight lines.\nAnswer with the poem alone."
)


def drawn(prompt: str) -> FlowDocument:
    """Two agents with descriptions who speak in turn, until one of two rules ends it."""
    agents = [
        Node(id=f"n_{name}", kind="assistant", name=name, parent="n_team", config={"description": f"The {name}.", "system_message": prompt})
        for name in ("writer", "critic")
    ]
    return FlowDocument(
        name="Writer and critic",
        sample_tasks=("Write a poem.",),
        nodes=(
            Node(id="n_team", kind="team", name="Desk", config={"selection": {"kind": "round_robin"}}),
            *agents,
            Node(id="n_model", kind="openai", config={"model": "gpt-5-mini"}),
            Node(id="n_word", kind="text_mention", config={"text": "APPROVED"}),
            Node(id="n_most", kind="max_messages", config={"max_messages": 10}),
        ),
        edges=(
            Edge(id="e_model", kind="model", source="n_model", target="n_team"),
            Edge(id="e_word", kind="stop", source="n_word", target="n_team"),
            Edge(id="e_most", kind="stop", source="n_most", target="n_team"),
        ),
    )


def with_a_model(name: str) -> FlowDocument:
    """A template that asks a model instead of the practice model."""
    found = template(name)
    assert found is not None
    nodes = tuple(
        node.model_copy(update={"kind": "openai", "config": {"model": "gpt-5-mini"}}) if node.kind == "practice" else node
        for node in found.document.nodes
    )
    return found.document.model_copy(update={"nodes": nodes})


def files_of(target: str, document: FlowDocument) -> dict[str, str]:
    """The files of a project by their path in its folder."""
    with zipfile.ZipFile(io.BytesIO(TARGETS[target].as_project().write(document))) as archive:
        return {entry.partition("/")[2]: archive.read(entry).decode() for entry in archive.namelist()}


def lines_of(program: str) -> int:
    return len(program.splitlines())


def further_lines(program: str) -> int:
    """Lines of texts after their first one."""
    texts = (node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return sum((text.end_lineno or text.lineno) - text.lineno for text in texts)


@pytest.mark.parametrize("target", PYTHON)
def test_two_agents_with_a_sentence_each_and_two_rules_are_a_page(target: str) -> None:
    program = TARGETS[target].write(drawn(SENTENCE)).decode()
    assert lines_of(program) <= PAGE, program


@pytest.mark.parametrize("target", PYTHON)
def test_two_agents_with_long_prompts_are_a_page_beside_them_and_need_no_tidying(target: str) -> None:
    program = TARGETS[target].write(drawn(PARAGRAPH)).decode()
    assert lines_of(program) - further_lines(program) <= PAGE, program
    for command in (["format", "--check"], ["check"]):
        done = subprocess.run([find_ruff_bin(), *command, "--isolated", "-"], input=program, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("target", PYTHON)
@pytest.mark.parametrize("name", ["coder-and-executor", "data-question"])
def test_one_who_writes_code_and_one_who_runs_it_are_a_page_with_their_texts(name: str, target: str) -> None:
    document = with_a_model(name)
    for program in (TARGETS[target].write(document).decode(), files_of(target, document)["main.py"]):
        assert lines_of(program) <= PAGE, program


@pytest.mark.parametrize("target", ["autogen", "classic"])
def test_two_agents_with_a_paragraph_each_are_a_page_with_their_texts(target: str) -> None:
    program = TARGETS[target].write(with_a_model("answers-with-sources")).decode()
    assert lines_of(program) <= PAGE, program


def test_where_several_write_for_agent_framework_who_runs_code_is_a_module_of_a_project_and_in_a_single_file_above_them(
    tmp_path: Path,
) -> None:
    files = files_of("agent-framework", with_a_model("engineering-team"))
    assert "from tools.code_executor import CodeExecutor" in files["main.py"]
    assert "class CodeExecutor(BaseAgent):" in files["tools/code_executor.py"]
    assert "agent-framework-tools==" in files["pyproject.toml"]
    program = TARGETS["agent-framework"].write(with_a_model("engineering-team")).decode()
    assert program.index("class CodeExecutor") < program.index("coder = client.as_agent(")
    for path, content in (*files.items(), ("alone/main.py", program)):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content, "utf-8")
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run([find_ruff_bin(), *command, "--no-cache", tmp_path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
