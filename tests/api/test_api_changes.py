"""Changes of a page that is being left: made once, refused in a sentence, and taken from our own pages only."""

from __future__ import annotations

from starlette.testclient import TestClient

from studio.api.changes import MAX_CHANGES
from studio.api.services import services
from studio.flow.document import FlowDocument, Node

SENT = {"id": "c1", "change": {"type": "configure", "id": "n_a", "values": {"system_message": "Sing."}}}


def kept() -> str:
    return services().flows.create(FlowDocument(name="Left", nodes=(Node(id="n_a", kind="assistant", name="ann"),)))


def test_a_page_that_is_left_brings_its_last_changes(browser: TestClient) -> None:
    flow = kept()
    for _ in range(2):
        answer = browser.post("/api/changes", params={"flow": flow}, json={"changes": [SENT]})
        assert answer.json() == {"taken": ["c1"], "refused": []}
    opened = services().flows.get(flow)
    assert opened.rev == 2
    assert opened.document.nodes[0].config == {"system_message": "Sing."}


def test_a_change_that_does_not_fit_is_refused_in_a_sentence(browser: TestClient) -> None:
    answer = browser.post("/api/changes", params={"flow": kept()}, json={"changes": [{"id": "c1", "change": {"type": "dance"}}]}).json()
    assert answer["taken"] == ["c1"]
    assert answer["refused"][0]["text"]


def test_what_is_no_list_of_changes_is_refused(browser: TestClient) -> None:
    for content in (b"", b"[", b"[]", b"{}", b'{"changes": 1}', b'{"changes": [1]}', b"[" * 50_000):
        answer = browser.post("/api/changes", params={"flow": kept()}, content=content)
        assert answer.status_code == 422, content[:20]
        assert "changes" in answer.json()["text"]
    assert browser.post("/api/changes", params={"flow": "x"}, content=b" " * (MAX_CHANGES + 1)).status_code == 413
