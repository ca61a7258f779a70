"""Claude in Anthropic's own protocol: what is sent, what is made of the answer, and what failures become."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from asking import KEY, OneAccount, ask, task, texts
from claude_server import SIGNATURE, ClaudeServer
from model_server import Call, Fault, Raw, Said

from studio.engine.errors import ModelAnswerBroken, ModelError, ModelRefused, ModelUnavailable
from studio.engine.events import YOU, MessageSaid, ToolFinished, ToolsCalled
from studio.engine.models.anthropic_client import AnthropicClient
from studio.engine.models.anthropic_messages import lacks_thoughts, written
from studio.engine.models.anthropic_model import AnthropicModel
from studio.engine.models.base import Account, ModelRequest, ToolSchema

ADD = ToolSchema("add", "Adds.", {"type": "object", "properties": {"a": {"type": "integer"}}})


def client_of(server: ClaudeServer, *, key: str | None = KEY, **settings: Any) -> AnthropicClient:
    settings = {"model": "claude", "account": "lab", "retries": 0, "timeout": 5.0} | settings
    return AnthropicClient(AnthropicModel(**settings), Account("lab", server.base_url, key))


async def failure(client: AnthropicClient, request: ModelRequest | None = None) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await ask(client, request or task())
    await client.close()
    return caught.value


# What is sent -------------------------------------------------------------------------------------------------------------

CALL = {"id": "c.1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
OTHER = {"id": "c2", "type": "function", "function": {"name": "now", "arguments": "{}"}}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "s"}

GOLDEN: list[tuple[str, list[dict[str, Any]], list[dict[str, Any]]]] = [
    ("a question", [{"role": "user", "content": "hi"}], [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]),
    (
        "neighbours of one role become one message",
        [{"role": "user", "content": "a"}, {"role": "user", "content": "b: c"}, {"role": "assistant", "content": "d"}],
        [
            {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b: c"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "d"}]},
        ],
    ),
    (
        "parallel calls, their thoughts and their results",
        [
            {"role": "assistant", "content": "so", "tool_calls": [CALL, OTHER]},
            {"role": "tool", "tool_call_id": "c.1", "content": "2"},
            {"role": "tool", "tool_call_id": "c2", "content": "noon"},
            {"role": "user", "content": "and?"},
        ],
        [
            {
                "role": "assistant",
                "content": [
                    THOUGHT,
                    {"type": "text", "text": "so"},
                    {"type": "tool_use", "id": "c_1", "name": "add", "input": {"a": 1}},
                    {"type": "tool_use", "id": "c2", "name": "now", "input": {}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "c_1", "content": [{"type": "text", "text": "2"}]},
                    {"type": "tool_result", "tool_use_id": "c2", "content": [{"type": "text", "text": "noon"}]},
                    {"type": "text", "text": "and?"},
                ],
            },
        ],
    ),
    (
        "pictures, inside and by address, and files",
        [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "look"},
                    PICTURE,
                    {"type": "image_url", "image_url": {"url": "https://example.test/a.png"}},
                    {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,BBBB"}},
                ],
            }
        ],
        [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "look"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
                    {"type": "image", "source": {"type": "url", "url": "https://example.test/a.png"}},
                    {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "BBBB"}},
                ],
            }
        ],
    ),
    ("nothing said is no block", [{"role": "user", "content": "a"}, {"role": "assistant", "content": ""}], [
        {"role": "user", "content": [{"type": "text", "text": "a"}]},
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("messages", "expected"), [row[1:] for row in GOLDEN], ids=[row[0] for row in GOLDEN])
def test_a_conversation_is_written_in_blocks(messages: list[dict[str, Any]], expected: list[dict[str, Any]]):
    assert written(messages, {"c.1": [THOUGHT]}) == expected


def test_calls_without_their_thoughts_are_noticed_only_where_they_matter():
    asked, answered = {"role": "user", "content": "a"}, {"role": "tool", "tool_call_id": "c.1", "content": "2"}
    called = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    assert lacks_thoughts(written([asked, called, answered], {}))
    assert not lacks_thoughts(written([asked, called, answered], {"c.1": [THOUGHT]}))
    assert not lacks_thoughts(written([asked, called, answered, {"role": "assistant", "content": "ok"}, asked], {}))
    assert not lacks_thoughts(written([asked], {}))


async def test_the_body_holds_the_settings_and_nothing_that_was_not_set(claude: ClaudeServer):
    claude.script({"*": "ok"})
    client = client_of(claude, extra={"top_k": 5, "model": "other", "messages": []}, temperature=0.5, max_tokens=9)
    await ask(client, task("Do it.", system="You are ann.", tools=(ADD,), extra=("Now.",)))
    await client.close()
    (seen,) = claude.requests
    assert seen.body == {
        "model": "claude",
        "stream": True,
        "top_k": 5,
        "temperature": 0.5,
        "max_tokens": 9,
        "system": "You are ann.",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Do it."}, {"type": "text", "text": "Now."}]}],
        "tools": [{"name": "add", "description": "Adds.", "input_schema": dict(ADD.parameters)}],
    }
    assert seen.headers["Authorization"] == f"Bearer {KEY}"
    assert seen.headers["anthropic-version"]


async def test_an_account_of_the_compatible_endpoint_serves_both_protocols(claude: ClaudeServer):
    claude.script({"*": "ok"})
    client = AnthropicClient(AnthropicModel(model="claude", account="lab"), Account("lab", f"{claude.base_url}/v1/", KEY))
    assert (await ask(client, task())).reply.text == "ok"
    await client.close()


async def test_without_a_key_none_is_sent_and_the_environment_gives_none(claude: ClaudeServer, monkeypatch: pytest.MonkeyPatch):
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.setenv(name, "from-the-environment")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    claude.script({"*": "ok"})
    client = client_of(claude, key=None)
    await ask(client, task())
    await client.close()
    assert "from-the-environment" not in json.dumps(dict(claude.requests[0].headers))
    error = await failure(AnthropicClient(AnthropicModel(model="claude", account="lab"), Account("lab")))
    assert "has no key" in error.sentence


# What is made of the answer -----------------------------------------------------------------------------------------------


async def test_thinking_is_kept_apart_and_shown_again_with_its_signature_while_tools_are_used(claude: ClaudeServer):
    claude.script({"*": [Said("Let me see.", (Call("add", {"a": 1}), Call("add", {"a": 2})), "I think."), Said("3", reasoning="Done.")]})
    client = client_of(claude, effort="high")
    first = await ask(client, task(tools=(ADD,)))
    assert (first.reply.text, first.reply.reasoning, first.reply.finish) == ("Let me see.", "I think.", "tool_calls")
    assert texts(first.deltas, "reasoning") == "I think."
    calls = first.reply.calls
    assert [(call.name, json.loads(call.arguments)) for call in calls] == [("add", {"a": 1}), ("add", {"a": 2})]
    results = [ToolFinished(source="ann", call=call.id, name="add", output="3") for call in calls]
    thread = (*task().thread, ToolsCalled(source="ann", calls=calls, text="Let me see."), *results)
    second = await ask(client, ModelRequest(agent="ann", system="s", thread=thread, tools=(ADD,), earlier_calls=1))
    assert second.reply.text == "3"
    await client.close()
    body = claude.requests[-1].body
    assert body["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert body["output_config"] == {"effort": "high"}
    assert body["messages"][1]["content"][0] == {"type": "thinking", "thinking": "I think.", "signature": SIGNATURE}


async def test_calls_whose_thoughts_were_lost_are_gone_on_with_without_thinking(claude: ClaudeServer):
    claude.script({"*": [Call("add"), "3"]})
    client = client_of(claude, thinking_tokens=2048, max_tokens=100, temperature=0.1)
    calls = (await ask(client, task(tools=(ADD,)))).reply.calls
    assert claude.requests[-1].body["max_tokens"] == 2148
    await client.close()
    again = client_of(claude, thinking_tokens=2048, max_tokens=100, temperature=0.1)
    thread = (*task().thread, ToolsCalled(source="ann", calls=calls), ToolFinished(source="ann", call=calls[0].id, name="add", output="3"))
    assert (await ask(again, ModelRequest(agent="ann", thread=thread, tools=(ADD,), earlier_calls=1))).reply.text == "3"
    await again.close()
    assert "thinking" not in claude.requests[-1].body
    assert claude.requests[-1].body["temperature"] == 0.1


async def test_calls_in_the_past_of_an_agent_that_may_call_nothing_now_are_declared_and_forbidden(claude: ClaudeServer):
    claude.script({"*": "summed up"})
    calls = ToolsCalled(source="ann", calls=(*ToolsCalled(calls=()).calls, *_call("c1", "add")))
    thread = (*task().thread, calls, ToolFinished(source="ann", call="c1", name="add", output="3"))
    client = client_of(claude)
    await ask(client, ModelRequest(agent="ann", thread=thread))
    await client.close()
    body = claude.requests[-1].body
    assert body["tools"] == [{"name": "add", "input_schema": {"type": "object"}}]
    assert body["tool_choice"] == {"type": "none"}


async def test_what_came_from_the_cache_is_part_of_the_prompt(claude: ClaudeServer):
    usage = {"input_tokens": 5, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 10, "output_tokens": 7}
    claude.script({"*": Said("ok", usage=usage)})
    client = client_of(claude)
    counted = (await ask(client, task())).reply.usage
    await client.close()
    assert (counted.prompt_tokens, counted.cached_tokens, counted.completion_tokens, counted.calls) == (105, 90, 7, 1)


@pytest.mark.parametrize(
    ("told", "finish"),
    [
        ("end_turn", "stop"),
        ("max_tokens", "length"),
        ("stop_sequence", "stop"),
        ("refusal", "content_filter"),
        ("new_reason", "new_reason"),
    ],
)
async def test_how_an_answer_ends_is_said_in_one_language(claude: ClaudeServer, told: str, finish: str):
    claude.script({"*": Said("ok", finish=told)})
    client = client_of(claude)
    assert (await ask(client, task())).reply.finish == finish
    await client.close()


async def test_a_server_that_does_not_stream_is_understood(claude: ClaudeServer):
    message = {
        "type": "message",
        "model": "claude-x",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "s"},
            {"type": "redacted_thinking", "data": "x"},
            {"type": "text", "text": "hello"},
            {"type": "tool_use", "id": "t1", "name": "add", "input": {"a": 1}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 3, "output_tokens": 4},
    }
    claude.script({"*": Raw((json.dumps(message).encode(),), "application/json")})
    client = client_of(claude)
    reply = (await ask(client, task())).reply
    await client.close()
    assert (reply.text, reply.reasoning, reply.model, reply.finish) == ("hello", "hm", "claude-x", "tool_calls")
    assert [(call.id, json.loads(call.arguments)) for call in reply.calls] == [("t1", {"a": 1})]
    assert reply.usage.total_tokens == 7


async def test_a_model_that_answers_shorter_than_asked_is_asked_for_what_it_can(claude: ClaudeServer):
    wrong = "max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for claude"
    claude.reply = lambda seen: Fault("status", 400, wrong) if seen.body["max_tokens"] > 4096 else "ok"
    client = client_of(claude)
    asked = await ask(client, task())
    await client.close()
    assert asked.reply.text == "ok"
    assert asked.retries == []


# What failures become -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        (Fault("status", 400, "bad"), ModelRefused, "400 from {url}: the request was refused: bad."),
        (Fault("status", 404, "model: claude"), ModelRefused, "there is no model 'claude'."),
        (Fault("status", 429, "slow down", retry_after="0"), ModelUnavailable, "too many requests: slow down."),
        (Fault("status", 529, "Overloaded"), ModelUnavailable, "529 from {url}: the server failed: Overloaded."),
        (Fault("late_error", 529, "Overloaded"), ModelUnavailable, "529 from {url}: the server failed: Overloaded."),
        (Fault("late_error", 500, "Oops"), ModelUnavailable, "500 from {url}"),
        (Fault("reset"), ModelUnavailable, "{url} broke the connection off."),
        (Fault("cut"), ModelUnavailable, "{url} broke the connection off."),
        (Fault("eof"), ModelAnswerBroken, "its answer broke off before it was finished."),
        (Fault("no_finish"), ModelAnswerBroken, "its answer broke off before it was finished."),
        (Fault("html"), ModelAnswerBroken, "it was a web page"),
        (Fault("garbage"), ModelAnswerBroken, "{url} answered"),
        (Fault("empty"), ModelAnswerBroken, "{url} answered"),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
async def test_a_failure_names_its_cause_and_its_place(claude: ClaudeServer, fault: Fault, kind: type[ModelError], says: str):
    claude.script({"*": fault})
    error = await failure(client_of(claude))
    assert isinstance(error, kind)
    assert says.format(url=claude.base_url) in error.sentence
    assert error.remedy


async def test_a_refused_key_is_said_without_the_key(claude: ClaudeServer):
    claude.keys = {"another"}
    error = await failure(client_of(claude))
    assert error.sentence == f"401 from {claude.base_url}: the key of account lab was refused."
    assert error.remedy == "Open the account."


async def test_a_silent_server_is_given_up_and_one_that_is_not_there_is_named(claude: ClaudeServer):
    claude.script({"*": Fault("stall")})
    error = await failure(client_of(claude, timeout=0.3))
    assert error.sentence == f"{claude.base_url} said nothing for 0.3 s."
    gone = AnthropicClient(AnthropicModel(model="c", account="lab", retries=0), Account("lab", "http://127.0.0.1:9", KEY))
    assert (await failure(gone)).sentence == "Nobody answers at http://127.0.0.1:9."


async def test_a_failure_that_passes_is_tried_again_after_the_time_that_the_server_asks_for(claude: ClaudeServer):
    claude.reply = lambda seen: Fault("status", 529, "Overloaded", retry_after="0") if len(claude.asked()) < 3 else "at last"
    client = client_of(claude, retries=2)
    asked = await ask(client, task())
    await client.close()
    assert asked.reply.text == "at last"
    assert [retry.wait for retry in asked.retries] == [0.0, 0.0]


async def test_cancelling_closes_the_request_within_a_second(claude: ClaudeServer):
    claude.script({"*": Fault("stall_later")})
    client = client_of(claude)
    asking = asyncio.create_task(ask(client, task()))
    assert await asyncio.to_thread(claude.wait_until, lambda server: server.open == 1)
    await asyncio.sleep(0.1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await asyncio.to_thread(claude.wait_until, lambda server: server.cut_off == 1, 1.0)
    await client.close()


def test_a_missing_library_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError) as missing:
        AnthropicModel(account="lab").connect(OneAccount("http://127.0.0.1:9"))
    assert missing.value.remedy == "Install it: pip install 'convene-studio[anthropic]'"


def _call(identifier: str, name: str) -> tuple[Any, ...]:
    from studio.engine.events import ToolCall

    return (ToolCall(id=identifier, name=name),)


def test_who_speaks_stands_in_the_text():
    from studio.engine.models.normalise import Perspective
    from studio.engine.models.talks import IN_BLOCKS

    perspective = Perspective("ann", IN_BLOCKS)
    perspective.follow([MessageSaid(source=YOU, text="go"), MessageSaid(source="bob", text="hi"), MessageSaid(source="ann", text="x")])
    assert written(perspective.messages(), {})[0]["content"][1]["text"] == "bob: hi"
    assert written(perspective.messages(), {})[-1]["role"] == "user"
