"""What is sent to a server of the OpenAI protocol, what is made of its answer, and what stays open."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from asking import KEY, OneAccount, ask, client_of, task, texts
from model_server import Call, Fault, ModelServer, Raw, Said

from studio.engine.events import YOU, HandedOff, MessageSaid, ToolCall, ToolFinished, ToolsCalled
from studio.engine.models.base import ModelRequest, ToolSchema
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.quirks import Quirks

pytestmark = pytest.mark.usefixtures("each_way")

FIELD = Quirks(names="field")


# What is sent -------------------------------------------------------------------------------------------------------------


async def test_the_body_holds_the_settings_and_nothing_that_was_not_set(model_server: ModelServer):
    model_server.script({"*": ["ok"]})
    client = client_of(model_server, extra={"seed": 7, "model": "other", "stream": False, "messages": []})
    await ask(client, task("Do it.", system="You are ann."))
    await client.close()
    assert model_server.requests[0].body == {
        "model": "m",
        "stream": True,
        "stream_options": {"include_usage": True},
        "seed": 7,
        "messages": [{"role": "system", "content": "You are ann."}, {"role": "user", "content": "Do it."}],
    }


async def test_temperature_limit_and_tools_are_sent_when_they_are_set(model_server: ModelServer):
    model_server.script({"*": ["ok"]})
    client = client_of(model_server, temperature=0.0, max_tokens=9)
    parameters = {"type": "object", "properties": {"x": {"type": "integer"}}}
    await ask(client, task(tools=(ToolSchema("add", "Adds.", parameters),)))
    await client.close()
    body = model_server.requests[0].body
    assert body["temperature"] == 0.0
    assert body["max_tokens"] == 9
    assert body["tools"] == [{"type": "function", "function": {"name": "add", "description": "Adds.", "parameters": parameters}}]


async def test_the_key_goes_into_the_header_and_the_environment_into_nothing(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch):
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "from-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    model_server.script({"*": ["ok"]})
    for key in (KEY, None):
        client = client_of(model_server, key=key)
        await ask(client, task())
        await client.close()
    with_key, without = (seen.headers for seen in model_server.requests)
    assert with_key["Authorization"] == f"Bearer {KEY}"
    assert "Authorization" not in without
    assert "from-the-environment" not in str(with_key) + str(without)


async def test_the_accounts_default_model_is_taken_when_none_is_named(model_server: ModelServer):
    model_server.script({"*": ["ok"]})
    model = OpenAIModel(account="lab", retries=0)
    client = model.connect(OneAccount(model_server.base_url, default_model="house-model"))
    assert (await ask(client, task())).reply.model == "house-model"
    await client.close()


async def test_a_growing_conversation_is_sent_whole_at_every_turn(model_server: ModelServer):
    model_server.script({"*": ["ok"]})
    client = client_of(model_server, quirks=FIELD)
    thread: list[Any] = [MessageSaid(source=YOU, role="task", text="go")]
    for number in range(5):
        await ask(client, ModelRequest(agent="ann", system="s", thread=thread, earlier_calls=number))
        thread += [MessageSaid(source="ann", text=f"a{number}"), MessageSaid(source="bob", text=f"b{number}")]
    await client.close()
    said = [message["content"] for message in model_server.requests[-1].messages]
    assert said == ["s", "go", *[word for n in range(4) for word in (f"a{n}", f"b{n}")]]


async def test_two_conversations_of_agents_of_one_name_do_not_mix(model_server: ModelServer):
    model_server.script({"*": ["ok"]})
    client = client_of(model_server)
    threads = [[MessageSaid(source=YOU, role="task", text=f"task {n}")] for n in range(100)]
    for _ in range(2):
        await asyncio.gather(*(ask(client, ModelRequest(agent="ann", thread=thread)) for thread in threads))
    await client.close()
    assert sorted(seen.messages[0]["content"] for seen in model_server.requests) == sorted(2 * [f"task {n}" for n in range(100)])


# What a strict server teaches ---------------------------------------------------------------------------------------------

CONVERSATION = (
    MessageSaid(source=YOU, role="task", text="go"),
    MessageSaid(source="bob", text="hello"),
    ToolsCalled(source="ann", calls=(ToolCall(id="c1", name="add"),)),
    ToolFinished(source="ann", call="c1", name="add", output="3"),
    MessageSaid(source="bob", text="and?"),
    MessageSaid(source="ann", text="three"),
)


@pytest.mark.parametrize(
    "refuses",
    [{"name"}, {"stream_options"}, {"alternation"}, {"assistant_last"}, {"name", "stream_options", "alternation", "assistant_last"}],
)
async def test_a_strict_server_is_understood_after_its_refusals(model_server: ModelServer, refuses: set[str]):
    model_server.refuses = refuses
    model_server.script({"*": ["fine"]})
    client = client_of(model_server, quirks=FIELD)
    request = ModelRequest(agent="ann", system="s", thread=CONVERSATION)
    asked = await ask(client, request)
    assert asked.reply.text == "fine"
    assert not asked.retries
    tries = len(model_server.asked())
    await ask(client, request)
    assert len(model_server.asked()) == tries + 1
    await client.close()


async def test_a_server_that_refuses_for_ever_is_not_asked_for_ever(model_server: ModelServer):
    model_server.script({"*": Fault("status", status=400, message="stream_options, name unsupported, alternate, prefill, empty content")})
    client = client_of(model_server, quirks=FIELD)
    with pytest.raises(Exception, match="400 from"):
        await ask(client, task())
    await client.close()
    assert len(model_server.asked()) < 10


# What is made of the answer -----------------------------------------------------------------------------------------------


async def test_reasoning_is_kept_apart_in_either_form(model_server: ModelServer):
    model_server.script({"*": [Said("The answer.", reasoning="Let me think."), "<think>Let me think.</think>\n\nThe answer."]})
    client = client_of(model_server)
    for thread in (task().thread, (*task().thread, MessageSaid(source="ann", text="x"))):
        asked = await ask(client, ModelRequest(agent="ann", thread=thread))
        assert asked.reply.text == texts(asked.deltas) == "The answer."
        assert asked.reply.reasoning == "Let me think."
        assert texts(asked.deltas, "reasoning") == "Let me think."
    await client.close()


async def test_usage_has_the_cached_tokens_and_no_cost(model_server: ModelServer):
    told = {"prompt_tokens": 100, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 64}}
    model_server.script({"*": [Said("ok", usage=told)]})
    client = client_of(model_server)
    usage = (await ask(client, task())).reply.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens, usage.calls, usage.cost) == (100, 5, 64, 1, None)
    await client.close()


async def test_an_id_that_the_conversation_knows_already_is_replaced(model_server: ModelServer):
    model_server.script({"*": [Call("add", id="c1")]})
    client = client_of(model_server)
    reply = (await ask(client, ModelRequest(agent="bob", thread=CONVERSATION, earlier_calls=2))).reply
    assert reply.calls[0].id == "call_bob_2_0"
    await client.close()


async def test_an_id_used_by_another_agents_handing_over_is_known_too(model_server: ModelServer):
    model_server.script({"*": [Call("add", id="c9")]})
    client = client_of(model_server)
    thread = (*task().thread, HandedOff(source="bob", target="ann", call="c9"))
    assert (await ask(client, ModelRequest(agent="ann", thread=thread))).reply.calls[0].id != "c9"
    await client.close()


async def test_calls_that_share_an_index_are_told_apart(model_server: ModelServer):
    def delta(**call: Any) -> dict[str, Any]:
        return {"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}

    chunks = [
        delta(index=0, id="a", function={"name": "f", "arguments": '{"n": 1}'}),
        delta(index=0, id="b", function={"name": "f", "arguments": {"n": 2}}),
        delta(id="", function={"name": "g", "arguments": ""}),
        delta(function={"name": "g", "arguments": None}),
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
    ]
    model_server.script({"*": Raw(tuple(f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks))})
    client = client_of(model_server)
    calls = (await ask(client, task())).reply.calls
    assert [(call.name, call.arguments) for call in calls] == [("f", '{"n": 1}'), ("f", '{"n": 2}'), ("g", "{}")]
    await client.close()


async def test_a_call_in_the_old_form_is_a_call(model_server: ModelServer):
    delta = {"function_call": {"name": "add", "arguments": '{"a": 1}'}}
    chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": "function_call"}]}
    model_server.script({"*": Raw((f"data: {json.dumps(chunk)}\n\n".encode(),))})
    client = client_of(model_server)
    (call,) = (await ask(client, task())).reply.calls
    assert (call.name, call.arguments) == ("add", '{"a": 1}')
    await client.close()


@pytest.mark.parametrize(
    "strange",
    [
        {"content": [{"type": "text", "text": "hi"}]},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "hi"}]},
        {"content": "hi", "tool_calls": None, "audio": {"x": 1}, "annotations": [1]},
        {"content": "hi", "tool_calls": ["what", 3, None]},
        {"refusal": "hi"},
    ],
)
async def test_shapes_that_nobody_promised_are_survived(model_server: ModelServer, strange: dict[str, Any]):
    chunk = {"choices": ["nothing", {"index": 1, "delta": {"content": "other"}}, {"index": 0, "delta": strange, "finish_reason": "stop"}]}
    model_server.script({"*": Raw((f"data: {json.dumps(chunk)}\n\n".encode(), b"data: [DONE]\n\n"))})
    client = client_of(model_server)
    assert (await ask(client, task())).reply.text == "hi"
    await client.close()
