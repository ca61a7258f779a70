"""What a run left behind, over HTTP: listed, previewed as data, shown only as pictures, packed; nothing of it runs and nothing else is read."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from drawn import pair
from starlette.testclient import TestClient

from studio.api import previews, work_files
from studio.api.services import services

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.fixture
def run(browser: TestClient) -> str:
    assert browser.portal is not None
    return str(browser.portal.call(services().runs.start, pair(), "go").run)


@pytest.fixture
def folder(run: str) -> Path:
    place = services().settings.work_dir / run
    place.mkdir(parents=True, exist_ok=True)
    return place


def test_files_are_listed_newest_first_without_links_and_hidden_ones(browser: TestClient, run: str, folder: Path) -> None:
    for age, name in enumerate(("表 ü.csv", "plot.png", "sub dir/notes.md")):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x" * age)
        os.utime(folder / name, (1000 + age, 1000 + age))
    (folder / ".hidden").write_text("no")
    (folder / "link.txt").symlink_to("/etc/passwd")
    found = browser.get(f"/api/runs/{run}/files").json()
    assert [(file["name"], file["size"], file["changed"], file["kind"]) for file in found["files"]] == [
        ("sub dir/notes.md", 2, 1002.0, "text"),
        ("plot.png", 1, 1001.0, "picture"),
        ("表 ü.csv", 0, 1000.0, "table"),
    ]
    assert found["more"] is False


def test_a_run_that_wrote_nothing_has_no_files(browser: TestClient, run: str) -> None:
    assert browser.get(f"/api/runs/{run}/files").json() == {"files": [], "more": False}
    assert zipfile.ZipFile(io.BytesIO(browser.get(f"/api/runs/{run}/files.zip").content)).namelist() == []


def test_a_list_is_bounded_and_says_that_there_are_more(
    browser: TestClient, run: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_files, "MAX_LISTED", 3)
    for number in range(5):
        (folder / f"{number}.txt").write_text("x")
    found = browser.get(f"/api/runs/{run}/files").json()
    assert (len(found["files"]), found["more"]) == (3, True)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", b"hello\n", {"kind": "text", "text": "hello\n", "size": 6, "cut": False}),
        ("page.html", b"<script>alert(1)</script>", {"kind": "text", "text": "<script>alert(1)</script>", "size": 25, "cut": False}),
        ("a.csv", b"name,n\n\"a, b\",1\n", {"kind": "table", "rows": [["name", "n"], ["a, b", "1"]], "size": 16, "cut": False}),
        ("a.csv", b"a;b\n1;2\n", {"kind": "table", "rows": [["a", "b"], ["1", "2"]], "size": 8, "cut": False}),
        ("a.tsv", b"a\tb\n", {"kind": "table", "rows": [["a", "b"]], "size": 4, "cut": False}),
        ("a.csv", b"", {"kind": "text", "text": "", "size": 0, "cut": False}),
        ("a.png", PNG, {"kind": "picture", "size": 28, "cut": False}),
        ("a.png", b"no picture", {"kind": "text", "text": "no picture", "size": 10, "cut": False}),
        ("a.bin", b"\0\1\2", {"kind": "other", "size": 3, "cut": False}),
        ("a.txt", b"\xffab", {"kind": "text", "text": "\ufffdab", "size": 3, "cut": False}),
        ("a.svg", b"<svg onload='x()'/>", {"kind": "text", "text": "<svg onload='x()'/>", "size": 19, "cut": False}),
    ],
)  # fmt: skip
def test_a_preview_is_data_whatever_the_file_holds(
    browser: TestClient, run: str, folder: Path, name: str, content: bytes, expected: dict[str, object]
) -> None:
    (folder / name).write_bytes(content)
    answer = browser.get(f"/api/runs/{run}/previews/{name}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == expected


def test_a_preview_shows_the_beginning_of_what_is_long(browser: TestClient, run: str, folder: Path) -> None:
    (folder / "long.txt").write_text("x" * (previews.MAX_TEXT + 1))
    long = browser.get(f"/api/runs/{run}/previews/long.txt").json()
    assert (len(long["text"]), long["cut"]) == (previews.MAX_TEXT, True)
    (folder / "long.csv").write_text("".join(f"{number},{'y' * 1000}\n" for number in range(1000)))
    table = browser.get(f"/api/runs/{run}/previews/long.csv").json()
    assert table["cut"] is True
    assert len(table["rows"]) <= previews.MAX_ROWS
    assert max(len(cell) for row in table["rows"] for cell in row) == previews.MAX_CELL
    (folder / "wide.csv").write_text(",".join("x" * 500))
    assert len(browser.get(f"/api/runs/{run}/previews/wide.csv").json()["rows"][0]) == previews.MAX_COLUMNS


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.png", PNG, "image/png"),
        ("odd name.txt", b"\xff\xd8\xff\xe0....", "image/jpeg"),
        ("a.gif", b"GIF89a......", "image/gif"),
        ("a.webp", b"RIFF....WEBPVP8 ", "image/webp"),
    ],
)
def test_a_picture_is_shown_as_what_its_bytes_are(
    browser: TestClient, run: str, folder: Path, name: str, content: bytes, media_type: str
) -> None:
    (folder / name).write_bytes(content)
    answer = browser.get(f"/api/runs/{run}/pictures/{name}")
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, media_type, content)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "content", [b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"<script>alert(1)</script>", b"", b"BM12"]
)
def test_what_is_no_picture_is_never_shown_as_one(browser: TestClient, run: str, folder: Path, content: bytes) -> None:
    (folder / "a.png").write_bytes(content)
    assert browser.get(f"/api/runs/{run}/pictures/a.png").status_code == 404


def test_all_files_come_as_one_archive_with_their_names(browser: TestClient, run: str, folder: Path) -> None:
    (folder / "données").mkdir()
    (folder / "données" / "表.csv").write_text("a,b\n")
    (folder / "b.txt").write_text("b")
    (folder / "out").symlink_to("/etc")
    answer = browser.get(f"/api/runs/{run}/files.zip")
    assert answer.headers["content-disposition"].startswith("attachment;")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert {name: archive.read(name) for name in archive.namelist()} == {"b.txt": b"b", "données/表.csv": b"a,b\n"}


def test_more_than_an_archive_may_hold_is_refused_with_the_way_out(
    browser: TestClient, run: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_files, "MAX_PACKED", 10)
    (folder / "a.txt").write_text("x" * 11)
    answer = browser.get(f"/api/runs/{run}/files.zip")
    assert answer.status_code == 422
    assert answer.json()["remedy"] == "Download them one by one."


@pytest.mark.parametrize("route", ["files", "previews", "pictures"])
@pytest.mark.parametrize(
    "path", ["../../token", "..%2f..%2ftoken", "%2e%2e/%2e%2e/token", "link", "dir/token", ".convene/../../../token", "pipe"]
)
def test_no_path_and_no_link_leads_out_of_the_folder(browser: TestClient, run: str, folder: Path, route: str, path: str) -> None:
    (folder / "link").symlink_to(folder.parent.parent / "token")
    (folder / "dir").symlink_to(folder.parent.parent)
    os.mkfifo(folder / "pipe")
    (folder.parent.parent / "token").write_bytes(PNG)
    assert browser.get(f"/api/runs/{run}/{route}/{path}").status_code == 404


@pytest.mark.parametrize("route", ["files", "files.zip", "previews/a", "pictures/a"])
def test_a_run_that_does_not_exist_has_no_files_to_ask_for(browser: TestClient, route: str) -> None:
    for run in ("nowhere", "..", "%2e%2e"):
        assert browser.get(f"/api/runs/{run}/{route}").status_code == 404
