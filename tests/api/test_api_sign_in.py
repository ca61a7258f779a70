"""Signing in at a server of tools from the studio: the way there, the way back without a cookie, and the run that goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from mcp_oauth_server import GuardedServer, browse, guarded_server
from patience import within
from starlette.testclient import TestClient

from studio.api.services import services
from studio.engine.events import QuestionAsked
from studio.flow.document import Edge, FlowDocument, Node


@pytest.fixture
def vault() -> Iterator[GuardedServer]:
    with guarded_server() as server:
        yield server


def flow(url: str, *calls: dict[str, Any], **more: Any) -> FlowDocument:
    nodes = (
        Node(id="n_t", kind="team", name="team", config={"max_turns": 1}),
        Node(id="n_a", kind="assistant", name="clerk", parent="n_t"),
        Node(id="n_m", kind="practice", name="model", config={"script": {"clerk": [*calls, "done"]}}),
        Node(id="n_v", kind="mcp", name="vault", config={"transport": {"kind": "streamable_http", "url": url}, **more}),
    )
    edges = (Edge(id="e_1", kind="model", source="n_m", target="n_t"), Edge(id="e_2", kind="tool", source="n_v", target="n_a"))
    return FlowDocument(name="Vault", nodes=nodes, edges=edges)


def until(holds: Callable[[], Any]) -> Any:
    end = time.monotonic() + within(20)
    while not (found := holds()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def asked(run: str, count: int) -> Callable[[], QuestionAsked | None]:
    def look() -> QuestionAsked | None:
        questions = [event for event in services().runs.events(run) if isinstance(event, QuestionAsked)]
        return questions[count - 1] if len(questions) >= count and services().runs.get(run).status == "waiting" else None

    return look


def test_a_run_goes_on_once_a_person_has_signed_in(browser: TestClient, vault: GuardedServer) -> None:
    assert browser.portal is not None
    run = browser.portal.call(services().runs.start, flow(vault.url), "go").run
    consent = until(asked(run, 1))
    browser.portal.call(services().runs.answer, run, consent.id, "", True)
    question = until(asked(run, 2))
    assert (question.source, question.details) == ("clerk", vault.url)

    sent = browser.get("/api/sign-in", params={"run": run, "question": question.id}, follow_redirects=False)
    assert sent.status_code == 303
    address = sent.headers["location"]
    given = parse_qs(urlsplit(address).query)
    assert given["redirect_uri"] == ["http://127.0.0.1:8000/api/sign-in/back"]

    stranger = {"Authorization": ""}
    assert browser.get("/api/sign-in", params={"run": run, "question": question.id}, headers=stranger).status_code == 401
    wrong = browser.get("/api/sign-in/back", params={"code": "x", "state": "y"}, headers=stranger)
    assert wrong.status_code == 400
    back = browser.get(browse(address), headers=stranger)
    assert back.status_code == 200
    assert f"You are signed in at {vault.url}." in back.text
    assert browser.get("/api/sign-in/back", headers={"Host": "evil.example.com", **stranger}).status_code == 421

    until(lambda: services().runs.get(run).status == "done")
    events = services().runs.events(run)
    offered = [event.tools for event in events if event.type == "tools_offered"]  # type: ignore[attr-defined]
    assert offered[0][0]["name"] == "open_vault"
    told = "".join(event.model_dump_json() for event in events)
    assert not [secret for secret in vault.desk.given if secret in told]


def test_a_sign_in_that_has_ended_is_asked_for_again_before_the_call_that_needs_it(browser: TestClient, vault: GuardedServer) -> None:
    assert browser.portal is not None

    def signs_in(question: QuestionAsked) -> None:
        sent = browser.get("/api/sign-in", params={"run": run, "question": question.id}, follow_redirects=False)
        assert browser.get(browse(sent.headers["location"])).status_code == 200

    call = {"tool": "open_vault"}
    run = browser.portal.call(services().runs.start, flow(vault.url, call, approval="always"), "go").run
    browser.portal.call(services().runs.answer, run, until(asked(run, 1)).id, "", True)
    signs_in(until(asked(run, 2)))
    may_call = until(asked(run, 3))
    assert may_call.subject.startswith("tool:")
    vault.desk.forget(refresh=True)
    browser.portal.call(services().runs.answer, run, may_call.id, "", True)
    again = until(asked(run, 4))
    assert (again.source, again.details) == ("clerk", vault.url)
    assert again.text == "Your sign-in at this server has ended. clerk waits to call open_vault until you sign in again."
    signs_in(again)
    until(lambda: services().runs.get(run).status == "done")
    results = [event.output for event in services().runs.events(run) if event.type == "tool_result"]  # type: ignore[attr-defined]
    assert results == ["gold"]


def test_what_is_no_question_of_that_kind_leads_nowhere(browser: TestClient, vault: GuardedServer) -> None:
    assert browser.portal is not None
    run = browser.portal.call(services().runs.start, flow(vault.url), "go").run
    consent = until(asked(run, 1))
    for question in (consent.id, "q999"):
        assert browser.get("/api/sign-in", params={"run": run, "question": question}, follow_redirects=False).status_code == 404
    assert browser.get("/api/sign-in", params={"run": "none", "question": "q1"}, follow_redirects=False).status_code == 502
    browser.portal.call(services().runs.stop, run)


def test_a_refusal_is_told_and_the_run_still_waits(browser: TestClient, vault: GuardedServer) -> None:
    assert browser.portal is not None
    vault.desk.refuses = True
    run = browser.portal.call(services().runs.start, flow(vault.url), "go").run
    browser.portal.call(services().runs.answer, run, until(asked(run, 1)).id, "", True)
    question = until(asked(run, 2))
    address = browser.get("/api/sign-in", params={"run": run, "question": question.id}, follow_redirects=False).headers["location"]
    back = browser.get(browse(address))
    assert back.status_code == 400
    assert "access_denied" in back.text
    assert services().runs.get(run).status == "waiting"
    browser.portal.call(services().runs.answer, run, question.id, "", False)
    until(lambda: services().runs.get(run).status == "done")
