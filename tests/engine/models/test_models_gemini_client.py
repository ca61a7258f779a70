"""Gemini in Google's own protocol: what is sent, what is made of the answer, and what failures become."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from asking import KEY, OneAccount, ask, task, texts
from gemini_server import MADE_UP, SIGNATURE, GeminiServer
from model_server import Call, Fault, Said

from studio.engine.errors import ModelAnswerBroken, ModelError, ModelRefused, ModelUnavailable
from studio.engine.events import ToolFinished, ToolsCalled
from studio.engine.models.base import Account, ModelRequest, ToolSchema
from studio.engine.models.gemini_client import GeminiClient
from studio.engine.models.gemini_messages import UNSIGNED, written
from studio.engine.models.gemini_model import GeminiModel

ADD = ToolSchema("add", "Adds.", {"type": "object", "properties": {"a": {"type": "integer"}}})


def client_of(server: GeminiServer, *, key: str | None = KEY, **settings: Any) -> GeminiClient:
    settings = {"model": "gemini-3-pro", "account": "lab", "retries": 0, "timeout": 5.0} | settings
    return GeminiClient(GeminiModel(**settings), Account("lab", server.base_url, key))


async def failure(client: GeminiClient, request: ModelRequest | None = None) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await ask(client, request or task())
    await client.close()
    return caught.value


CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
OTHER = {"id": "c2", "type": "function", "function": {"name": "now", "arguments": "{}"}}

GOLDEN: list[tuple[str, list[dict[str, Any]], bool, list[dict[str, Any]]]] = [
    ("a question", [{"role": "user", "content": "hi"}], True, [{"role": "user", "parts": [{"text": "hi"}]}]),
    (
        "neighbours of one role become one content, nothing said is no part",
        [{"role": "user", "content": "a"}, {"role": "user", "content": "b: c"}, {"role": "assistant", "content": "d"}, {"role": "assistant", "content": ""}],
        True,
        [{"role": "user", "parts": [{"text": "a"}, {"text": "b: c"}]}, {"role": "model", "parts": [{"text": "d"}]}],
    ),
    (
        "parallel calls with the signature of the first, and their results by name",
        [
            {"role": "assistant", "content": "so", "tool_calls": [CALL, OTHER]},
            {"role": "tool", "tool_call_id": "c1", "content": "2"},
            {"role": "tool", "tool_call_id": "c2", "content": "noon"},
        ],
        True,
        [
            {
                "role": "model",
                "parts": [
                    {"text": "so"},
                    {"function_call": {"id": "c1", "name": "add", "args": {"a": 1}}, "thought_signature": b"s"},
                    {"function_call": {"id": "c2", "name": "now", "args": {}}},
                ],
            },
            {
                "role": "user",
                "parts": [
                    {"function_response": {"id": "c1", "name": "add", "response": {"output": "2"}}},
                    {"function_response": {"id": "c2", "name": "now", "response": {"output": "noon"}}},
                ],
            },
        ],
    ),
    (
        "a lost signature is made up for where one must be there",
        [{"role": "assistant", "content": None, "tool_calls": [OTHER]}],
        True,
        [{"role": "model", "parts": [{"function_call": {"id": "c2", "name": "now", "args": {}}, "thought_signature": UNSIGNED}]}],
    ),
    (
        "and left out where none is known",
        [{"role": "assistant", "content": None, "tool_calls": [OTHER]}],
        False,
        [{"role": "model", "parts": [{"function_call": {"id": "c2", "name": "now", "args": {}}}]}],
    ),
    (
        "pictures, inside and by address, and files",
        [
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                    {"type": "image_url", "image_url": {"url": "https://example.test/a.png?x=1"}},
                    {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,BBBB"}},
                ],
            }
        ],
        True,
        [
            {
                "role": "user",
                "parts": [
                    {"inline_data": {"mime_type": "image/png", "data": b"\0\0\0"}},
                    {"file_data": {"file_uri": "https://example.test/a.png?x=1", "mime_type": "image/png"}},
                    {"inline_data": {"mime_type": "application/pdf", "data": b"\x04\x10A"}},
                ],
            }
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("messages", "signed", "expected"), [row[1:] for row in GOLDEN], ids=[row[0] for row in GOLDEN])
def test_a_conversation_is_written_in_parts(messages: list[dict[str, Any]], signed: bool, expected: list[dict[str, Any]]):
    assert written(messages, {"c1": "cw==", "c2": "no base64!"}, signed=signed) == expected


async def test_the_body_holds_the_settings_and_nothing_that_was_not_set(gemini: GeminiServer):
    gemini.script({"*": "ok"})
    client = client_of(gemini, extra={"top_k": 5}, temperature=0.5, max_tokens=9, thinking_level="low")
    await ask(client, task("Do it.", system="You are ann.", tools=(ADD,), extra=("Now.",)))
    await client.close()
    (seen,) = gemini.requests
    assert seen.path == "/v1beta/models/gemini-3-pro:streamGenerateContent"
    assert seen.headers["x-goog-api-key"] == KEY
    body = json.loads(json.dumps(seen.body))
    assert body["systemInstruction"]["parts"] == [{"text": "You are ann."}]
    assert body["contents"] == [{"role": "user", "parts": [{"text": "Do it."}, {"text": "Now."}]}]
    assert body["tools"] == [
        {"functionDeclarations": [{"name": "add", "description": "Adds.", "parameters_json_schema": dict(ADD.parameters)}]}
    ]
    assert body["generationConfig"] == {
        "topK": 5,
        "temperature": 0.5,
        "maxOutputTokens": 9,
        "thinkingConfig": {"include_thoughts": True, "thinking_level": "LOW"},
    }
    assert body.keys() == {"systemInstruction", "contents", "tools", "generationConfig"}


async def test_an_account_of_the_compatible_endpoint_serves_both_protocols(gemini: GeminiServer):
    gemini.script({"*": "ok"})
    client = GeminiClient(GeminiModel(model="gemini-2.5-flash", account="lab"), Account("lab", f"{gemini.base_url}/v1beta/openai/", KEY))
    assert (await ask(client, task())).reply.text == "ok"
    await client.close()


async def test_without_a_key_none_is_sent_and_the_environment_gives_none(gemini: GeminiServer, monkeypatch: pytest.MonkeyPatch):
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.setenv(name, "from-the-environment")
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:9")
    gemini.script({"*": "ok"})
    client = client_of(gemini, key=None)
    await ask(client, task())
    await client.close()
    assert "x-goog-api-key" not in gemini.requests[0].headers
    assert "from-the-environment" not in json.dumps(dict(gemini.requests[0].headers))
    error = await failure(GeminiClient(GeminiModel(model="gemini-3-pro", account="lab"), Account("lab")))
    assert "has no key" in error.sentence


async def test_thinking_is_kept_apart_and_calls_are_shown_again_with_their_signature(gemini: GeminiServer):
    gemini.script({"*": [Said("Let me see.", (Call("add", {"a": 1}), Call("add", {"a": 2})), "I think."), Said("3", reasoning="Done.")]})
    client = client_of(gemini)
    first = await ask(client, task(tools=(ADD,)))
    assert (first.reply.text, first.reply.reasoning, first.reply.finish) == ("Let me see.", "I think.", "tool_calls")
    assert texts(first.deltas, "reasoning") == "I think."
    calls = first.reply.calls
    assert [(call.name, json.loads(call.arguments)) for call in calls] == [("add", {"a": 1}), ("add", {"a": 2})]
    results = [ToolFinished(source="ann", call=call.id, name="add", output="3") for call in calls]
    thread = (*task().thread, ToolsCalled(source="ann", calls=calls, text="Let me see."), *results)
    request = ModelRequest(agent="ann", system="s", thread=thread, tools=(ADD,), earlier_calls=1)
    assert (await ask(client, request)).reply.text == "3"
    await client.close()
    called = gemini.requests[-1].body["contents"][1]["parts"]
    assert [part.get("thoughtSignature") for part in called] == [None, SIGNATURE, None]
    # What another server's model called has no signature of Google's: Google's word for that is sent instead.
    others = tuple(call.model_copy(update={"signed": {"anthropic": [{"type": "thinking"}]}}) for call in calls)
    again = client_of(gemini)
    thread = (*task().thread, ToolsCalled(source="ann", calls=others), *results)
    assert (await ask(again, replace(request, thread=thread))).reply.text == "3"
    await again.close()
    assert gemini.requests[-1].body["contents"][1]["parts"][0]["thoughtSignature"] == MADE_UP


async def test_calls_without_ids_get_one_of_their_own_answer(gemini: GeminiServer):
    from studio.engine.models.gemini_answer import Translation
    from studio.engine.models.openai_answer import Answer

    def ids(response: str) -> list[str]:
        answer, translation = Answer(), Translation()
        parts = [{"function_call": {"name": "add", "args": {}}}, {"function_call": {"name": "add", "args": {}}}]
        for chunk in translation.chunks({"response_id": response, "candidates": [{"content": {"parts": parts}, "finish_reason": "STOP"}]}):
            list(answer.take(chunk))
        list(answer.close())
        return [call.id for call in answer.reply("ann", 0, ()).calls]

    assert ids("a") == ["a_0", "a_1"]
    assert len({*ids("a"), *ids("b")}) == 4


async def test_a_schema_holds_the_answer_and_is_said_in_words_where_tools_forbid_it(gemini: GeminiServer):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    gemini.script({"*": '{"n": 1}'})
    client = client_of(gemini, model="gemini-2.5-flash")
    assert (await ask(client, task(schema=schema))).reply.text == '{"n": 1}'
    assert gemini.requests[-1].body["generationConfig"]["responseJsonSchema"] == schema
    asked = await ask(client, task(schema=schema, tools=(ADD,)))
    await client.close()
    assert asked.reply.text == '{"n": 1}'
    assert asked.retries == []
    assert "by this JSON schema" in json.dumps(gemini.requests[-1].body["contents"])
    assert [piece.code for piece in asked.pieces if hasattr(piece, "code")] == ["no_schema"]


async def test_a_choice_is_held_to_the_candidates_and_told_as_a_word(gemini: GeminiServer):
    gemini.script({"*": '{"answer": "bob"}'})
    client = client_of(gemini)
    asked = await ask(client, task(choices=("ann", "bob")))
    await client.close()
    assert texts(asked.deltas) == asked.reply.text == "bob"
    assert gemini.requests[-1].body["generationConfig"]["responseJsonSchema"]["properties"]["answer"]["enum"] == ["ann", "bob"]


async def test_thoughts_are_part_of_what_was_written(gemini: GeminiServer):
    usage = {"promptTokenCount": 100, "cachedContentTokenCount": 90, "candidatesTokenCount": 7, "thoughtsTokenCount": 20}
    gemini.script({"*": Said("ok", usage=usage)})
    client = client_of(gemini)
    counted = (await ask(client, task())).reply.usage
    await client.close()
    assert (counted.prompt_tokens, counted.cached_tokens, counted.completion_tokens, counted.calls) == (100, 90, 27, 1)


@pytest.mark.parametrize(("told", "finish"), [("STOP", "stop"), ("MAX_TOKENS", "length"), ("SAFETY", "content_filter")])
async def test_how_an_answer_ends_is_said_in_one_language(gemini: GeminiServer, told: str, finish: str):
    gemini.script({"*": Said("ok", finish=told)})
    client = client_of(gemini)
    assert (await ask(client, task())).reply.finish == finish
    await client.close()


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        (Fault("status", 400, "bad"), ModelRefused, "400 from {url}: the request was refused: bad."),
        (Fault("status", 404, "models/gemini-3-pro is not found"), ModelRefused, "there is no model 'gemini-3-pro'."),
        (Fault("status", 429, "slow down", retry_after="0"), ModelUnavailable, "too many requests: slow down."),
        (Fault("status", 503, "Overloaded"), ModelUnavailable, "503 from {url}: the server failed: Overloaded."),
        (Fault("late_error", 503, "Overloaded"), ModelUnavailable, "503 from {url}: the server failed: Overloaded."),
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
async def test_a_failure_names_its_cause_and_its_place(gemini: GeminiServer, fault: Fault, kind: type[ModelError], says: str):
    gemini.script({"*": fault})
    error = await failure(client_of(gemini))
    assert isinstance(error, kind)
    assert says.format(url=gemini.base_url) in error.sentence
    assert error.remedy


async def test_a_call_that_the_model_garbled_is_a_broken_answer(gemini: GeminiServer):
    gemini.script({"*": Said(finish="MALFORMED_FUNCTION_CALL")})
    error = await failure(client_of(gemini))
    assert isinstance(error, ModelAnswerBroken)


async def test_a_refused_key_is_said_without_the_key(gemini: GeminiServer):
    gemini.keys = {"another"}
    error = await failure(client_of(gemini))
    assert error.sentence == f"401 from {gemini.base_url}: the key of account lab was refused."
    assert error.remedy == "Open the account."


async def test_a_silent_server_is_given_up_and_one_that_is_not_there_is_named(gemini: GeminiServer):
    gemini.script({"*": Fault("stall")})
    error = await failure(client_of(gemini, timeout=0.3))
    assert error.sentence == f"{gemini.base_url} said nothing for 0.3 s."
    gone = GeminiClient(GeminiModel(model="g", account="lab", retries=0), Account("lab", "http://127.0.0.1:9", KEY))
    assert (await failure(gone)).sentence == "Nobody answers at http://127.0.0.1:9."


async def test_a_failure_that_passes_is_tried_again_after_the_time_that_the_server_asks_for(gemini: GeminiServer):
    gemini.reply = lambda seen: Fault("status", 503, "Overloaded", retry_after="0") if len(gemini.asked()) < 3 else "at last"
    client = client_of(gemini, retries=2)
    asked = await ask(client, task())
    await client.close()
    assert asked.reply.text == "at last"
    assert [retry.wait for retry in asked.retries] == [0.0, 0.0]


async def test_cancelling_closes_the_request_within_a_second(gemini: GeminiServer):
    gemini.script({"*": Fault("stall_later")})
    client = client_of(gemini)
    asking = asyncio.create_task(ask(client, task()))
    assert await asyncio.to_thread(gemini.wait_until, lambda server: server.open == 1)
    await asyncio.sleep(0.1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await asyncio.to_thread(gemini.wait_until, lambda server: server.cut_off == 1, 1.0)
    await client.close()


def test_a_missing_library_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError) as missing:
        GeminiModel(account="lab").connect(OneAccount("http://127.0.0.1:9"))
    assert missing.value.remedy == "Install it: pip install 'convene-studio[gemini]'"
