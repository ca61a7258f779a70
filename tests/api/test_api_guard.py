"""The guard: who gets in, who does not, and what goes out with every answer."""

from __future__ import annotations

import pytest
from guarding import HERE, TOKEN, guarded_client
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from studio.api.guard import BODY_LIMITS, MAX_BODY, is_loopback
from studio.api.session import Sessions

EVIL = "http://evil.example"
SOCKET = "ws://127.0.0.1:8000/socket"


def refused_socket(client: TestClient, headers: dict[str, str]) -> int:
    """The status with which a handshake is refused."""
    with pytest.raises((WebSocketDenialResponse, WebSocketDisconnect)) as refusal, client.websocket_connect(SOCKET, headers=headers):
        pass
    return refusal.value.status_code if isinstance(refusal.value, WebSocketDenialResponse) else 403


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("HEAD", "/"), ("GET", "/deep/page"), ("GET", "/nowhere"), ("GET", "/assets/x.js")]
)
def test_nothing_is_shown_without_a_session(method: str, path: str) -> None:
    answer = guarded_client().request(method, path)
    assert answer.status_code == 401
    assert "inside" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_is_changed_without_a_session(method: str) -> None:
    assert guarded_client().request(method, "/echo", headers={"Origin": HERE}).status_code == 401


def test_the_token_becomes_a_cookie_and_leaves_the_address() -> None:
    client = guarded_client()
    answer = client.get("/deep/page?a=1&auth=" + TOKEN + "&b=x%26y")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/deep/page?a=1&b=x%26y"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in cookie
    assert client.get("/deep/page").text == "<p>inside</p>"


def test_a_signed_in_browser_loses_the_token_from_its_address_too() -> None:
    assert guarded_client(signed_in=True).get("/?auth=whatever").headers["location"] == "/"


@pytest.mark.parametrize("token", ["", "x", TOKEN + "x", TOKEN[:-1]])
def test_a_wrong_token_opens_nothing(token: str) -> None:
    client = guarded_client()
    assert client.get("/", params={"auth": token}, headers={"Accept": "text/html"}).status_code == 401
    assert client.get("/").status_code == 401


def test_a_one_time_address_works_once() -> None:
    sessions = Sessions(TOKEN)
    address = f"/?auth={sessions.one_time_token()}"
    assert guarded_client(sessions=sessions).get(address).status_code == 303
    assert guarded_client(sessions=sessions).get(address).status_code == 401


def test_a_refused_browser_is_told_what_to_do() -> None:
    answer = guarded_client().get("/deep/page?a=1", headers={"Accept": "text/html,*/*"})
    assert answer.status_code == 401
    assert 'name="auth"' in answer.text
    assert 'action="/deep/page"' in answer.text
    assert "terminal" in answer.text


def test_the_door_shows_no_markup_from_the_address() -> None:
    answer = guarded_client().get("/<script>alert(1)</script>?<img src=x>=<b>", headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    assert "<b>" not in answer.text


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "///evil.example"])
def test_the_door_leads_nowhere_else(path: str) -> None:
    answer = guarded_client().get(f"{HERE}{path}?auth={TOKEN}")
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


def test_a_program_may_send_the_token_as_bearer() -> None:
    client = guarded_client()
    assert client.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert client.post("/echo", content=b"abc", headers={"Authorization": f"bearer {TOKEN}"}).text == "3"
    assert client.get("/", headers={"Authorization": "Bearer x"}).status_code == 401
    assert client.get("/", headers={"Authorization": f"Basic {TOKEN}"}).status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "", "[", "evil.example:8000", "0.0.0.0:8000"]
)
def test_another_host_name_is_refused_whoever_asks(host: str) -> None:
    client = guarded_client(signed_in=True)
    assert client.get("/", headers={"Host": host}).status_code == 421
    assert client.get("/", headers={"Host": host, "Authorization": f"Bearer {TOKEN}"}).status_code == 421
    assert refused_socket(client, {"Host": host, "Origin": HERE}) in (403, 421)


@pytest.mark.parametrize("base_url", ["http://localhost:8000", "http://localhost:9999", "http://[::1]:8000", "http://LOCALHOST"])
def test_loopback_is_reached_by_all_its_names_and_ports(base_url: str) -> None:
    assert guarded_client(base_url=base_url, signed_in=True).get("/").status_code == 200


@pytest.mark.parametrize("base_url", ["http://127.0.0.2:8000", "http://192.0.2.7:8000", "http://[2001:db8::7]:8000"])
def test_the_address_that_a_request_came_to_is_one_of_ours_and_no_other(base_url: str) -> None:
    client = guarded_client(base_url=base_url, signed_in=True)
    assert client.get("/").status_code == 200
    for other in ("192.0.2.8:8000", "[2001:db8::8]:8000", "127.0.0.3", "studio.example"):
        assert client.get("/", headers={"Host": other, "Authorization": f"Bearer {TOKEN}"}).status_code == 421


def test_a_name_that_was_allowed_is_a_name_of_ours() -> None:
    assert guarded_client(base_url="http://lab.example:8000", hosts=("Lab.Example",), signed_in=True).get("/").status_code == 200
    assert guarded_client(base_url="http://lab.example:8000").get("/").status_code == 421


@pytest.mark.parametrize(
    "origin", [EVIL, "null", "http://127.0.0.1:9000", "http://localhost:8000", "http://127.0.0.1:8000.evil.example", "http://[", "file://"]
)
def test_another_origin_is_refused_even_with_the_cookie(origin: str) -> None:
    client = guarded_client(signed_in=True)
    assert client.post("/echo", headers={"Origin": origin}).status_code == 403
    assert client.get("/", headers={"Origin": origin}).status_code == 403
    assert refused_socket(client, {"Origin": origin}) == 403


def test_a_change_without_an_origin_is_refused() -> None:
    client = guarded_client(signed_in=True)
    assert client.post("/echo", content=b"abc").status_code == 403
    assert client.post("/echo", content=b"abc", headers={"Origin": HERE}).text == "3"


def test_a_socket_needs_origin_and_cookie() -> None:
    assert refused_socket(guarded_client(), {"Origin": HERE}) in (401, 403)
    signed_in = guarded_client(signed_in=True)
    assert refused_socket(signed_in, {}) == 403
    with signed_in.websocket_connect(SOCKET, headers={"Origin": HERE}) as socket:
        assert socket.receive_text() == "inside"


def test_a_body_is_bounded_whether_it_says_so_or_not() -> None:
    client = guarded_client(signed_in=True)
    too_much = b"x" * (MAX_BODY + 1)

    def pieces() -> object:
        for start in range(0, len(too_much), 65_536):
            yield too_much[start : start + 65_536]

    assert client.post("/echo", content=too_much, headers={"Origin": HERE}).status_code == 413
    assert client.post("/echo", content=pieces(), headers={"Origin": HERE}).status_code == 413  # type: ignore[arg-type]
    assert client.post("/echo", content=too_much[:-1], headers={"Origin": HERE}).text == str(MAX_BODY)
    assert client.post("/api/import", content=too_much, headers={"Origin": HERE}).text == str(MAX_BODY + 1)
    announced = {"Origin": HERE, "Content-Length": str(BODY_LIMITS["/api/import"] + 1)}
    assert client.post("/api/import", content=b"x", headers=announced).status_code == 413


@pytest.mark.parametrize("signed_in", [True, False])
def test_every_answer_carries_the_browsers_orders(signed_in: bool) -> None:
    headers = guarded_client(signed_in=signed_in).get("/", headers={"Accept": "text/html"}).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self' 'sha256-abc';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "connect-src 'self' ws://127.0.0.1:8000 wss://127.0.0.1:8000;" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "immutable" not in headers["cache-control"]


def test_a_refusal_is_never_kept_as_an_asset() -> None:
    assert "immutable" not in guarded_client().get("/assets/x.js").headers["cache-control"]


def test_other_cookies_do_not_hide_ours() -> None:
    client = guarded_client(signed_in=True)
    ours = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    client.cookies.clear()
    assert client.get("/", headers={"Cookie": f'odd={{"a": [1, 2]}}; =; ;; bad name=1; {ours}; more="'}).status_code == 200


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("127.8.8.8", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("example.org", False),
    ],
)
def test_only_this_machine_reaches_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
