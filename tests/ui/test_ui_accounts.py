"""The accounts page: a key goes in and never comes back out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.api.services import Services
from studio.runs.spending import Spent
from studio.ui.accounts.presets import PRESETS, preset, preset_of
from studio.ui.accounts.prices import PricesState
from studio.ui.accounts.spending import SpendingState
from studio.ui.accounts.state import AccountsState
from studio.ui.shared.money import money

KEY = "sk-very-secret-0123456789-wxyz"


def page() -> AccountsState:
    state = AccountsState(_reflex_internal_init=True)  # type: ignore[call-arg]
    state._read()
    return state


def seen(state: AccountsState) -> str:
    """Everything that the browser knows."""
    return json.dumps(state.dict(), default=str)


async def send(state: AccountsState, **form: Any) -> None:
    async for _ in state.send({"original": "", "name": "mine", "base_url": "http://127.0.0.1:9/v1", "key": "", "model": ""} | form):
        pass


async def test_an_account_is_kept_and_its_key_is_not_seen_again(studio_services: Services):
    state = page()
    state.choose_provider("other")
    await send(state, key=KEY, model="m1")
    (account,) = state.accounts
    assert (account["name"], account["key"], account["model"]) == ("mine", KEY[-4:], "m1")
    assert studio_services.accounts.account("mine").key == KEY
    assert KEY not in seen(state)


async def test_a_server_that_does_not_answer_is_told_with_a_remedy(studio_services: Services):
    state = page()
    await send(state)
    assert state.tested
    assert not state.test_ok
    assert state.test_text
    assert state.test_remedy


async def test_a_form_without_a_name_is_refused_and_stays_open(studio_services: Services):
    state = page()
    state.choose_provider("openai")
    await send(state, name="  ")
    assert state.form_error
    assert state.step == "form"
    assert state.accounts == []


async def test_an_address_that_is_none_is_refused_with_a_sentence(studio_services: Services):
    state = page()
    state.choose_provider("other")
    await send(state, base_url="no address")
    assert state.form_error
    assert state.accounts == []


async def test_the_limits_of_an_account_are_entered_and_shown_again(studio_services: Services):
    state = page()
    state.choose_provider("other")
    await send(state, requests_per_minute="60", tokens_per_minute="", requests_at_once="2")
    account = studio_services.accounts.account("mine")
    assert (account.requests_per_minute, account.tokens_per_minute, account.requests_at_once) == (60, 0, 2)
    state.edit("mine")
    assert state.limits == ["60", "", "2"]
    await send(state, original="mine", requests_per_minute="sixty")
    assert state.form_error
    assert studio_services.accounts.account("mine").requests_per_minute == 60


async def test_renaming_keeps_the_key_and_another_address_drops_it(studio_services: Services):
    state = page()
    await send(state, key=KEY)
    await send(state, original="mine", name="ours")
    assert studio_services.accounts.account("ours").key == KEY
    await send(state, original="ours", name="ours", base_url="http://127.0.0.1:10/v1")
    assert not studio_services.accounts.account("ours").key


def test_a_second_account_of_a_provider_gets_a_name_of_its_own(studio_services: Services):
    studio_services.accounts.save("ollama", provider="ollama", base_url="http://127.0.0.1:11434/v1")
    state = page()
    state.choose_provider("ollama")
    assert state.name == "ollama 2"


def test_removing_an_account_removes_it_everywhere(studio_services: Services):
    studio_services.accounts.save("mine", base_url="http://127.0.0.1:9/v1", key=KEY)
    state = page()
    state.delete("mine")
    assert state.accounts == []
    assert studio_services.accounts.list() == []


@pytest.mark.parametrize("row", PRESETS[:-1], ids=lambda row: str(row["id"]))
def test_a_preset_is_recognised_by_its_address(row: Any):
    base_url = row["base_url"] or "https://lab.openai.azure.com"
    assert preset_of(base_url.rstrip("/"))["id"] == row["id"]
    assert preset(row["id"]) == row


async def test_an_azure_account_takes_its_version_along_and_shows_it_apart(studio_services: Services):
    state = page()
    state.choose_provider("azure")
    assert state.is_azure
    await send(state, base_url="http://127.0.0.1:9/", version="2024-10-21", model="my-gpt", key=KEY)
    account = studio_services.accounts.account("mine")
    assert (account.provider, account.base_url) == ("azure", "http://127.0.0.1:9/?api-version=2024-10-21")
    assert (state.base_url, state.version) == ("http://127.0.0.1:9/", "2024-10-21")
    state.edit("mine")
    assert (state.is_azure, state.base_url, state.version) == (True, "http://127.0.0.1:9/", "2024-10-21")
    await send(state, original="mine", base_url=state.base_url, version="")
    assert studio_services.accounts.account("mine").base_url == "http://127.0.0.1:9"


async def test_an_account_from_the_environment_is_shown_and_kept_as_a_new_one(studio_services: Services, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GROQ_API_KEY", KEY)
    state = page()
    (account,) = state.accounts
    assert (account["name"], account["provider"], account["stored"]) == ("groq", "Groq", False)
    state.edit("groq")
    assert (state.original, state.name, state.base_url) == ("", "groq", "https://api.groq.com/openai/v1")
    await send(state, name="groq", key="another-key-0123456789", base_url="http://127.0.0.1:9/v1")
    assert [each["stored"] for each in state.accounts] == [True]
    assert studio_services.accounts.account("groq").key == "another-key-0123456789"
    assert KEY not in seen(state)


def prices_page() -> PricesState:
    state = PricesState(_reflex_internal_init=True)  # type: ignore[call-arg]
    state.unfold()
    return state


def test_a_price_is_searched_changed_and_taken_back(studio_services: Services):
    state = prices_page()
    state.search("4o MINI")
    assert [row["model"] for row in state.rows] == ["gpt-4o-mini"]
    assert state.rows[0]["source"]
    state.edit("gpt-4o-mini")
    assert (state.editing, state.given["prompt"], state.given["cached"]) == (True, "0.15", "0.075")
    state.save({"model": "gpt-4o-mini", "prompt": "1", "completion": "2", "cached": ""})
    assert not state.editing
    assert (state.rows[0]["prompt"], state.rows[0]["cached"], state.rows[0]["origin"]) == ("1", "", "own")
    assert studio_services.prices.current().cost("gpt-4o-mini", 1_000_000, 0, 0) == 1
    state.reset_price("gpt-4o-mini")
    assert (state.rows[0]["prompt"], state.rows[0]["origin"]) == ("0.15", "list")


def test_what_is_no_price_is_said_in_the_form_which_stays_open(studio_services: Services):
    state = prices_page()
    state.search("no such model")
    assert state.rows == []
    state.add()
    assert state.given["model"] == "no such model"
    state.save({"model": "m", "prompt": "much", "completion": "1"})
    assert state.editing
    assert "price" in state.error


def test_an_unknown_address_belongs_to_the_open_preset():
    assert preset_of("http://example.test/v1")["id"] == "other"


@pytest.mark.parametrize(
    ("cost", "unpriced", "shown"),
    [(None, 3, "unknown"), (0.0, 0, "$0.00"), (0.0123, 0, "$0.0123"), (1234.5, 0, "$1,234.50"), (2.0, 1, "at least $2.00")],
)
def test_money_that_is_not_known_is_never_shown_as_nothing(cost: float | None, unpriced: int, shown: str):
    assert money(cost, unpriced) == shown


def test_what_was_spent_is_shown_by_account_and_model_with_its_total(studio_services: Services):
    state = SpendingState(_reflex_internal_init=True)  # type: ignore[call-arg]
    state._show([])
    assert (state.lines, state.total, state.counted) == ([], "", True)
    state._show([Spent("one", "gpt-4o", 2, 3, 1_000, 20, 5, 1.5), Spent("", "new", 1, 1, 10, 10, 0, None, 1)])
    assert [(line["account"], line["calls"], line["tokens"], line["money"]) for line in state.lines] == [
        ("one", "3", "1,000 + 20", "$1.50"),
        ("–", "1", "10 + 10", "unknown"),
    ]
    assert state.total == "at least $1.50"
    assert studio_services.runs.spending() == []
