"""Everything that the studio serves, found by walking its routes: nothing of it answers without a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from served_app import all_routes, served_app
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from studio.api.guard import SIGN_IN_BACK, Guard
from studio.api.session import read_token

HERE = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Guard, str]]:
    folder = tmp_path_factory.mktemp("studio")
    with served_app(folder) as guard:
        yield guard, read_token(folder / "data")


def filled(path: str) -> str:
    """A route's path with something in the place of its parameters."""
    for parameter in ("{flow}", "{run}", "{path:path}"):
        path = path.replace(parameter, "x")
    assert "{" not in path
    return path or "/"


def test_the_walk_finds_what_is_known_to_be_there(studio: tuple[Guard, str]) -> None:
    paths = {path for _, path, _ in all_routes(studio[0].app)}
    assert {"/api/channel", "/api/health", "/api/import", "/api/flows/{flow}/export", "/api/runs/{run}/files/{path:path}"} <= paths
    assert any(path.startswith("/_event") for path in paths)
    assert "/ping" in paths


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": HERE}, {"Origin": "http://evil.example"}, {"Cookie": "convene-8000=1.2.3"}, {"Authorization": "Bearer x"}]
)
def test_no_route_answers_without_a_session(studio: tuple[Guard, str], headers: dict[str, str]) -> None:
    client = TestClient(studio[0], base_url=HERE, follow_redirects=False)
    for kind, path, methods in all_routes(studio[0].app):
        if kind == "websocket" or path == SIGN_IN_BACK:
            continue
        for method in {*methods, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}:
            answer = client.request(method, filled(path), headers=headers)
            assert answer.status_code in (401, 403), f"{method} {path} answers {answer.status_code}"
            assert "set-cookie" not in answer.headers


def test_what_a_browser_brings_back_from_another_site_needs_no_session_but_the_state_of_an_attempt(studio: tuple[Guard, str]) -> None:
    client = TestClient(studio[0], base_url=HERE, follow_redirects=False)
    for query in ("", "?state=x&code=y", "?error=denied"):
        answer = client.get(SIGN_IN_BACK + query)
        assert answer.status_code == 400
        assert "set-cookie" not in answer.headers
    assert client.post(SIGN_IN_BACK, headers={"Origin": HERE}).status_code in (401, 403)


@pytest.mark.parametrize("headers", [{}, {"Origin": HERE}, {"Origin": "http://evil.example"}])
def test_no_socket_opens_without_a_session(studio: tuple[Guard, str], headers: dict[str, str]) -> None:
    client = TestClient(studio[0], base_url=HERE)
    sockets = [filled(path) for kind, path, _ in all_routes(studio[0].app) if kind != "http"]
    for path in {*sockets, "/_event/?EIO=4&transport=websocket&token=x", "/anything"}:
        with (
            pytest.raises((WebSocketDenialResponse, WebSocketDisconnect)),
            client.websocket_connect(HERE.replace("http", "ws") + path, headers=headers),
        ):
            pass


def test_the_pages_come_with_a_session_and_run_only_their_own_scripts(studio: tuple[Guard, str]) -> None:
    guard, token = studio
    client = TestClient(guard, base_url=HERE)
    answer = client.get("/", params={"auth": token})
    assert answer.status_code == 200
    assert "window.inside" in answer.text
    assert "'sha256-" in answer.headers["content-security-policy"]
    assert "'unsafe-inline'" not in answer.headers["content-security-policy"].split("script-src")[1].split(";")[0]


def test_a_page_that_did_not_change_keeps_the_orders_that_came_with_it(studio: tuple[Guard, str]) -> None:
    guard, token = studio
    client = TestClient(guard, base_url=HERE)
    first = client.get("/", params={"auth": token})
    again = client.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.headers.get("content-security-policy") in (None, first.headers["content-security-policy"])


def test_a_foreign_page_cannot_use_reflexs_own_socket(studio: tuple[Guard, str]) -> None:
    guard, token = studio
    client = TestClient(guard, base_url=HERE)
    client.get("/ping", params={"auth": token})
    address = "ws://127.0.0.1:8000/_event/?EIO=4&transport=websocket&token=x"
    with (
        pytest.raises((WebSocketDenialResponse, WebSocketDisconnect)),
        client.websocket_connect(address, headers={"Origin": "http://evil.example"}),
    ):
        pass
    with client.websocket_connect(address, headers={"Origin": HERE, "Upgrade": "websocket"}) as socket:
        assert socket.receive_text().startswith("0{")
