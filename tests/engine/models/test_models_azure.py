"""Azure OpenAI: the addresses that its portal shows, keys and tokens, and what its errors become."""

from __future__ import annotations

import pytest
from asking import ask, task
from model_server import Fault, ModelServer

from studio.engine.errors import ModelRefused, ModelUnavailable
from studio.engine.models.azure import is_azure, reach_azure, version_in, with_version
from studio.engine.models.base import Account
from studio.engine.models.listing import offered_models
from studio.engine.models.openai_client import OpenAIClient
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.quirks import quirks_of

pytestmark = pytest.mark.usefixtures("each_way")

HOST = "https://lab.openai.azure.com"
KEY = "0123456789abcdef0123456789abcdef"
TOKEN = "eyJhbGciOi.eyJhdWQiOi.c2lnbmF0dXJl"


def azure(address: str, key: str | None = KEY, model: str = "") -> Account:
    return Account("lab", address, key, "azure", model)


def client_of(server: ModelServer, more: str = "", *, key: str | None = KEY, model: str = "my-gpt", retries: int = 0) -> OpenAIClient:
    model_of = OpenAIModel(model=model, account="lab", retries=retries, timeout=5.0)
    return OpenAIClient(model_of, azure(f"{server.origin}{more}", key))


@pytest.mark.parametrize(
    ("address", "model", "chat"),
    [
        (HOST, "d", f"{HOST}/openai/v1/chat/completions"),
        (f"{HOST}/", "d", f"{HOST}/openai/v1/chat/completions"),
        (f"{HOST}/openai", "d", f"{HOST}/openai/v1/chat/completions"),
        (f"{HOST}/openai/v1/", "d", f"{HOST}/openai/v1/chat/completions"),
        (f"{HOST}?api-version=preview", "d", f"{HOST}/openai/v1/chat/completions"),
        (f"{HOST}/openai?api-version=2024-10-21", "d", f"{HOST}/openai/deployments/d/chat/completions"),
        (f"{HOST}?api-version=2025-04-01-preview", "a b", f"{HOST}/openai/deployments/a%20b/chat/completions"),
        (f"{HOST}/openai/deployments/gpt/chat/completions?api-version=2024-10-21", "", f"{HOST}/openai/deployments/gpt/chat/completions"),
        (f"{HOST}/openai/deployments/gpt/chat/completions?api-version=2024-10-21", "d", f"{HOST}/openai/deployments/d/chat/completions"),
        ("https://gateway.example/azure/openai/v1", "d", "https://gateway.example/azure/openai/v1/chat/completions"),
    ],
)
def test_every_address_that_azure_shows_leads_to_the_deployment(address: str, model: str, chat: str):
    reach = reach_azure(azure(address), model)
    assert reach.base_url + reach.chat == chat
    assert reach.query == ({"api-version": version_in(address)} if version_in(address) else {})


def test_a_copied_address_names_the_deployment_for_agents_that_name_none():
    assert reach_azure(azure(f"{HOST}/openai/deployments/gpt%2D4o/chat/completions?api-version=2024-10-21"), "").model == "gpt-4o"


@pytest.mark.parametrize(
    ("provider", "address", "expected"),
    [
        ("azure", "http://127.0.0.1:1", True),
        ("openai", HOST, True),
        ("openai", "https://lab.openai.azure.us/openai/v1", True),
        ("openai", "https://lab.cognitiveservices.azure.com", True),
        ("openai", "https://lab.services.ai.azure.com/openai/v1", True),
        ("openai", "https://openai.azure.com.evil.example", False),
        ("openai", "https://api.openai.com/v1", False),
        ("openai", "https://[", False),
    ],
)
def test_an_account_is_one_of_azure_by_its_provider_or_its_host(provider: str, address: str, expected: bool):
    assert is_azure(provider, address) is expected


def test_an_api_version_goes_into_an_address_and_out_of_it():
    dated = with_version(f"{HOST}/openai?x=1", "2024-10-21")
    assert dated == f"{HOST}/openai?x=1&api-version=2024-10-21"
    assert version_in(dated) == "2024-10-21"
    assert with_version(dated, "preview") == f"{HOST}/openai?x=1&api-version=preview"
    assert with_version(dated, "") == f"{HOST}/openai?x=1"


def test_new_models_of_azure_are_told_how_long_an_answer_may_be_in_their_words():
    assert quirks_of("azure", "http://127.0.0.1:1/openai/v1", "d").limit == "max_completion_tokens"
    assert quirks_of("openai", f"{HOST}/openai/v1", "d").limit == "max_completion_tokens"


async def test_the_new_path_takes_the_deployment_as_its_model_and_the_key_in_its_own_header(model_server: ModelServer):
    model_server.script({"my-gpt": "hello"})
    model_server.keys = {KEY}
    client = client_of(model_server)
    assert (await ask(client, task())).reply.text == "hello"
    await client.close()
    (seen,) = model_server.requests
    assert seen.path == "/openai/v1/chat/completions"
    assert seen.headers["api-key"] == KEY
    assert "Authorization" not in seen.headers


async def test_a_dated_version_asks_the_deployment_and_a_token_is_a_bearer_token(model_server: ModelServer):
    model_server.script({"*": "hello"})
    model_server.keys = {TOKEN}
    client = client_of(model_server, "?api-version=2024-10-21", key=TOKEN)
    assert (await ask(client, task())).reply.text == "hello"
    await client.close()
    (seen,) = model_server.requests
    assert seen.path == "/openai/deployments/my-gpt/chat/completions"
    assert seen.query == {"api-version": "2024-10-21"}
    assert seen.headers["Authorization"] == f"Bearer {TOKEN}"
    assert "api-key" not in seen.headers


async def test_a_refused_key_and_a_missing_deployment_say_what_to_do_without_the_key(model_server: ModelServer):
    model_server.keys = {"another"}
    client = client_of(model_server)
    with pytest.raises(ModelRefused) as refused:
        await ask(client, task())
    assert "the key of account lab was refused" in str(refused.value)
    assert KEY not in str(refused.value)
    model_server.keys = None
    model_server.script({"*": Fault("status", 404, "The API deployment for this resource does not exist.")})
    with pytest.raises(ModelRefused) as missing:
        await ask(client, task())
    assert missing.value.sentence.endswith("there is no deployment 'my-gpt'.")
    assert "deployment" in missing.value.remedy
    await client.close()


async def test_too_many_requests_are_tried_again_after_the_time_that_azure_asks_for(model_server: ModelServer):
    model_server.reply = lambda seen: Fault("status", 429, "Rate limit", retry_after="0") if len(model_server.asked()) == 1 else "at last"
    client = client_of(model_server, retries=1)
    asked = await ask(client, task())
    assert [retry.wait for retry in asked.retries] == [0.0]
    assert asked.reply.text == "at last"
    model_server.reply = lambda seen: Fault("status", 503, "Busy", retry_after="0")
    with pytest.raises(ModelUnavailable):
        await ask(client, task())
    await client.close()


async def test_its_models_are_listed_on_both_paths(model_server: ModelServer):
    model_server.models = ["gpt-4o"]
    for more in ("", "?api-version=2024-10-21"):
        assert await offered_models(azure(f"{model_server.origin}{more}")) == ("gpt-4o",)
    assert [seen.path for seen in model_server.requests] == ["/openai/v1/models", "/openai/models"]
