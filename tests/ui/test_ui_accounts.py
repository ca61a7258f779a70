"""The accounts page: a key goes in and never comes back out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.api.services import Services
from studio.ui.accounts.presets import PRESETS, preset, preset_of
from studio.ui.accounts.state import AccountsState

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
    assert preset_of(row["base_url"].rstrip("/"))["id"] == row["id"]
    assert preset(row["id"]) == row


def test_an_unknown_address_belongs_to_the_open_preset():
    assert preset_of("http://example.test/v1")["id"] == "other"
