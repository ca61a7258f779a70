"""Several tries, of which the best is kept by a rule."""

from __future__ import annotations

from typing import Any

import pytest
from asking import OneAccount, ask, task, texts
from model_server import Call, Fault, InTurn, ModelServer
from pydantic import ValidationError

from studio.engine.errors import ModelUnavailable
from studio.engine.models.base import Told
from studio.engine.models.best_of import BestOf
from studio.engine.models.openai_model import OpenAIModel


def client_of(server: ModelServer, *names: str, **fields: Any) -> Any:
    models = tuple(OpenAIModel(model=name, account="lab", retries=0) for name in names or ("one", "two"))
    return BestOf(models=models, **fields).connect(OneAccount(server.base_url))


def told(asked: Any, code: str) -> list[Told]:
    return [piece for piece in asked.pieces if isinstance(piece, Told) and piece.code == code]


async def test_the_first_answer_that_fits_ends_the_asking(model_server: ModelServer):
    model_server.script({"one": "maybe", "two": "It is FINAL: 7", "three": "never asked"})
    client = client_of(model_server, "one", "two", "three", contains="final")
    asked = await ask(client, task())
    assert asked.reply.text == "It is FINAL: 7"
    assert [piece.instead for piece in asked.retries] == ["two"]
    assert model_server.asked("three") == []
    (passed,) = told(asked, "passed_over")
    assert (passed.model, passed.usage.calls) == ("one", 1)
    await client.close()


async def test_one_model_can_try_several_times(model_server: ModelServer):
    model_server.script({"one": InTurn("no", '{"a": 1}')})
    client = client_of(model_server, "one", tries=3, valid_json=True)
    asked = await ask(client, task(schema={"type": "object", "required": ["a"]}))
    assert asked.reply.text == '{"a": 1}'
    assert len(model_server.asked()) == 2
    await client.close()


@pytest.mark.parametrize(("keep", "kept"), [("longest", "three words here"), ("shortest", "ok")])
async def test_length_decides_among_those_that_fit(model_server: ModelServer, keep: str, kept: str):
    model_server.script({"one": "ok", "two": "three words here", "four": Fault("status", 500)})
    client = client_of(model_server, "one", "two", "four", keep=keep)
    asked = await ask(client, task())
    assert asked.reply.text == texts(asked.deltas) == kept
    assert len(told(asked, "passed_over")) == 1
    assert len(told(asked, "try_failed")) == 1
    await client.close()


@pytest.mark.parametrize("verdict", ["2", '{"answer": "2"}', "Answer 2 is the best."])
async def test_the_first_model_judges_and_its_verdict_is_counted(model_server: ModelServer, verdict: str):
    model_server.script({"one": "from one", "two": "from two", "You compare answers": verdict})
    client = client_of(model_server, keep="judge")
    asked = await ask(client, task())
    assert asked.reply.text == "from two"
    (judged,) = told(asked, "judged")
    assert judged.usage.calls == 1
    assert "Answer 1:\nfrom one" in [message["content"] for message in model_server.asked("You compare answers")[0].messages]
    await client.close()


async def test_a_judge_who_fails_leaves_the_first(model_server: ModelServer):
    model_server.script({"one": "from one", "two": "from two", "You compare answers": Fault("status", 500)})
    client = client_of(model_server, keep="judge")
    asked = await ask(client, task())
    assert asked.reply.text == "from one"
    assert len(told(asked, "judge_failed")) == 1
    await client.close()


@pytest.mark.parametrize("keep", ["first", "longest"])
async def test_where_nothing_fits_an_answer_is_kept_and_that_is_told(model_server: ModelServer, keep: str):
    model_server.script({"one": "a", "two": "bb"})
    client = client_of(model_server, keep=keep, pattern=r"\d{3}")
    asked = await ask(client, task())
    assert asked.reply.text == "bb"
    assert len(told(asked, "none_fits")) == 1
    assert len(told(asked, "passed_over")) == 1
    await client.close()


async def test_tool_calls_always_fit(model_server: ModelServer):
    model_server.script({"one": Call("now")})
    client = client_of(model_server, "one", contains="x")
    assert [call.name for call in (await ask(client, task())).reply.calls] == ["now"]
    await client.close()


@pytest.mark.parametrize("keep", ["first", "longest"])
async def test_without_any_answer_the_error_names_every_model(model_server: ModelServer, keep: str):
    model_server.script({"*": Fault("status", 503)})
    client = client_of(model_server, keep=keep)
    with pytest.raises(ModelUnavailable, match=r"None of 2 models answered\. one: .* two: "):
        await ask(client, task())
    await client.close()


@pytest.mark.parametrize("pattern", ["(a+)+$", "a*b*c*", "(", r"(a)\1"])
def test_a_pattern_that_could_take_for_ever_is_refused(pattern: str):
    with pytest.raises(ValidationError):
        BestOf(models=(OpenAIModel(model="m"),), pattern=pattern)
