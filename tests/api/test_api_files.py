"""Exports, imports and the files of a run, over HTTP."""

from __future__ import annotations

import ast
import io
import json
import zipfile

import pytest
from drawn import pair
from starlette.testclient import TestClient

from studio.api.files import file_name
from studio.api.services import services
from studio.formats.targets import offered
from studio.texts import text


def test_health_tells_the_version(browser: TestClient) -> None:
    assert browser.get("/api/health").json()["status"] == "ok"


def test_a_fault_that_nobody_foresaw_is_told_without_its_traceback(browser: TestClient) -> None:
    flow = services().flows.create(pair())
    with services().database.write() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("ALTER TABLE flow RENAME TO gone")
    unraised = TestClient(browser.app, base_url=str(browser.base_url), headers=dict(browser.headers), raise_server_exceptions=False)
    answer = unraised.get(f"/api/flows/{flow}/export")
    assert answer.status_code == 500
    assert answer.json() == {"text": text("api.broken"), "remedy": "", "code": "broken"}


def test_a_flow_goes_out_as_python_json_and_project(browser: TestClient) -> None:
    flow = services().flows.create(pair())
    python = browser.get(f"/api/flows/{flow}/export", params={"to": "python"})
    assert python.headers["content-disposition"].startswith('attachment; filename="two_of_them.py"')
    ast.parse(python.text)
    document = browser.get(f"/api/flows/{flow}/export").json()
    assert document["name"] == "Two of them"
    project = zipfile.ZipFile(io.BytesIO(browser.get(f"/api/flows/{flow}/export", params={"to": "zip"}).content))
    assert any(name.endswith("main.py") for name in project.namelist())


def test_a_flow_goes_out_for_every_target_and_its_pictures_come_in_again(browser: TestClient) -> None:
    flow = services().flows.create(pair())
    for each in offered():
        answer = browser.get(f"/api/flows/{flow}/export", params={"to": each.name})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(each.media_type.partition(";")[0])
        assert answer.headers["content-disposition"].startswith(f'attachment; filename="two_of_them{each.suffix}"')
        if each.name in ("svg", "png"):
            again = browser.post("/api/import?name=holiday.jpg", content=answer.content).json()["flow"]
            assert services().flows.get(again).document == pair()
    project = browser.get(f"/api/flows/{flow}/export", params={"to": "autogen", "project": "1"})
    assert any(name.endswith("test_smoke.py") for name in zipfile.ZipFile(io.BytesIO(project.content)).namelist())
    assert browser.get(f"/api/flows/{flow}/export", params={"to": "svg", "project": "1"}).status_code == 422


def test_an_exported_flow_comes_in_again(browser: TestClient) -> None:
    flow = services().flows.create(pair())
    exported = browser.get(f"/api/flows/{flow}/export").content
    answer = browser.post("/api/import", content=exported)
    assert answer.status_code == 201
    again = answer.json()["flow"]
    assert again != flow
    assert services().flows.get(again).document == pair()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"format": "convene.flow", "version": 99}',
        b'{"format": "convene.flow", "nodes": 3}',
        b"[" * 100_000,
    ],
)
def test_a_broken_import_says_where_and_keeps_nothing(browser: TestClient, body: bytes) -> None:
    before = len(services().flows.list())
    answer = browser.post("/api/import", content=body)
    assert answer.status_code == 422
    assert answer.json()["text"]
    assert len(services().flows.list()) == before


@pytest.mark.parametrize(
    ("path", "status"), [("/api/flows/nowhere/export", 404), ("/api/runs/nowhere/files/x", 404), ("/api/flows/nowhere/export?to=perl", 422)]
)
def test_what_is_not_there_is_said_in_a_sentence(browser: TestClient, path: str, status: int) -> None:
    answer = browser.get(path)
    assert answer.status_code == status
    assert answer.json()["text"].endswith((".", "'."))


def run_of(browser: TestClient) -> str:
    assert browser.portal is not None
    return str(browser.portal.call(services().runs.start, pair(), "go").run)


def test_a_file_of_a_run_is_a_download_whatever_it_holds(browser: TestClient) -> None:
    run = run_of(browser)
    folder = services().settings.work_dir / run
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'ü"page.html').write_text("<script>alert(1)</script>")
    answer = browser.get(f"/api/runs/{run}/files/%C3%BC%22page.html")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment; filename=\"__page.html\"; filename*=UTF-8''%C3%BC%22page.html"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["../../token", "..%2f..%2fconvene.db", "%2e%2e/%2e%2e/convene.db", "/etc/passwd", "..%5c..%5cconvene.db", ""]
)
def test_no_path_leads_out_of_the_work_folder(browser: TestClient, path: str) -> None:
    run = run_of(browser)
    (services().settings.work_dir / run).mkdir(parents=True, exist_ok=True)
    assert browser.get(f"/api/runs/{run}/files/{path}").status_code == 404


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Coder & executor!", "coder_executor.py"),
        ("", "flow.py"),
        ("../../etc", "etc.py"),
        ("翻译", "翻译.py"),
        ("x" * 500, "x" * 80 + ".py"),
    ],
)
def test_a_flows_name_becomes_a_file_name(name: str, expected: str) -> None:
    assert file_name(name, ".py") == expected


def test_an_export_is_deterministic(browser: TestClient) -> None:
    flow = services().flows.create(pair())
    first = browser.get(f"/api/flows/{flow}/export").content
    assert first == browser.get(f"/api/flows/{flow}/export").content
    assert json.loads(first)["format"] == "convene.flow"


def test_an_error_never_repeats_a_key(browser: TestClient) -> None:
    key = "sk-0123456789abcdef"
    services().accounts.save("lab", provider="openai", base_url="http://127.0.0.1:9/v1", default_model="m", key=key)
    answer = browser.get("/api/flows/x/export", params={"to": key})
    assert answer.status_code == 422
    assert key not in answer.text
