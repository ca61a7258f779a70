"""Projects of other frameworks: complete, the same every time, and tried offline by the smoke test that goes home with them."""

from __future__ import annotations

import ast
import io
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

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
    for each in needed:
        assert each.name in files["Dockerfile"]
    assert target(name).as_project().write(found.document) == target(name).as_project().write(found.document.model_copy())


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
