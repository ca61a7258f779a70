"""A list of models of which the next answers when one cannot."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from asking import KEY, OneAccount, ask, task, texts
from model_server import Fault, InTurn, ModelServer, Raw, Said
from patience import within

from studio.engine.errors import AccountMissing, ModelRefused, ModelUnavailable
from studio.engine.models import fallback_client
from studio.engine.models.base import Account, Told
from studio.engine.models.fallback import FallbackModel
from studio.engine.models.openai_model import OpenAIModel


class Known:
    """Accounts that know `lab` and no other."""

    def __init__(self, url: str) -> None:
        self._lab = OneAccount(url)

    def account(self, name: str) -> Account:
        if name != "lab":
            raise AccountMissing(name, "Enter it.")
        return self._lab.account(name)


def model(name: str, account: str = "lab", **fields: Any) -> OpenAIModel:
    return OpenAIModel(model=name, account=account, **{"retries": 0, **fields})


def client_of(server: ModelServer, *models: OpenAIModel, **fields: Any) -> Any:
    return FallbackModel(models=models or (model("first"), model("second")), **fields).connect(Known(server.base_url))


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", 500),
        Fault("status", 401),
        Fault("status", 429, retry_after="0"),
        Fault("reset"),
        Fault("cut"),
        Fault("eof"),
        Fault("no_finish"),
        Fault("garbage"),
        Fault("empty"),
        Fault("null_content"),
        Said("", finish="content_filter"),
        Raw((b'data: {"choices": [{"index": 0, "delta": {"refusal": "No."}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n',)),
        Said("I'm sorry, but I can't help with that."),
    ],
    ids=lambda fault: getattr(fault, "kind", type(fault).__name__),
)
async def test_the_next_answers_after_an_error_or_a_refusal_and_nothing_of_the_first_stays(model_server: ModelServer, fault: Any):
    model_server.script({"first": fault, "second": "Here you are."})
    client = client_of(model_server, refusals=("i'm sorry, but",))
    asked = await ask(client, task())
    assert asked.reply.text == "Here you are."
    (failed,) = asked.retries
    assert failed.instead == "second"
    assert KEY not in failed.why
    after = asked.pieces[asked.pieces.index(failed) :]
    assert texts([piece for piece in after if piece in asked.deltas]) == "Here you are."
    await client.close()


async def test_a_refused_answer_is_counted_and_told(model_server: ModelServer):
    model_server.script({"first": Said("", finish="content_filter", usage={"prompt_tokens": 7, "completion_tokens": 1}), "second": "Yes."})
    client = client_of(model_server)
    asked = await ask(client, task())
    (told,) = [piece for piece in asked.pieces if isinstance(piece, Told)]
    assert (told.code, told.model, told.usage.prompt_tokens, told.usage.calls) == ("refused", "first", 7, 1)
    assert asked.reply.usage.calls == 1
    await client.close()


async def test_the_next_is_asked_when_the_first_says_nothing_for_too_long(model_server: ModelServer):
    model_server.script({"first": Fault("stall"), "second": "Here."})
    client = client_of(model_server, patience=0.3)
    began = time.monotonic()
    asked = await ask(client, task())
    assert asked.reply.text == "Here."
    assert 0.25 < time.monotonic() - began < within(3)
    assert "no whole answer within 0.3 s" in asked.retries[0].why
    assert await asyncio.to_thread(model_server.wait_until, lambda server: server.cut_off == 1)
    await client.close()


async def test_the_next_is_asked_at_once_when_the_first_asks_for_a_long_rest(model_server: ModelServer):
    model_server.script({"first": Fault("status", 429, retry_after="60"), "second": "Here."})
    client = client_of(model_server, model("first", retries=2), model("second"))
    async with asyncio.timeout(within(30)):
        asked = await ask(client, task())
    (failed,) = asked.retries
    assert (asked.reply.text, failed.instead, failed.wait) == ("Here.", "second", 0)
    assert "too many requests" in failed.why
    assert len(model_server.requests) == 2
    await client.close()


async def test_the_last_is_left_alone_for_as_long_as_it_asks(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fallback_client, "LONGEST_PAUSE", 0.01)
    model_server.script({"first": Fault("status", 500), "second": InTurn(Fault("status", 429, retry_after="0.05"), "Here.")})
    client = client_of(model_server, model("first"), model("second", retries=1))
    assert (await ask(client, task())).reply.text == "Here."
    await client.close()


async def test_patience_ends_a_trickle_that_never_ends_but_never_hurries_the_last(model_server: ModelServer):
    model_server.script({"first": Said("word " * 200, each=0.05), "second": Said("slow but whole", each=0.2)})
    client = client_of(model_server, patience=0.3)
    assert (await ask(client, task())).reply.text == "slow but whole"
    await client.close()


async def test_a_missing_account_is_one_more_failure(model_server: ModelServer):
    model_server.script({"second": "Here."})
    client = client_of(model_server, model("first", account="gone"), model("second"))
    asked = await ask(client, task())
    assert asked.reply.text == "Here."
    assert "There is no model account 'gone'." in asked.retries[0].why
    await client.close()


async def test_when_all_fail_the_error_names_each(model_server: ModelServer):
    model_server.script({"first": Fault("status", 500), "second": Fault("status", 401)})
    client = client_of(model_server)
    with pytest.raises(ModelUnavailable, match=r"None of 2 models answered\. first: 500 .* second: 401") as caught:
        await ask(client, task())
    assert caught.value.account == "lab"
    assert KEY not in str(caught.value)
    model_server.script({"first": Fault("status", 401)})
    with pytest.raises(ModelRefused):
        await ask(client, task())
    await client.close()


async def test_the_last_ones_refusal_is_the_answer(model_server: ModelServer):
    model_server.script({"first": Fault("status", 500), "second": Said("", finish="content_filter")})
    client = client_of(model_server)
    assert (await ask(client, task())).reply.finish == "content_filter"
    await client.close()
