"""Limits of an account that all runs in the process share."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from asking import Asked, OneAccount, ask, task
from hypothesis import given
from hypothesis import strategies as st
from model_server import Fault, ModelServer
from patience import within

from studio.engine.errors import ModelUnavailable
from studio.engine.models import rates
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.at_once import Claim, Places
from studio.engine.models.base import Account, Told
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.rates import MINUTE, Rate, rate_of


def test_a_request_over_the_limit_waits_until_the_minute_has_room():
    rate = Rate(requests=2)
    assert [rate.reserve(1, now=float(now)).at for now in (0, 10, 20, 30)] == [0, 10, 60, 70]


def test_tokens_are_limited_too_and_a_giant_gets_a_minute_of_its_own():
    rate = Rate(tokens=100)
    assert [rate.reserve(tokens, now=0.0).at for tokens in (60, 40, 1, 500)] == [0, 0, 60, 120]


def test_a_turn_that_is_given_back_is_free_again():
    rate = Rate(requests=1)
    rate.reserve(1, now=0.0)
    rate.give_back(rate.reserve(1, now=0.0))
    assert rate.reserve(1, now=0.0).at == 60


@given(st.integers(1, 5), st.integers(1, 200), st.lists(st.tuples(st.floats(0, 40), st.integers(0, 150)), max_size=30))
def test_no_minute_ever_holds_more_than_the_limits(requests: int, tokens: int, arrivals: list[tuple[float, int]]):
    rate, now, turns = Rate(requests, tokens), 0.0, []
    for pause, size in arrivals:
        now += pause
        turns.append(rate.reserve(size, now))
        assert turns[-1].at >= now
    for turn in turns:
        minute = [each for each in turns if turn.at - MINUTE < each.at - 1e-9 and each.at <= turn.at]
        assert len(minute) <= requests
        assert sum(each.tokens for each in minute) <= tokens or len([each for each in minute if each.tokens]) == 1


def test_everybody_with_the_same_key_at_the_same_address_shares_one_rate():
    one, other = Account("a", key="k", requests_per_minute=5), Account("b", key="k", requests_per_minute=7)
    assert rate_of(one, "https://x.test") is rate_of(other, "https://x.test")
    assert rate_of(one, "https://x.test") is not rate_of(one, "https://y.test")
    assert rate_of(Account("a", key="k"), "https://x.test") is None


def test_a_script_sets_the_limits_in_the_environment():
    accounts = EnvironmentAccounts(
        {"LAB_API_KEY": "k", "LAB_REQUESTS_PER_MINUTE": "30", "LAB_TOKENS_PER_MINUTE": "many"} | {"LAB_REQUESTS_AT_ONCE": "4"}
    )
    found = accounts.account("lab")
    assert (found.requests_per_minute, found.tokens_per_minute, found.requests_at_once) == (30, 0, 4)


def limited(server: ModelServer, key: str, **limits: Any) -> Any:
    return OpenAIModel(model="m", account="lab", retries=0).connect(OneAccount(server.base_url, key, **limits))


async def test_no_more_requests_are_under_way_at_once_than_an_account_allows(model_server: ModelServer):
    model_server.script({"*": "ok"})
    model_server.first = 0.02
    clients = [limited(model_server, "sk-few", requests_at_once=2) for _ in range(2)]
    await asyncio.gather(*(ask(client, task()) for client in clients * 4))
    assert len(model_server.asked()) == 8
    assert model_server.most_open <= 2
    for client in clients:
        await client.close()


async def test_a_request_that_fails_leaves_its_place(model_server: ModelServer):
    model_server.script({"*": [Fault("status", status=500), "ok"]})
    client = limited(model_server, "sk-one", requests_at_once=1)
    with pytest.raises(ModelUnavailable):
        async with asyncio.timeout(within(10)):
            await ask(client, task())
    model_server.script({"*": "ok"})
    async with asyncio.timeout(within(10)):
        assert (await ask(client, task())).reply.text == "ok"
    await client.close()


async def test_places_are_given_in_the_order_of_asking_and_left_by_who_gives_up():
    places = Places(limit=1)
    first, second, third = (places.claim() for _ in range(3))
    assert first.given.done()
    assert not await second.wait(0)
    places.leave(second)
    places.leave(first)
    assert await third.wait(10)
    places.leave(third)
    assert places.claim().given.done()


async def test_a_higher_limit_lets_in_who_waits():
    places = Places(limit=1)
    places.claim()
    waiting = [places.claim() for _ in range(3)]
    places.allow(3)
    assert await waiting[1].wait(10)
    assert not await waiting[2].wait(0)
    places.allow(0)
    assert await waiting[2].wait(10)


def test_a_place_that_was_given_to_a_loop_that_is_gone_goes_to_the_next():
    places = Places(limit=1)

    async def claim() -> Claim:
        return places.claim()

    first = asyncio.run(claim())
    asyncio.run(claim())

    async def wait() -> bool:
        mine = places.claim()
        places.leave(first)
        return await mine.wait(10)

    assert asyncio.run(wait())


async def test_who_waits_for_a_place_says_so_and_fails_in_the_end(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rates, "WORTH_TELLING", 0.0)
    monkeypatch.setattr(rates, "LONGEST_TURN", 0.0)
    client = limited(model_server, "sk-full", requests_at_once=1)
    rate = rate_of(Account("lab", key="sk-full", requests_at_once=1), model_server.base_url)
    assert rate is not None
    taken = rate.places.claim()
    asked = Asked()
    with pytest.raises(ModelUnavailable, match="Account lab may be asked for 1 requests at once, and nobody left for 0 s"):
        await ask(client, task(), asked)
    (told,) = asked.pieces
    assert (told.code, told.text) == ("rate_limit", "Waits for its turn: account lab may be asked for 1 requests at once.")
    rate.places.leave(taken)
    assert rate.places.claim().given.done()
    await client.close()


async def test_two_clients_of_an_account_wait_for_each_other_and_say_so(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rates, "MINUTE", 0.8)
    model_server.script({"*": "ok"})
    other = limited(model_server, "sk-other")
    await ask(other, task())
    await other.close()
    clients = [limited(model_server, "sk-shared", requests_per_minute=1) for _ in range(2)]
    began = time.monotonic()
    asked = [await ask(client, task()) for client in clients]
    assert time.monotonic() - began >= 0.75
    told = [piece for each in asked for piece in each.pieces if isinstance(piece, Told)]
    assert [piece.code for piece in told] == ["rate_limit"]
    assert "account lab may be asked for 1 requests a minute" in told[0].text
    for client in clients:
        await client.close()


async def test_waiting_for_a_turn_can_be_cancelled_and_leaves_the_turn_to_others(model_server: ModelServer):
    model_server.script({"*": "ok"})
    client = limited(model_server, "sk-cancelled", requests_per_minute=1)
    await ask(client, task())
    waiting = asyncio.create_task(ask(client, task()))
    await asyncio.sleep(0.2)
    began = time.monotonic()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert time.monotonic() - began < within(1)
    assert len(model_server.asked()) == 1
    rate = rate_of(Account("lab", key="sk-cancelled", requests_per_minute=1), model_server.base_url)
    assert rate is not None
    assert rate.reserve(1, time.monotonic()).at <= time.monotonic() + MINUTE
    await client.close()


async def test_who_would_wait_for_too_long_fails_at_once(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rates, "LONGEST_TURN", 10.0)
    model_server.script({"*": "ok"})
    client = limited(model_server, "sk-crowded", requests_per_minute=1)
    await ask(client, task())
    with pytest.raises(ModelUnavailable, match="Account lab may be asked for 1 requests a minute"):
        await ask(client, task())
    await client.close()
