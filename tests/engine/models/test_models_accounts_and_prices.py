"""Accounts from the environment, and what models cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from asking import ask, task
from model_server import ModelServer, Said

from studio.engine.errors import AccountMissing
from studio.engine.models.accounts import EnvironmentAccounts, variable_prefix
from studio.engine.models.base import Account
from studio.engine.models.openai_client import OpenAIClient
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.presets import money_of
from studio.engine.models.prices import LIST_PRICES, Price, Prices, PricesUnusable, prices_of_file


def test_an_account_is_read_from_its_variables():
    environment = {"MY_SERVER_API_KEY": " k ", "MY_SERVER_BASE_URL": "http://127.0.0.1:1/v1", "MY_SERVER_MODEL": "llama"}
    account = EnvironmentAccounts(environment).account("my server")
    assert (account.name, account.key, account.base_url, account.default_model) == ("my server", "k", "http://127.0.0.1:1/v1", "llama")
    assert "k" not in repr(account).replace("key", "").split("'")


def test_a_local_server_needs_no_key():
    assert EnvironmentAccounts({"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}).account("openai").key is None


def test_a_missing_account_names_the_variables_to_set():
    with pytest.raises(AccountMissing) as caught:
        EnvironmentAccounts({"OPENAI_API_KEY": ""}).account("openai")
    assert caught.value.account == "openai"
    assert caught.value.remedy == "Set OPENAI_API_KEY, and OPENAI_BASE_URL for a server other than OpenAI's."


def test_the_process_environment_is_read_when_asked(monkeypatch: pytest.MonkeyPatch):
    accounts = EnvironmentAccounts()
    monkeypatch.setenv("LAB_API_KEY", "k")
    assert accounts.account("lab").key == "k"


@pytest.mark.parametrize(
    ("account", "prefix"),
    [("openai", "OPENAI"), ("my server", "MY_SERVER"), ("a.b-c", "A_B_C"), ("4all", "ACCOUNT_4ALL"), ("мой", "ACCOUNT"), ("", "ACCOUNT")],
)
def test_any_account_name_gives_a_variable_that_a_shell_takes(account: str, prefix: str):
    assert variable_prefix(account) == prefix


def test_a_cost_counts_prompt_cache_and_completion():
    prices = Prices({"mine": Price(10, 20, 1)})
    assert prices.cost("mine", 1_000_000, 0, 0) == 10
    assert prices.cost("mine", 1_000_000, 0, 500_000) == 5.5
    assert prices.cost("mine", 0, 500_000, 0) == 10
    assert prices.cost("mine", 100, 0, 200) == pytest.approx(0.0001)


@pytest.mark.parametrize(
    ("model", "row"),
    [
        ("gpt-4o", "gpt-4o"),
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("gpt-4-0613", "gpt-4"),
        ("openai/gpt-4o-mini", "gpt-4o-mini"),
        ("gpt-3.5-turbo-0125", "gpt-3.5-turbo"),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4"),
        ("openrouter/anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"),
        ("anthropic/claude-3.5-sonnet", "claude-3-5-sonnet"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"),
        ("claude-3-7-sonnet@20250219", "claude-3-7-sonnet"),
        ("models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("gemini-3-pro-preview", "gemini-3-pro"),
        ("GPT-4o-Mini", "gpt-4o-mini"),
        ("gpt-5.1", "gpt-5.1"),
        ("gemini-2.5-flash-preview-04-17", "gemini-2.5-flash"),
    ],
)
def test_a_dated_name_has_the_price_of_its_model(model: str, row: str):
    assert Prices().price(model) == Prices().price(row) is not None


@pytest.mark.parametrize(
    "model",
    [
        "llama3",
        "practice",
        "",
        "gpt-4.5-preview-unheard-of",
        "gpt-4o-audio",
        "o3-deep-research",
        "gpt-5-ultra",
        "my-gpt-4o",
        "gpt-5.9",
        "claude-sonnet-4-9",
        "mistral-large-latest",
    ],
)
def test_an_unknown_model_has_no_price_rather_than_a_wrong_one(model: str):
    assert Prices().cost(model, 10, 10, 0) is None


def test_own_prices_win_and_may_stand_for_many():
    prices = Prices({"gpt-4o": Price(0, 0), "local/*": Price(1, 1)})
    assert prices.cost("gpt-4o-2024-08-06", 1_000, 1_000, 0) == 0
    assert prices.cost("local/anything", 1_000_000, 0, 0) == 1
    assert prices.cost("someone/model:free", 5, 5, 0) == 0


def test_every_listed_price_says_where_it_stands_and_when_it_was_read():
    for model, price in LIST_PRICES.items():
        assert price.source
        assert price.read.startswith("202")
        # What compares texts writes none.
        assert 0 < price.prompt <= price.completion or (price.completion == 0 and "embedding" in model), model
        assert price.cached is None or price.cached < price.prompt, model


def test_a_file_of_prices_counts_before_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "prices.json"
    file.write_text(json.dumps({"gpt-4o": {"prompt": 1, "completion": 2}, "in-house*": {"prompt": 0, "completion": 0, "cached": 0}}))
    monkeypatch.setenv("CONVENE_PRICES", str(file))
    assert Prices().cost("gpt-4o", 1_000_000, 1_000_000, 0) == 3
    assert Prices().cost("in-house-7b", 10, 10, 0) == 0
    assert Prices({}).price("in-house-7b") is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "no JSON"),
        ("[]", "no object"),
        ('{"m": 3}', "prices.json, m: a price is an object"),
        ('{"m": {"prompt": "1", "completion": 2}}', "prompt must be a number"),
        ('{"m": {"prompt": -1, "completion": 2}}', "prompt must be a number"),
        ('{"m": {"prompt": 1}}', "completion must be a number"),
        ('{"m": {"prompt": 1, "completion": 2, "cached": NaN}}', "cached must be a number"),
        ('{"m": {"prompt": 1, "completion": 2, "input": 3}}', "there is no 'input' in a price"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_a_file_that_is_no_price_list_is_refused_with_the_place(tmp_path: Path, content: str, says: str):
    file = tmp_path / "prices.json"
    file.write_text(content)
    with pytest.raises(PricesUnusable, match=says):
        prices_of_file(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(PricesUnusable, match=r"gone\.json"):
        prices_of_file(tmp_path / "gone.json")


@pytest.mark.parametrize(
    ("provider", "base_url", "money"),
    [
        ("openai", "http://127.0.0.1:11434/v1", "free"),
        ("ollama", "http://10.0.0.5:11434/v1", "free"),
        ("openai", "http://127.0.0.1:4000/v1", "listed"),
        ("openai", "https://openrouter.ai/api/v1", "told"),
        ("openai", "https://api.openai.com/v1", "listed"),
        ("azure", "https://x.openai.azure.com/openai/v1", "listed"),
    ],
)
def test_servers_of_this_machine_cost_nothing_and_a_broker_tells_its_price(provider: str, base_url: str, money: str):
    assert money_of(Account("lab", base_url, provider=provider), base_url) == money


async def test_a_call_of_a_local_model_costs_nothing_and_one_of_an_unknown_model_has_no_known_price(model_server: ModelServer):
    model_server.script({"*": "hello"})
    for provider, cost in (("ollama", 0.0), ("other", None)):
        client = OpenAIClient(OpenAIModel(model="m", account="lab"), Account("lab", model_server.base_url, provider=provider))
        assert (await ask(client, task())).reply.usage.cost == cost
        await client.close()


async def test_dollars_that_a_broker_tells_are_taken_over(model_server: ModelServer):
    usage = {"prompt_tokens": 5, "completion_tokens": 5, "cost": 0.0125}
    model_server.script({"*": Said("hello", usage=usage)})
    client = OpenAIClient(OpenAIModel(model="m", account="lab"), Account("lab", model_server.base_url, provider="openrouter"))
    assert (await ask(client, task())).reply.usage.cost == 0.0125
    await client.close()
