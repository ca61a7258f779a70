"""What a model server does wrong and need not be told to anybody: the answer is repaired, completed or taken as it is."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from asking import ask, client_of, task, texts
from model_server import Call, Fault, InTurn, ModelServer, Raw
from patience import within

from studio.engine.errors import ModelAnswerBroken, ModelError, ModelUnavailable

pytestmark = pytest.mark.usefixtures("each_way")


async def test_an_answer_without_content_is_an_empty_text(model_server: ModelServer):
    model_server.script({"*": Fault("null_content")})
    client = client_of(model_server)
    assert (await ask(client, task())).reply.text == ""
    await client.close()


@pytest.mark.parametrize("arguments", ['{"a": 1,', "[1, 2]", "not json", '"text"'])
async def test_malformed_arguments_arrive_as_the_model_wrote_them(model_server: ModelServer, arguments: str):
    model_server.script({"*": [Call("f", arguments)]})
    client = client_of(model_server)
    assert (await ask(client, task())).reply.calls[0].arguments == arguments
    await client.close()


async def test_no_arguments_are_an_empty_object(model_server: ModelServer):
    model_server.script({"*": [Call("f", "")]})
    client = client_of(model_server)
    assert (await ask(client, task())).reply.calls[0].arguments == "{}"
    await client.close()


@pytest.mark.parametrize("ids", [(None, None), ("", ""), ("same", "same"), ("same", None)])
async def test_missing_and_doubled_ids_become_different_ones(model_server: ModelServer, ids: tuple[str | None, str | None]):
    model_server.script({"*": [[Call("f", {"n": 1}, ids[0]), Call("g", {"n": 2}, ids[1])]]})
    client = client_of(model_server)
    calls = (await ask(client, task(earlier_calls=3))).reply.calls
    assert [call.name for call in calls] == ["f", "g"]
    assert len({call.id for call in calls}) == 2
    assert all(call.id for call in calls)
    assert calls == (await ask(client, task(earlier_calls=3))).reply.calls
    await client.close()


@pytest.mark.parametrize(
    ("refuses", "settings"),
    [("stream_options", {}), ("systems", {})],
)
async def test_a_server_that_does_not_know_an_option_is_asked_without_it(model_server: ModelServer, refuses: str, settings: dict[str, Any]):
    model_server.refuses = {refuses}
    model_server.script({"*": ["fine"]})
    client = client_of(model_server, **settings)
    for _ in range(2):
        asked = await ask(client, task())
        assert asked.reply.text == "fine"
        assert not asked.retries
    assert len(model_server.asked()) == (3 if refuses == "stream_options" else 2)
    assert asked.reply.usage.calls == 1
    await client.close()


async def test_a_server_that_counts_nothing_still_made_one_call_without_a_price(model_server: ModelServer):
    model_server.sends_usage = False
    model_server.script({"*": ["fine"]})
    client = client_of(model_server)
    usage = (await ask(client, task())).reply.usage
    assert (usage.estimated, usage.calls, usage.cost) == (True, 1, None)
    await client.close()


async def test_a_server_that_never_closes_a_finished_answer_does_not_hold_it_back(
    model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("studio.engine.models.openai_client.AFTER_THE_END", 0.2)
    finished = {"choices": [{"index": 0, "delta": {"content": "done"}, "finish_reason": "stop"}]}
    model_server.script({"*": Raw((f"data: {json.dumps(finished)}\n\n".encode(), b": still here\n\n" * 10), each=0.1)})
    model_server.each = 0.1
    client = client_of(model_server)
    assert (await ask(client, task())).reply.text == "done"
    await client.close()


async def test_a_server_that_says_nothing_for_ever_after_its_answer_does_not_hold_it_back(
    model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("studio.engine.models.openai_client.AFTER_THE_END", 0.1)
    finished = {"choices": [{"index": 0, "delta": {"content": "done"}, "finish_reason": "stop"}]}
    model_server.script({"*": Raw((f"data: {json.dumps(finished)}\n\n".encode(), *[b": still here\n\n"] * 2_000), each=0.02)})
    client = client_of(model_server)
    async with asyncio.timeout(within(10)):
        assert (await ask(client, task())).reply.text == "done"
    await client.close()


async def test_a_server_that_talks_for_ever_is_given_up(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("studio.engine.models.openai_client.LONGEST_ANSWER", 0.5)
    model_server.script({"*": Raw(tuple([b": ping\n\n"] * 200), each=0.1)})
    client = client_of(model_server, timeout=2.0)
    with pytest.raises(ModelError) as caught:
        await ask(client, task())
    await client.close()
    error = caught.value
    assert isinstance(error, ModelUnavailable)


async def test_an_endless_answer_is_cut(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("studio.engine.models.openai_answer.LONGEST_TEXT", 1_000)
    model_server.script({"*": ["word " * 1_000]})
    client = client_of(model_server)
    with pytest.raises(ModelError) as caught:
        await ask(client, task())
    await client.close()
    error = caught.value
    assert "longer than 1,000 characters" in error.sentence


async def test_bytes_split_anywhere_and_foreign_line_ends_make_no_difference(model_server: ModelServer):
    chunk = {"choices": [{"index": 0, "delta": {"content": "Grüße 👋 世界"}, "finish_reason": "stop"}]}
    body = b": hello\r\n\r\ndata: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\r\n\r\ndata: [DONE]\r\n\r\n"
    model_server.script({"*": Raw(tuple(bytes([byte]) for byte in body), each=0.0005)})
    client = client_of(model_server)
    assert (await ask(client, task())).reply.text == "Grüße 👋 世界"
    await client.close()


async def test_bytes_that_are_no_text_are_a_broken_answer(model_server: ModelServer):
    model_server.script({"*": Raw((b"data: \xff\xfe\n\n",))})
    client = client_of(model_server)
    with pytest.raises(ModelAnswerBroken):
        await ask(client, task())
    await client.close()


async def test_deep_nesting_is_a_broken_answer(model_server: ModelServer):
    model_server.script({"*": Raw((b"data: " + b"[" * 100_000 + b"\n\n",))})
    client = client_of(model_server)
    with pytest.raises(ModelAnswerBroken):
        await ask(client, task())
    await client.close()


async def test_an_answer_that_is_not_streamed_is_taken_all_the_same(model_server: ModelServer):
    whole = {"model": "m", "choices": [{"message": {"role": "assistant", "content": "all at once"}}], "usage": {"prompt_tokens": 7}}
    model_server.script({"*": Raw((json.dumps(whole).encode(),), content_type="application/json")})
    client = client_of(model_server)
    asked = await ask(client, task())
    assert asked.reply.text == texts(asked.deltas) == "all at once"
    assert asked.reply.usage.prompt_tokens == 7
    await client.close()


async def test_an_unlucky_conversation_survives_a_server_that_fails_every_second_time(model_server: ModelServer):
    model_server.script({"*": InTurn(Fault("reset"), "fine", Fault("eof"), "fine", again=True)})
    client = client_of(model_server, retries=1)
    for number in range(6):
        asked = await ask(client, task(agent=f"a{number}"))
        assert asked.reply.text == "fine"
        assert len(asked.retries) == 1
    await client.close()
