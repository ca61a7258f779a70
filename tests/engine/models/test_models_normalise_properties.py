"""Whatever happened in a conversation, what a server is sent is something that it takes."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from studio.engine.events import YOU, HandedOff, MessageSaid, ToolCall, ToolFinished, ToolsCalled
from studio.engine.models.normalise import Perspective
from studio.engine.models.quirks import Quirks

SOURCES = st.sampled_from([YOU, "ann", "ann", "bob", "Анна", "Project Manager", "x" * 65])
TEXTS = st.sampled_from(["", " ", "hello", "Grüße\n", '{"a": 1}']) | st.text(max_size=20)
IDS = st.sampled_from(["", "a", "b", "call 1", "a_1", "abcdefghi"])
CALLS = st.builds(ToolCall, id=IDS, name=TEXTS, arguments=TEXTS)

EVENTS = st.one_of(
    st.builds(MessageSaid, source=SOURCES, text=TEXTS),
    st.builds(ToolsCalled, source=SOURCES, text=TEXTS, calls=st.lists(CALLS, max_size=3).map(tuple)),
    st.builds(ToolFinished, source=SOURCES, call=IDS, name=TEXTS, output=TEXTS),
    st.builds(HandedOff, source=SOURCES, target=SOURCES, text=TEXTS, call=st.none() | IDS),
)
QUIRKS = st.builds(
    Quirks,
    names=st.sampled_from(["field", "prefix"]),
    system=st.sampled_from(["system", "user"]),
    alternating=st.booleans(),
    user_last=st.booleans(),
    no_empty=st.booleans(),
    short_ids=st.booleans(),
)


@given(thread=st.lists(EVENTS, max_size=14), quirks=QUIRKS, system=st.sampled_from(["", "be kind"]), extra=st.lists(TEXTS, max_size=2))
def test_any_thread_becomes_messages_that_any_server_takes(thread: list[Any], quirks: Quirks, system: str, extra: list[str]):
    perspective = Perspective("ann", quirks)
    perspective.follow(thread)
    messages = perspective.messages(system, extra)
    assert json.loads(b"[" + perspective.encoded(system, extra) + b"]") == messages

    assert messages
    assert [message["role"] for message in messages[1:]].count("system") == 0
    assert (messages[0]["role"] == "system") == (bool(system) and quirks.system == "system")
    assert any(message["role"] == "user" for message in messages) or not quirks.alternating
    check_pairs(messages, short=quirks.short_ids)
    check_names(messages, quirks)
    talk = [message for message in messages if message["role"] != "system"]
    if quirks.alternating:
        assert talk[0]["role"] == "user"
        for before, after in itertools.pairwise(talk):
            assert before["role"] != after["role"] or before["role"] == "tool"
            assert (before["role"], after["role"]) != ("tool", "user")
    if quirks.user_last:
        assert talk[-1]["role"] in ("user", "tool")


@given(thread=st.lists(EVENTS, max_size=14), cut=st.integers(0, 14), quirks=QUIRKS)
def test_following_step_by_step_gives_what_reading_at_once_gives(thread: list[Any], cut: int, quirks: Quirks):
    growing, whole = Perspective("ann", quirks), Perspective("ann", quirks)
    growing.follow(thread[:cut])
    growing.encoded("s", ("and?",))
    growing.follow(thread)
    whole.follow(thread)
    assert growing.encoded("s") == whole.encoded("s")
    assert growing.call_ids == whole.call_ids


def check_pairs(messages: list[dict[str, Any]], short: bool) -> None:
    """Every call is answered, once, right after the message that made it; nothing else is answered."""
    at = 0
    while at < len(messages):
        message = messages[at]
        assert message["role"] != "tool"
        at += 1
        ids = [call["id"] for call in message.get("tool_calls", ())]
        assert len(set(ids)) == len(ids)
        for identifier in ids:
            assert messages[at]["role"] == "tool"
            assert messages[at]["tool_call_id"] == identifier
            assert isinstance(messages[at]["content"], str)
            assert not short or re.fullmatch(r"[a-zA-Z0-9]{9}", identifier)
            at += 1
        for call in message.get("tool_calls", ()):
            assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", call["function"]["name"])
            assert isinstance(json.loads(call["function"]["arguments"]), dict)


def check_names(messages: list[dict[str, Any]], quirks: Quirks) -> None:
    for message in messages:
        if "name" in message:
            assert quirks.names == "field"
            assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", message["name"])
        assert "tool_calls" in message or isinstance(message["content"], str)
