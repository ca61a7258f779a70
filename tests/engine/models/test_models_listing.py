"""Which models a server offers, and what is said when it does not tell."""

from __future__ import annotations

import pytest
from asking import KEY
from model_server import ModelServer

from studio.engine.errors import ModelError, ModelRefused, ModelUnavailable
from studio.engine.models.base import Account
from studio.engine.models.listing import offered_models


async def test_the_models_of_a_server_are_listed_in_order(model_server: ModelServer):
    model_server.models = ["zeta", "alpha"]
    assert await offered_models(Account("lab", model_server.base_url, KEY)) == ("alpha", "zeta")
    assert model_server.requests[0].headers["Authorization"] == f"Bearer {KEY}"


async def test_without_a_key_none_is_sent_whatever_the_environment_holds(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    await offered_models(Account("lab", model_server.base_url))
    assert "Authorization" not in model_server.requests[0].headers


async def test_a_refused_key_is_said_so_without_it(model_server: ModelServer):
    model_server.keys = {"another"}
    with pytest.raises(ModelRefused) as caught:
        await offered_models(Account("lab", model_server.base_url, KEY))
    assert caught.value.sentence == f"401 from {model_server.base_url}: the key of account lab was refused."


async def test_a_wrong_path_is_said_so(model_server: ModelServer):
    with pytest.raises(ModelRefused) as caught:
        await offered_models(Account("lab", model_server.origin + "/api", KEY))
    assert "most end in /v1" in caught.value.remedy


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "nonsense"])
async def test_nobody_there_is_an_error_with_a_remedy(address: str):
    with pytest.raises(ModelError) as caught:
        await offered_models(Account("lab", address, KEY), timeout=2)
    assert isinstance(caught.value, ModelUnavailable | ModelRefused)
    assert caught.value.remedy
