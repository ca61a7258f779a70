"""The two ways in which a request to a server of the OpenAI protocol is sent, and pauses between tries that hold no test up."""

from __future__ import annotations

import pytest

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
