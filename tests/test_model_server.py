"""The scripted model server itself: who gets which reply, and that its protocol is what the SDK understands."""

from __future__ import annotations

from typing import Any

from model_server import Call, InTurn, ModelServer, Said
from openai import AsyncOpenAI


def ask(server: ModelServer, system: str, *messages: dict[str, Any], **more: Any) -> Any:
    client = AsyncOpenAI(api_key="k", base_url=server.base_url, max_retries=0)
    return client.chat.completions.create(model="m", messages=[{"role": "system", "content": system}, *messages], **more)


async def test_the_longest_key_in_the_system_message_wins(model_server: ModelServer):
    model_server.script({"coder": ["short"], "You are the coder": ["long"], "*": ["anybody"]})
    assert (await ask(model_server, "You are the coder.")).choices[0].message.content == "long"
    assert (await ask(model_server, "Ask the coder.")).choices[0].message.content == "short"
    assert (await ask(model_server, "A cook.")).choices[0].message.content == "anybody"


async def test_the_number_of_assistant_messages_picks_the_reply_so_that_a_replay_is_equal(model_server: ModelServer):
    model_server.script({"*": ["one", "two"]})
    mine = {"role": "assistant", "content": "x"}
    for _ in range(2):
        assert (await ask(model_server, "s")).choices[0].message.content == "one"
        assert (await ask(model_server, "s", mine)).choices[0].message.content == "two"
        assert (await ask(model_server, "s", mine, mine)).choices[0].message.content == "one"


async def test_replies_in_turn_count_requests(model_server: ModelServer):
    model_server.script({"choose": InTurn("a", "b")})
    assert [(await ask(model_server, "choose")).choices[0].message.content for _ in range(3)] == ["a", "b", "b"]


async def test_a_stream_says_the_same_as_a_whole_answer(model_server: ModelServer):
    model_server.script({"*": [Said("one  two\nthree ", calls=(Call("f", {"x": 1}), Call("g")))]})
    text, arguments, usage = "", ["", ""], None
    async for chunk in await ask(model_server, "s", stream=True, stream_options={"include_usage": True}):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            for call in choice.delta.tool_calls or []:
                arguments[call.index] += call.function.arguments
    whole = (await ask(model_server, "s")).choices[0]
    assert text == whole.message.content == "one  two\nthree "
    assert arguments == [call.function.arguments for call in whole.message.tool_calls] == ['{"x": 1}', "{}"]
    assert usage is not None
    assert usage.completion_tokens > 0


async def test_a_template_script_can_be_played_as_it_stands(model_server: ModelServer):
    model_server.script({"*": [[{"tool": "f", "arguments": {"x": 1}}, {"tool": "f", "arguments": {"x": 2}}]]})
    message = (await ask(model_server, "s")).choices[0].message
    assert [call.function.arguments for call in message.tool_calls] == ['{"x": 1}', '{"x": 2}']
