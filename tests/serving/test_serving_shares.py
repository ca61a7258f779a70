"""Shares in the studio's own process: below /share/ their tokens count, and nowhere else; the studio's session counts nothing there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import openai
import pytest
from served_flows import Served, asking, on_a_port, opened, pair
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from studio.api.guard import Guard
from studio.api.session import Sessions
from studio.library.shares import OFFERED
from studio.serving.shared_flows import SharedFlows

STUDIO = "t" * 43


@dataclass
class Studio:
    """A guard over a page, with two flows of which the first is shared."""

    shared: Served
    token: str
    private: str
    share: str


async def page(request: Request) -> Response:
    return PlainTextResponse("inside")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    services = opened(tmp_path / "data")
    flow, private = services.flows.create(pair()), services.flows.create(asking())
    share, token = services.shares.open(flow, OFFERED)

    @asynccontextmanager
    async def until_the_end(app: Starlette) -> AsyncIterator[None]:
        yield
        await services.close()

    inside = Starlette(routes=[Route("/", page), Route("/api/runs", page)], lifespan=until_the_end)
    with on_a_port(Guard(inside, Sessions(STUDIO), shared=SharedFlows(lambda: services))) as port:
        yield Studio(Served(services, flow, port, token, f"/share/{share.id}"), token, private, share.id)


def test_a_shared_flow_is_called_with_its_token(studio: Studio) -> None:
    run = studio.shared.start("Count.")
    assert run["answer"] == "two of bob"
    assert studio.shared.services.runs.events(run["run"])[0].via == "shared: REST"  # type: ignore[attr-defined]
    with openai.OpenAI(base_url=studio.shared.url + "/v1", api_key=studio.token, max_retries=0) as client:
        assert client.responses.create(model="the-team", input="Count.").output_text == "two of bob"


def test_a_guests_token_opens_nothing_of_the_studio_and_the_studios_opens_no_share(studio: Studio) -> None:
    origin = studio.shared.url.partition("/share/")[0]
    guest, owner = {"Authorization": f"Bearer {studio.token}"}, {"Authorization": f"Bearer {STUDIO}"}
    assert httpx.get(f"{origin}/", headers=owner).text == "inside"
    for path in ("/", "/api/runs", f"/share/{studio.share}/../../api/runs", "/share", f"/%73hare/{studio.share}/x/../../../"):
        assert "inside" not in httpx.get(origin + path, headers=guest).text, path
    assert httpx.get(f"{origin}/?auth={studio.token}").status_code == 401
    assert httpx.get(f"{studio.shared.url}/api/flow", headers=owner).status_code == 401
    cookie = httpx.get(f"{origin}/?auth={STUDIO}").headers["set-cookie"].partition(";")[0]
    assert httpx.get(f"{origin}/", headers={"Cookie": cookie}).text == "inside"
    assert httpx.get(f"{studio.shared.url}/api/flow", headers={"Cookie": cookie}).status_code == 401


def test_runs_of_the_studio_are_not_there_for_guests(studio: Studio, tmp_path: Path) -> None:
    mine = studio.shared.start()
    _, other_token = studio.shared.services.shares.open(studio.private, OFFERED)
    share = studio.shared.services.shares.of(studio.private)
    assert share is not None
    other = httpx.Client(base_url=studio.shared.url.replace(studio.share, share.id), headers={"Authorization": f"Bearer {other_token}"})
    with other:
        assert other.get("/api/flow").status_code == 200
        assert other.get(f"/api/runs/{mine['run']}").status_code == 404
        assert other.post("/api/runs", json={"task": "x", "session": mine["session"]}).status_code == 404
    crossed = httpx.get(f"{studio.shared.url}/api/flow", headers={"Authorization": f"Bearer {other_token}"})
    assert crossed.status_code == 401


def test_closing_ends_a_token_at_once_and_a_new_one_opens_at_the_same_address(studio: Studio) -> None:
    shares = studio.shared.services.shares
    shares.close(studio.shared.flow)
    for path in ("/", "/api/flow", "/docs", "/health"):
        assert studio.shared.client.get(path).json()["error"]["code"] == "closed"
    _, again = shares.open(studio.shared.flow, OFFERED)
    assert studio.shared.client.get("/api/flow").status_code == 401
    assert studio.shared.stranger.get("/api/flow", headers={"Authorization": f"Bearer {again}"}).status_code == 200


def test_other_terms_count_for_the_next_run(studio: Studio) -> None:
    studio.shared.services.shares.set_terms(studio.shared.flow, replace(OFFERED, per_minute=1))
    studio.shared.start()
    assert studio.shared.client.post("/api/runs", json={"task": "x"}).status_code == 429


def test_an_address_without_its_last_slash_leads_to_the_page(studio: Studio) -> None:
    answer = studio.shared.stranger.get("", follow_redirects=True)
    assert answer.url.path == f"/share/{studio.share}/"
    assert "text/html" in answer.headers["content-type"]
    nowhere = httpx.get(studio.shared.url.replace(studio.share, "x" * 22) + "/")
    assert (nowhere.status_code, nowhere.json()["error"]["code"]) == (404, "closed")


def test_the_openapi_document_of_a_share_leads_to_the_share(studio: Studio) -> None:
    told = studio.shared.stranger.get("/openapi.json").json()
    assert told["servers"] == [{"url": f"/share/{studio.share}"}]
    assert f"/share/{studio.share}/api/runs" in studio.shared.stranger.get("/docs").text


def test_sockets_and_other_hosts_are_refused_below_a_share(studio: Studio) -> None:
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    assert studio.shared.client.get("/api/flow", headers={"Host": "evil.example"}).status_code == 421
    with pytest.raises((InvalidStatus, ConnectionError)), connect(studio.shared.url.replace("http", "ws") + "/api/channel"):
        pass
