"""What every model client does about a server that fails: it tries again, repairs, or says clearly what went wrong, and never hangs."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from asking import KEY, OneAccount, ask, task
from model_kinds import KINDS, Kind
from model_server import Call, Fault, InTurn, ModelServer, Said
from patience import within

from studio.engine.errors import ModelError
from studio.engine.models import openai_client
from studio.engine.models.base import ModelClient
from studio.engine.models.remembered import PLACE

Reach = tuple[ModelServer, Callable[..., ModelClient]]

PASSING = [
    Fault("status", 429, retry_after="0"),
    Fault("status", 500),
    Fault("status", 503),
    Fault("reset"),
    Fault("cut"),
    Fault("eof"),
    Fault("no_finish"),
    Fault("garbage"),
    Fault("html"),
    Fault("empty"),
    Fault("late_error"),
    Fault("stall"),
    Fault("stall_later"),
]
LASTING = [*PASSING, Fault("status", 400), Fault("status", 401, f"Incorrect API key provided: {KEY}."), Fault("status", 404)]


def named(fault: Fault) -> str:
    return f"{fault.kind} {fault.status}" if fault.kind == "status" else fault.kind


@pytest.fixture(params=KINDS[1:], ids=lambda kind: kind.name)
def reach(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Reach]:
    kind: Kind = request.param
    monkeypatch.setattr(openai_client, "behind_proxy", lambda base_url: kind.proxy)
    monkeypatch.setenv(PLACE, str(tmp_path / "answers.sqlite"))
    with kind.server() as server:

        def connect(reply: Any, **fields: Any) -> ModelClient:
            server.script({"*": reply})
            return kind.of((), 0.0, {"retries": 1, "timeout": 0.4, **fields}).connect(OneAccount(server.base_url))

        yield server, connect


@pytest.mark.parametrize("fault", PASSING, ids=named)
async def test_what_passes_is_mended_by_asking_again(reach: Reach, fault: Fault):
    _, connect = reach
    client = connect(InTurn(fault, "fine"))
    asked = await asyncio.wait_for(ask(client, task()), within(10))
    assert asked.reply.text == "fine"
    assert len(asked.retries) == 1
    assert all(KEY not in piece.why for piece in asked.retries)
    await client.close()


@pytest.mark.parametrize("fault", LASTING, ids=named)
async def test_what_lasts_ends_in_a_clear_failure_that_names_the_account_and_not_the_key(reach: Reach, fault: Fault):
    _, connect = reach
    client = connect(fault)
    with pytest.raises(ModelError) as caught:
        await asyncio.wait_for(ask(client, task()), within(15))
    assert caught.value.account == "lab"
    assert KEY not in str(caught.value)
    assert KEY not in repr(caught.value)
    assert len(caught.value.sentence) > 20
    assert caught.value.remedy
    await client.close()


@pytest.mark.parametrize("arguments", ['{"a": 1', "not JSON", "[1]", ""])
async def test_arguments_that_are_no_object_arrive_as_text_or_are_asked_for_again(reach: Reach, arguments: str):
    _, connect = reach
    client = connect(Call("add", arguments))
    with contextlib.suppress(ModelError):
        (call,) = (await asyncio.wait_for(ask(client, task()), within(10))).reply.calls
        assert call.name == "add"
        assert isinstance(call.arguments, str)
    await client.close()


async def test_a_tool_that_nobody_offered_is_passed_on(reach: Reach):
    _, connect = reach
    client = connect(Call("launch_rockets", {}))
    (call,) = (await asyncio.wait_for(ask(client, task()), within(10))).reply.calls
    assert call.name == "launch_rockets"
    await client.close()


async def test_an_answer_without_a_word_is_an_answer_or_a_clear_failure(reach: Reach):
    _, connect = reach
    client = connect(Said(""))
    with contextlib.suppress(ModelError):
        reply = (await asyncio.wait_for(ask(client, task()), within(10))).reply
        assert (reply.text, reply.calls) == ("", ())
    await client.close()


@pytest.mark.parametrize(
    "fault", [Fault("stall"), Fault("stall_later"), Said("word " * 100, each=0.1)], ids=["before", "within", "while it speaks"]
)
async def test_cancelling_closes_the_request_within_a_second(reach: Reach, fault: Any):
    server, connect = reach
    client = connect(fault, timeout=30.0)
    asking = asyncio.create_task(ask(client, task()))
    assert await asyncio.to_thread(server.wait_until, lambda seen: seen.open > 0)
    began = time.monotonic()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await asyncio.to_thread(server.wait_until, lambda seen: seen.open == 0, 1.0)
    assert time.monotonic() - began < within(1)
    server.script({"*": "fine"})
    assert (await ask(client, task())).reply.text == "fine"
    await client.close()
