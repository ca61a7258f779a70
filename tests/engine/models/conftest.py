"""The two ways in which a request to a server of the OpenAI protocol is sent, servers of the other protocols, and short pauses between tries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from claude_server import ClaudeServer
from gemini_server import GeminiServer

from studio.engine.models import openai_client, tries


@pytest.fixture(params=["straight", "sdk"])
def each_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Has the test run once for each way, as if there were a proxy or none."""
    way: str = request.param
    monkeypatch.setattr(openai_client, "behind_proxy", lambda base_url: way == "sdk")
    return way


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "FIRST_WAIT", 0.02)


@pytest.fixture
def claude() -> Iterator[ClaudeServer]:
    with ClaudeServer() as server:
        yield server


@pytest.fixture
def gemini() -> Iterator[GeminiServer]:
    with GeminiServer() as server:
        yield server
