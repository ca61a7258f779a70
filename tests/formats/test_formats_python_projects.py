"""Projects of other frameworks: complete, the same every time, and tried offline by the smoke test that goes home with them."""

from __future__ import annotations

import ast
import io
import json
import os
import shlex
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from studio.flow.document import Edge, FlowDocument, Node
from studio.formats.targets import TARGETS, UnknownTarget, offered, target
from studio.library.templates import template

ROOT = Path(__file__).parents[2]
PYTHON = [each.name for each in offered() if each.language == "python"]


def two() -> FlowDocument:
    nodes = (
        Node(id="n_t", kind="team", name="team"),
        Node(id="n_a", kind="assistant", name="ann", parent="n_t", config={"system_message": "You are ann."}),
        Node(id="n_b", kind="assistant", name="bob", parent="n_t", config={"system_message": "You are bob."}),
        Node(id="n_1", kind="openai", config={"account": "openai", "model": "gpt-4o"}),
        Node(id="n_s", kind="text_mention", parent="n_t", config={"text": "DONE"}),
    )
    return FlowDocument(name="Two", nodes=nodes, edges=(Edge(id="e_1", kind="model", source="n_1", target="n_t"),))


def files_of(name: str, document: FlowDocument) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(target(name).as_project().write(document))) as archive:
        return {entry.partition("/")[2]: archive.read(entry).decode() for entry in archive.namelist()}


@pytest.mark.parametrize("name", PYTHON)
def test_every_python_target_has_projects_with_pinned_requirements(name: str) -> None:
    found = template("research-with-tools")
    assert found is not None
    files = files_of(name, found.document)
    assert {"README.md", "main.py", "pyproject.toml", ".env.example", "Dockerfile", "test_smoke.py", "tools/weight_on.py"} <= files.keys()
    for path, content in files.items():
        if path.endswith(".py"):
            ast.parse(content)
    needed = [Requirement(each) for each in tomllib.loads(files["pyproject.toml"])["project"]["dependencies"]]
    assert needed
    assert all(str(each.specifier).startswith("==") for each in needed)
    assert target(name).as_project().write(found.document) == target(name).as_project().write(found.document.model_copy())


@pytest.mark.parametrize("name", PYTHON)
@pytest.mark.parametrize("flow", ["research-with-tools", "engineering-team"])
def test_a_container_holds_what_the_project_names(name: str, flow: str) -> None:
    found = template(flow)
    assert found is not None
    files = files_of(name, found.document)
    project = tomllib.loads(files["pyproject.toml"])
    lines = dict(line.split(maxsplit=1) for line in files["Dockerfile"].splitlines())
    assert shlex.split(lines["RUN"])[:3] == ["pip", "install", "--no-cache-dir"]
    assert shlex.split(lines["RUN"])[3:] == project["project"]["dependencies"]
    assert lines["FROM"].removeprefix("python:").removesuffix("-slim") in SpecifierSet(project["project"]["requires-python"])
    assert json.loads(lines["ENTRYPOINT"]) == ["python", "main.py"]
    # What is said is seen at once, and code runs in this container: it holds no engine that could make another one.
    inside = {"classic": ["AUTOGEN_USE_DOCKER=0"], "agent-framework": ["USE_DOCKER=0"]} if flow == "engineering-team" else {}
    assert lines["ENV"].split() == ["PYTHONUNBUFFERED=1", *inside.get(name, [])]
    assert {".env", "**/__pycache__"} <= set(files[".dockerignore"].splitlines())
    # `pip install .` brings the packages and looks for none in the folder.
    assert project["tool"]["setuptools"] == {"py-modules": []}


def test_a_readme_says_where_a_container_cannot_run_the_code() -> None:
    found = template("coder-and-executor")
    assert found is not None
    told = {
        name: "needs Docker" in files_of(name, found.document)["README.md"].partition("docker run")[2].partition("##")[0] for name in PYTHON
    }
    assert told == {"convene": False, "autogen": False, "classic": False, "agent-framework": True}


def test_autogen_0_2_asks_for_a_python_that_it_can_be_installed_for() -> None:
    pythons = {name: SpecifierSet(tomllib.loads(files_of(name, two())["pyproject.toml"])["project"]["requires-python"]) for name in PYTHON}
    assert {name for name, each in pythons.items() if "3.13" not in each} == {"classic"}
    assert all("3.11" in each and "3.12" in each for each in pythons.values())
    assert "before 3.13" in files_of("classic", two())["README.md"]


def asking(*models: Node) -> FlowDocument:
    """Two agents in turn; the first model is the team's, the second that of one of them."""
    wires = tuple(Edge(id=f"e_{at}", kind="model", source=model.id, target=("n_t", "n_a")[at]) for at, model in enumerate(models))
    return two().model_copy(update={"nodes": (*(node for node in two().nodes if node.kind != "openai"), *models), "edges": wires})


CLAUDE, GEMINI = Node(id="n_1", kind="anthropic"), Node(id="n_1", kind="gemini")
AZURE, OLLAMA, GROQ = (Node(id="n_1", kind="openai", config={"account": each, "model": "m"}) for each in ("azure", "ollama", "groq"))
SERVER = Node(id="n_1", kind="mcp", name="clock", config={"transport": {"kind": "stdio", "command": "python clock.py --utc"}})


@pytest.mark.parametrize(
    ("name", "model", "needed", "variables"),
    [
        ("autogen", CLAUDE, {"autogen-ext[anthropic]==0.7.5"}, ["ANTHROPIC_API_KEY="]),
        ("classic", CLAUDE, {"autogen-agentchat[anthropic]==0.2.40", "anthropic==0.125.0"}, ["ANTHROPIC_API_KEY="]),
        ("classic", GEMINI, {"autogen-agentchat[gemini]==0.2.40"}, ["GEMINI_API_KEY="]),
        ("agent-framework", CLAUDE, {"agent-framework-anthropic==1.0.0b261022"}, ["ANTHROPIC_API_KEY="]),
        ("agent-framework", GEMINI, {"agent-framework-gemini==1.0.0b261022"}, ["GEMINI_API_KEY="]),
        ("autogen", AZURE, set(), ["AZURE_OPENAI_API_KEY=", "AZURE_OPENAI_ENDPOINT=", "# OPENAI_API_VERSION=2024-10-21"]),
        ("convene", AZURE, set(), ["AZURE_OPENAI_API_KEY=", "AZURE_OPENAI_ENDPOINT=", "# AZURE_MODEL=gpt-4o-mini"]),
        *((each, OLLAMA, set(), ["# OLLAMA_API_KEY=none", "# OLLAMA_BASE_URL=http://127.0.0.1:11434/v1"]) for each in PYTHON[1:]),
        ("convene", OLLAMA, set(), ["# OLLAMA_BASE_URL=http://127.0.0.1:11434/v1", "# OLLAMA_MODEL=llama3.2", "# OLLAMA_API_KEY="]),
    ],
)
def test_a_model_brings_its_packages_pinned_and_its_variables(name: str, model: Node, needed: set[str], variables: list[str]) -> None:
    files = files_of(name, asking(model))
    brought = tomllib.loads(files["pyproject.toml"])["project"]["dependencies"]
    assert needed <= set(brought)
    assert all("==" in each for each in brought)
    told = files[".env.example"].splitlines()
    assert [line for line in told if "=" in line] == variables
    # Where its address is a variable the scripted server answers in its place; else the test would reach another machine.
    if name != "convene":
        assert ('WHY_NOT = ""\n' in files["test_smoke.py"]) == (model in (AZURE, OLLAMA))


@pytest.mark.parametrize("name", PYTHON[1:])
def test_the_key_of_each_of_two_models_is_asked_for(name: str) -> None:
    keys = files_of(name, asking(Node(id="n_2", kind="openai", config={"model": "gpt-4o"}), GROQ))[".env.example"].splitlines()
    assert {"OPENAI_API_KEY=", "GROQ_API_KEY="} <= set(keys)


def test_servers_of_tools_bring_their_packages_and_start_as_in_the_studio() -> None:
    document = two().model_copy(
        update={
            "nodes": (*two().nodes, SERVER.model_copy(update={"id": "n_c"})),
            "edges": (*two().edges, Edge(id="e_c", kind="tool", source="n_c", target="n_a")),
        }
    )
    for name, pins in (("autogen", {"mcp==1.30.0"}), ("agent-framework", {"mcp==2.3.0", "tenacity==9.1.4"})):
        files = files_of(name, document)
        assert pins <= set(tomllib.loads(files["pyproject.toml"])["project"]["dependencies"])
        (started,) = (node for node in ast.walk(ast.parse(files["main.py"])) if isinstance(node, ast.Call) and _said(node, "command"))
        assert (_said(started, "command"), _said(started, "args")) == ("python", ["clock.py", "--utc"])


def _said(call: ast.Call, name: str) -> object:
    return next((ast.literal_eval(each.value) for each in call.keywords if each.arg == name), None)


def test_a_readme_says_what_another_framework_does_instead() -> None:
    found = template("field-trip")
    assert found is not None
    readme = files_of("classic", found.document)["README.md"]
    lost = TARGETS["classic"].losses(found.document)
    assert lost
    assert all(finding.text in readme for finding in lost)


def test_keys_are_asked_for_by_the_names_that_the_program_reads() -> None:
    files = files_of("autogen", two())
    assert "OPENAI_API_KEY=" in files[".env.example"]
    assert "--env-file .env" in files["README.md"]
    assert "may repeat your key" in files["README.md"]


def test_a_program_for_autogen_passes_its_smoke_test_on_our_own_classic(tmp_path: Path) -> None:
    project = target("classic").as_project().write(two())
    with zipfile.ZipFile(io.BytesIO(project)) as archive:
        archive.extractall(tmp_path)
    # The package itself is not installed here; our own speaks its vocabulary.
    (tmp_path / "autogen.py").write_text("from studio.classic import *\n", "utf-8")
    path = os.pathsep.join([str(tmp_path), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "test_smoke.py"],
        cwd=tmp_path / "two",
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "OK" in done.stderr
    assert "skipped" not in done.stderr


def test_what_is_no_program_has_no_project() -> None:
    for name in ("json", "mermaid", "svg"):
        with pytest.raises(UnknownTarget):
            target(name).as_project()
