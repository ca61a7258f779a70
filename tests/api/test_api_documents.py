"""Documents that are uploaded: read once, kept by what is in them, refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from studio.api.documents import shelf
from studio.engine.documents.document import Document


def test_an_uploaded_document_is_on_the_shelf(browser: TestClient, tmp_path: Path) -> None:
    answer = browser.post("/api/documents", params={"name": "../../notes.md"}, content=b"# Notes\n\nHello.")
    assert answer.status_code == 201
    kept = Document(**answer.json())
    assert (kept.name, kept.size) == ("notes.md", 15)
    assert shelf().content(kept) == b"# Notes\n\nHello."
    assert [each.name for each in (tmp_path / "documents").iterdir()] == [kept.digest]


@pytest.mark.parametrize(("content", "why"), [(b"", "it is empty"), (b"\0\1", "it is no text"), (b"%PDF-1.4 x", "it is no PDF")])
def test_what_cannot_be_read_is_refused_and_not_kept(browser: TestClient, tmp_path: Path, content: bytes, why: str) -> None:
    answer = browser.post("/api/documents", params={"name": "a.txt"}, content=content)
    assert answer.status_code == 422
    assert why in answer.json()["text"]
    assert not (tmp_path / "documents").exists()


def test_a_document_may_be_larger_than_other_requests(browser: TestClient) -> None:
    page = "Rain is measured in millimetres.\n\n" * 100_000
    answer = browser.post("/api/documents", params={"name": "rain.txt"}, content=page.encode())
    assert answer.status_code == 201, answer.text
    assert answer.json()["size"] == len(page)


def test_a_document_is_as_large_as_it_may_be(browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.api.documents.LARGEST", 4)
    assert browser.post("/api/documents", params={"name": "a.txt"}, content=b"12345").status_code == 422
