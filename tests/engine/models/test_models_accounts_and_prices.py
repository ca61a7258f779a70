"""Accounts from the environment, and what models cost."""

from __future__ import annotations

import pytest

from studio.engine.errors import AccountMissing
from studio.engine.models.accounts import EnvironmentAccounts, variable_prefix
from studio.engine.models.prices import Price, Prices


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
        ("mistral-large-latest", "mistral-large"),
        ("gemini-2.5-flash-preview-04-17", "gemini-2.5-flash"),
    ],
)
def test_a_dated_name_has_the_price_of_its_model(model: str, row: str):
    assert Prices().price(model) == Prices().price(row) is not None


@pytest.mark.parametrize(
    "model", ["llama3", "practice", "", "gpt-4.5-preview-unheard-of", "gpt-4o-audio", "o3-deep-research", "gpt-5-ultra", "my-gpt-4o"]
)
def test_an_unknown_model_has_no_price_rather_than_a_wrong_one(model: str):
    assert Prices().cost(model, 10, 10, 0) is None


def test_own_prices_win_and_may_stand_for_many():
    prices = Prices({"gpt-4o": Price(0, 0), "local/*": Price(1, 1)})
    assert prices.cost("gpt-4o-2024-08-06", 1_000, 1_000, 0) == 0
    assert prices.cost("local/anything", 1_000_000, 0, 0) == 1
    assert prices.cost("someone/model:free", 5, 5, 0) == 0
