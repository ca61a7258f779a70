"""Projects to take home: complete, safe to unpack, the same every time."""

from __future__ import annotations

import io
import os
import subprocess
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import programs
import pytest
from drawn_flows import flows
from hypothesis import HealthCheck, given, settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruff import find_ruff_bin

from studio.flow.document import Edge, FlowDocument, Node
from studio.formats.convene_python.file import to_file
from studio.formats.convene_python.project import to_zip
from studio.formats.convene_python.read import from_python
from studio.formats.convene_python.unzip import from_zip
from studio.formats.recognise import read_bytes
from studio.library.templates import template

FILES = {"README.md", "main.py", ".dockerignore", ".env.example", "Dockerfile", "pyproject.toml", "test_smoke.py"}
ROOT = Path(__file__).parents[2]


def files_in(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def two_accounts() -> FlowDocument:
    nodes = (
        Node(id="n_t", kind="team", name="team"),
        Node(id="n_a", kind="assistant", name="ann", parent="n_t"),
        Node(id="n_b", kind="assistant", name="bob", parent="n_t"),
        Node(id="n_1", kind="openai", config={"model": "gpt-5-mini"}),
        Node(id="n_2", kind="openai", config={"account": "my server"}),
        Node(id="n_s", kind="max_turns", parent="n_t"),
    )
    wires = (Edge(id="e_1", kind="model", source="n_1", target="n_a"), Edge(id="e_2", kind="model", source="n_2", target="n_b"))
    return FlowDocument(
        name="Two & two / ..\\x", description='Say "hi".\nTwice.', sample_tasks=("It's $HOME", "b"), nodes=nodes, edges=wires
    )


def test_a_project_holds_all_that_it_needs() -> None:
    files = files_in(to_zip(two_accounts()))
    assert set(files) == {f"two-two-x/{name}" for name in FILES}
    assert files["two-two-x/main.py"] == to_file(two_accounts())
    project = tomllib.loads(files["two-two-x/pyproject.toml"])["project"]
    assert project["description"] == 'Say "hi". Twice.'
    (needed,) = map(Requirement, project["dependencies"])
    assert needed.name == "convene-studio"
    assert [each.operator for each in needed.specifier] == ["=="]


def test_each_account_has_a_line_for_its_key_and_the_key_is_empty() -> None:
    lines = files_in(to_zip(two_accounts()))["two-two-x/.env.example"].splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == ["MY_SERVER_API_KEY=", "OPENAI_API_KEY="]


def test_the_example_task_is_quoted_for_the_shell() -> None:
    readme = files_in(to_zip(two_accounts()))["two-two-x/README.md"]
    assert """main.py 'It'"'"'s $HOME'""" in readme
    assert "--env-file .env" in readme


def test_a_flow_that_practises_needs_no_key() -> None:
    found = template("support-desk")
    assert found is not None
    files = files_in(to_zip(found.document))
    assert "needs no key" in files["support-desk/.env.example"]
    assert ".env" not in files["support-desk/README.md"]


def test_the_readme_says_whether_code_runs() -> None:
    for name, says in (("data-question", True), ("support-desk", False), ("debate", False)):
        found = template(name)
        assert found is not None
        (readme,) = (text for path, text in files_in(to_zip(found.document)).items() if path.endswith("README.md"))
        assert ("runs code" in readme) is says


def test_the_same_flow_gives_the_same_bytes() -> None:
    assert to_zip(two_accounts()) == to_zip(two_accounts().model_copy())


@pytest.mark.parametrize("name", ["", "..", "CON", "/etc/passwd", "Convene Studio", "流程", "a" * 200, "\u202efdp.exe", "C:\\x"])
def test_no_name_leaves_its_folder(name: str) -> None:
    flow = FlowDocument(name=name, nodes=(Node(id="n_a", kind="human", name="ann"),))
    for path in files_in(to_zip(flow)):
        folder, file = PurePosixPath(path).parts
        assert canonicalize_name(folder, validate=True) == folder
        assert folder.isascii()
        assert len(folder) <= 80
        assert folder not in {"con", "convene-studio"}
        assert file in FILES


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flows())
def test_any_flow_becomes_a_project_that_can_be_read(flow: FlowDocument) -> None:
    files = files_in(to_zip(flow))
    (project,) = (text for name, text in files.items() if name.endswith("pyproject.toml"))
    assert tomllib.loads(project)["project"]["requires-python"] == ">=3.11"


@pytest.mark.parametrize("name", ["engineering-team", "support-desk"])
def test_the_program_is_formatted_where_it_is_unpacked(name: str, tmp_path: object) -> None:
    found = template(name)
    assert found is not None
    with zipfile.ZipFile(io.BytesIO(to_zip(found.document))) as archive:
        archive.extractall(str(tmp_path))
    for command in (["format", "--check", "."], ["check", "--select", "F,I", "."]):
        done = subprocess.run([find_ruff_bin(), *command, "--no-cache"], cwd=str(tmp_path), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def unpacked(data: bytes, folder: Path) -> Path:
    """The folder of a project, unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)
    (project,) = folder.iterdir()
    return project


def smoke_test(project: Path) -> subprocess.CompletedProcess[str]:
    """Runs a project's own test as somebody does at home, without a key and with no way to the network's models."""
    return programs.run(["test_smoke.py"], project, {**os.environ, "DOCKER_HOST": "unix:///nonexistent/docker.sock"})


@pytest.mark.parametrize("name", ["answers-with-sources", "research-with-tools", "support-desk", "field-trip"])
def test_a_project_passes_its_own_smoke_test(name: str, tmp_path: Path) -> None:
    found = template(name)
    assert found is not None
    done = smoke_test(unpacked(to_zip(found.document), tmp_path))
    assert done.returncode == 0, done.stderr


def test_a_smoke_test_asks_no_model_server_and_can_fail(tmp_path: Path) -> None:
    project = unpacked(to_zip(two_accounts()), tmp_path)
    done = smoke_test(project)
    assert done.returncode == 0, done.stderr
    program = project / "main.py"
    program.write_text(program.read_text("utf-8").replace('name="ann"', 'name="no name!"'), "utf-8")
    assert smoke_test(project).returncode != 0


def test_the_tools_of_a_project_are_modules() -> None:
    found = template("research-with-tools")
    assert found is not None
    files = {path.partition("/")[2]: content for path, content in files_in(to_zip(found.document)).items()}
    assert {name for name in files if name.startswith("tools/")} == {
        "tools/__init__.py", "tools/read_note.py", "tools/search_notes.py", "tools/weight_on.py",
    }  # fmt: skip
    assert "from tools.weight_on import weight_on" in files["main.py"]
    assert "import math" not in files["main.py"]
    assert files["tools/weight_on.py"].startswith("import math")
    assert "COPY --chown=app . ." in files["Dockerfile"]
    assert ".env" in files[".dockerignore"].splitlines()


@pytest.mark.parametrize("name", ["research-with-tools", "support-desk", "customer-service"])
def test_a_project_comes_back_as_the_same_flow(name: str) -> None:
    found = template(name)
    assert found is not None
    (imported,) = read_bytes(to_zip(found.document)).flows
    assert imported.document == found.document


BOATS = "answers-with-sources"


def with_files(project: bytes, changed: Mapping[str, str]) -> bytes:
    """The project with other contents of these files."""
    files = files_in(project)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in {**files, **changed}.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def documents_of(flow: FlowDocument) -> list[dict[str, str]]:
    (held,) = (node.config["documents"] for node in flow.nodes if node.kind == "documents")
    return [dict(each) for each in held]


def test_documents_of_a_project_are_files_beside_its_program() -> None:
    flow = template(BOATS).document
    project = to_zip(flow)
    files = files_in(project)
    held = {each["name"]: each["text"] for each in documents_of(flow)}
    assert {name.rpartition("/")[2]: text for name, text in files.items() if "/documents/" in name} == held
    main = files[f"{BOATS}/main.py"]
    assert len(main.splitlines()) <= 61
    assert all(text not in main for text in held.values())
    assert "`documents`" in files[f"{BOATS}/README.md"]
    read = from_zip(project)
    assert (read.document, read.report.findings) == (flow, ())


def test_a_document_that_was_edited_in_its_file_is_edited_on_the_canvas() -> None:
    flow = template(BOATS).document
    prices = f"{BOATS}/documents/prices.csv"
    project = to_zip(flow)
    read = from_zip(with_files(project, {prices: files_in(project)[prices].replace("Canoe,2,10", "Canoe,2,11")}))
    assert read.report.findings == ()
    assert [each["text"].count("Canoe,2,11") for each in documents_of(read.document)] == [0, 1]
    assert [node.id for node in read.document.nodes] == [node.id for node in flow.nodes]


@pytest.mark.parametrize("name", ["../prices.csv", "a/b.txt", "con.txt", ".hidden", "a:b", "notes.", "Notes.txt"])
def test_a_document_that_no_file_can_be_named_after_stays_in_the_program(name: str) -> None:
    flow = template(BOATS).document
    held = [{"name": name, "text": "kept here"}, {"name": "notes.txt", "text": "kept there"}]
    if name == "Notes.txt":
        held.reverse()
    nodes = tuple(
        node.model_copy(update={"config": {**node.config, "documents": held}}) if node.kind == "documents" else node for node in flow.nodes
    )
    changed = flow.model_copy(update={"nodes": nodes})
    files = files_in(to_zip(changed))
    assert [path for path in files if "/documents/" in path] == [f"{BOATS}/documents/notes.txt"]
    assert 'text="kept here"' in files[f"{BOATS}/main.py"]
    assert from_zip(to_zip(changed)).document == changed


def test_a_program_without_its_documents_says_which_it_lacks() -> None:
    main = files_in(to_zip(template(BOATS).document))[f"{BOATS}/main.py"]
    told = [finding.text for finding in from_python(main).report.findings if finding.level == "decision"]
    assert ["house-rules.md" in told[0], "prices.csv" in told[1]] == [True, True]
