"""The gate in front of what guests reach: tokens, names of hosts, web sites that call, sizes, and headers of answers."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx
import pytest
from served_flows import TOKEN, Served, pair

from studio.library.shares import Terms
from studio.serving import answers
from studio.serving.door import MOST_WRONG, Pace
from studio.serving.errors import GuestRefused
from studio.serving.gate import OPEN

Serve = Callable[..., Served]
EVERY = ("/api/flow", "/api/runs/x", "/api/runs/x/events", "/v1/models", "/v1/responses/x", "/nowhere", "/api/../api/flow", "//api/flow")


def test_nothing_of_the_flow_is_told_without_the_token(serve: Serve) -> None:
    door = serve(pair())
    for path in EVERY:
        for authorization in ("", f"Basic {TOKEN}", "Bearer", "Bearer x"):
            answer = door.stranger.get(path, headers={"Authorization": authorization} if authorization else {})
            assert answer.status_code in (401, 429), path
            assert "team" not in answer.text
    for path in ("/api/runs", "/v1/chat/completions", "/v1/responses", "/mcp", "/", "/docs"):
        assert door.stranger.post(path, json={"task": "x"}).status_code in (401, 429), path
    assert door.services.runs.list() == []


def test_what_is_open_to_everybody_says_nothing_of_the_flow(serve: Serve) -> None:
    door = serve(pair())
    for path in OPEN:
        answer = door.stranger.get(path)
        assert answer.status_code == 200, path
        assert "The team" not in answer.text
        assert "They count" not in answer.text


def test_after_many_wrong_tokens_the_right_one_still_opens(serve: Serve) -> None:
    door = serve(pair())
    answers = [
        door.stranger.get("/api/flow", headers={"Authorization": f"Bearer {number}"}).status_code for number in range(MOST_WRONG + 2)
    ]
    assert answers == [401] * MOST_WRONG + [429] * 2
    assert door.client.get("/api/flow").status_code == 200


def test_only_known_names_of_this_machine_are_answered(serve: Serve) -> None:
    door = serve(pair(), hosts=("door.example",))
    for host, status in (
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("door.example", 200),
        ("localhost:1", 200),
        ("a@127.0.0.1", 421),
    ):
        assert door.client.get("/api/flow", headers={"Host": host}).status_code == status, host


def test_pages_of_other_sites_may_not_call(serve: Serve) -> None:
    door = serve(pair())
    for origin in ("https://evil.example", "null", door.url.replace("http:", "https:") + "/x"):
        answer = door.client.get("/api/flow", headers={"Origin": origin})
        assert answer.status_code == 403, origin
        assert "access-control-allow-origin" not in answer.headers
        assert door.client.options("/api/runs", headers={"Origin": origin}).status_code == 403
    assert door.client.get("/api/flow", headers={"Origin": door.url}).status_code == 200


def test_sites_on_the_list_may_call_and_no_others(serve: Serve) -> None:
    door = serve(pair(), Terms(origins=("https://friend.example",)))
    asked = door.stranger.options("/api/runs", headers={"Origin": "https://friend.example", "Access-Control-Request-Method": "POST"})
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == "https://friend.example"
    assert "authorization" in asked.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in asked.headers
    answer = door.client.get("/api/flow", headers={"Origin": "https://friend.example"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "https://friend.example")
    refused = door.stranger.get("/api/flow", headers={"Origin": "https://friend.example"})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "https://friend.example")
    assert door.client.get("/api/flow", headers={"Origin": "https://friend.example:8443"}).status_code == 403


@pytest.mark.parametrize("path", ["/api/runs", "/v1/chat/completions", "/v1/responses"])
def test_huge_bodies_are_broken_off(serve: Serve, path: str) -> None:
    door = serve(pair())
    told = door.client.post(path, content=b"x" * 2_000_001)
    assert told.status_code == 413
    assert told.json()["error"]["code"] == "too_large"

    def without_length() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * 100_000

    with suppress(httpx.TransportError):  # the rest of the body may not be taken any more
        assert door.client.post(path, content=without_length()).status_code == 413
    assert door.services.runs.list() == []


@pytest.mark.parametrize("path", ["/api/runs", "/v1/responses", "/mcp"])
def test_a_body_that_does_not_come_is_not_waited_for(serve: Serve, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "BODY_SECONDS", 0.1)
    door = serve(pair())
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\nAuthorization: Bearer {TOKEN}\r\n"
    kinds = "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
    with socket.create_connection(("127.0.0.1", httpx.URL(door.url).port or 0), timeout=20) as slow:
        slow.sendall((head + kinds + "\r\n{").encode())
        assert b" 408 " in slow.recv(100)


def test_who_goes_away_while_sending_is_no_mistake(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    door = serve(pair())
    for path in ("/api/runs", "/mcp"):
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\nAuthorization: Bearer {TOKEN}\r\n\r\n{{"
        with socket.create_connection(("127.0.0.1", httpx.URL(door.url).port or 0), timeout=20) as gone:
            gone.sendall(head.encode())
    assert door.start()["status"] == "done"
    assert "broke" not in caplog.text


@pytest.mark.parametrize("field", ["model", "text", "user"])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses"])
def test_half_a_character_is_refused(serve: Serve, path: str, field: str) -> None:
    door = serve(pair())
    told = {"model": "the-team", "text": "Hi", "user": "eve"} | {field: "HERE"}
    text = told.pop("text")
    body = json.dumps({"input": text, "messages": [{"role": "user", "content": text}], **told}).encode()
    for half in (rb"\uD800", b"\xed\xa0\x80"):
        refused = door.client.post(path, content=body.replace(b"HERE", half))
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "not_json")
    if field == "text":
        assert door.client.post(path, content=body.replace(b"HERE", rb"\ud83d\ude00")).status_code == 200


def test_every_answer_forbids_browsers_what_it_does_not_need(serve: Serve) -> None:
    door = serve(pair())
    for answer in (door.client.get("/api/flow"), door.stranger.get("/"), door.stranger.get("/api/flow"), door.client.get("/nowhere")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "set-cookie" not in answer.headers


def test_methods_and_addresses_that_are_none_get_a_sentence(serve: Serve) -> None:
    door = serve(pair())
    assert door.client.get("/nowhere").json()["error"]["code"] == "not_found"
    assert door.client.put("/api/runs", json={}).json()["error"]["code"] == "method"


def test_the_openapi_document_names_every_address(serve: Serve) -> None:
    door = serve(pair())
    told = door.stranger.get("/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    page = door.stranger.get("/docs").text
    for path, methods in told["paths"].items():
        assert path in page
        for method in methods:
            answer = door.client.request(method, path.replace("{run}", "x").replace("{response}", "x").replace("{model}", "x"), json={})
            assert answer.status_code != 405, path
            assert answer.json().get("error", {}).get("code") != "not_found", path
    assert "http://" not in page.replace(door.url, "")
    assert "https://" not in page


def test_a_pace_is_that_of_the_last_minute() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    pace.start(2)
    pace.start(2)
    with pytest.raises(GuestRefused) as refused:
        pace.start(2)
    assert refused.value.wait == 60
    now = 60.1
    pace.start(2)
