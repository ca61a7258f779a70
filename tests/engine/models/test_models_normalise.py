"""The table by which a thread becomes messages, row by row."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from studio.engine.events import YOU, Attachment, HandedOff, MessageSaid, ToolCall, ToolFinished, ToolsCalled
from studio.engine.models.normalise import BEGIN, GO_ON, NO_OUTPUT, NO_RESULT, NO_TEXT, SEEN, Perspective
from studio.engine.models.quirks import Quirks

GO = MessageSaid(source=YOU, role="task", text="go")
HI = MessageSaid(source="bob", text="hi")
MINE = MessageSaid(source="ann", text="hello")


def called(*ids: str, text: str = "", source: str = "ann", name: str = "add", arguments: str = "{}") -> ToolsCalled:
    return ToolsCalled(source=source, calls=tuple(ToolCall(id=each, name=name, arguments=arguments) for each in ids), text=text)


def result(call: str, output: str = "3", source: str = "ann") -> ToolFinished:
    return ToolFinished(source=source, call=call, name="add", output=output)


def wire(*ids: str, text: str | None = None, name: str = "add", arguments: str = "{}") -> dict[str, Any]:
    calls = [{"id": each, "type": "function", "function": {"name": name, "arguments": arguments}} for each in ids]
    return {"role": "assistant", "content": text, "tool_calls": calls}


def tool(call: str, content: str = "3") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call, "content": content}


def user(content: str, **more: str) -> dict[str, Any]:
    return {"role": "user", **more, "content": content}


def mine(content: str) -> dict[str, Any]:
    return {"role": "assistant", "content": content}


def seen(thread: list[Any], system: str = "", extra: tuple[str, ...] = (), **quirks: Any) -> list[dict[str, Any]]:
    perspective = Perspective("ann", Quirks(**quirks))
    perspective.follow(thread)
    messages = perspective.messages(system, extra)
    assert json.loads(b"[" + perspective.encoded(system, extra) + b"]") == messages
    return messages


TABLE: list[tuple[str, list[Any], list[dict[str, Any]]]] = [
    ("the task has no name", [GO], [user("go")]),
    ("another's message has its name", [HI], [user("hi", name="bob")]),
    ("my message is the assistant's", [GO, MINE], [user("go"), mine("hello")]),
    ("a name that a field cannot hold is written before the text", [MessageSaid(source="Ann B", text="hi")], [user("Ann B: hi")]),
    ("so is one in another script", [MessageSaid(source="Анна", text="hi")], [user("Анна: hi")]),
    ("and one that is too long", [MessageSaid(source="b" * 65, text="hi")], [user("b" * 65 + ": hi")]),
    ("a person is somebody like the others", [MessageSaid(source="user", role="human", text="no")], [user("no", name="user")]),
    ("what code printed is heard from its runner", [MessageSaid(source="box", role="code", text="1")], [user("1", name="box")]),
    ("my call and its result stay together", [GO, called("c"), result("c")], [user("go"), wire("c"), tool("c")]),
    ("what I said with a call is kept", [called("c", text="wait"), result("c")], [wire("c", text="wait"), tool("c")]),
    (
        "results stand in the order of the calls",
        [called("c", "d"), result("d", "2"), result("c", "1")],
        [wire("c", "d"), tool("c", "1"), tool("d", "2")],
    ),
    ("a call without a result says so", [called("c", "d"), result("d")], [wire("c", "d"), tool("c", NO_RESULT), tool("d")]),
    ("also when the talk went on", [called("c"), HI], [wire("c"), tool("c", NO_RESULT), user("hi", name="bob")]),
    ("a late result still goes to its call", [called("c"), HI, result("c")], [wire("c"), tool("c"), user("hi", name="bob")]),
    ("a result without a call is dropped", [GO, result("c")], [user("go")]),
    ("a second result is dropped", [called("c"), result("c", "1"), result("c", "2")], [wire("c"), tool("c", "1")]),
    (
        "an id that comes back belongs to the newest call",
        [called("c"), result("c", "1"), called("c"), result("c", "2")],
        [wire("c"), tool("c", "1"), wire("c"), tool("c", "2")],
    ),
    ("a result without a text says so", [called("c"), result("c", "")], [wire("c"), tool("c", NO_OUTPUT)]),
    (
        "the same id twice in one message is told apart",
        [called("c", "c"), result("c", "1")],
        [wire("c", "c_1"), tool("c", "1"), tool("c_1", NO_RESULT)],
    ),
    ("others' calls and results are left out", [GO, called("c", source="bob"), result("c", source="bob")], [user("go")]),
    ("another's result never answers my call", [called("c"), result("c", source="bob")], [wire("c"), tool("c", NO_RESULT)]),
    ("calls without a call are what was said", [called(text="well")], [mine("well")]),
    ("a name that no tool can have is made one", [called("c", name="do it!"), result("c")], [wire("c", name="do_it_"), tool("c")]),
    (
        "arguments that no server can parse are shown as a text",
        [called("c", arguments='{"a": 1,'), result("c")],
        [wire("c", arguments='{"malformed": "{\\"a\\": 1,"}'), tool("c")],
    ),
    (
        "my handing over is the call that it was",
        [HandedOff(source="ann", target="Bob B", text="bye", call="h")],
        [wire("h", text="bye", name="transfer_to_bob_b"), tool("h", "Handed over to Bob B.")],
    ),
    ("or what I said, when it was none", [GO, HandedOff(source="ann", target="bob")], [user("go"), mine("I hand over to bob.")]),
    ("another's handing over is heard", [HandedOff(source="bob", target="ann", text="yours", call="h")], [user("yours", name="bob")]),
    ("nothing at all still asks for something", [], [user(BEGIN)]),
]


@pytest.mark.parametrize(("thread", "messages"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_row_of_the_table(thread: list[Any], messages: list[dict[str, Any]]):
    first = [] if not messages or messages[0]["role"] == "user" else [GO]
    assert seen([*first, *thread]) == [*([user("go")] if first else []), *messages]


def test_the_system_message_comes_first_and_the_extra_texts_last():
    assert seen([GO, MINE], "be kind", ("one", "two")) == [
        {"role": "system", "content": "be kind"},
        user("go"),
        mine("hello"),
        user("one"),
        user("two"),
    ]


ALTERNATING = {"names": "prefix", "alternating": True, "user_last": True}


@pytest.mark.parametrize(
    ("what", "quirks", "thread", "messages"),
    [
        ("no name field: the name stands before the text", {"names": "prefix"}, [GO, HI], [user("go"), user("bob: hi")]),
        ("neighbours are merged", ALTERNATING, [GO, HI, HI], [user("go\n\nbob: hi\n\nbob: hi")]),
        ("mine too", ALTERNATING, [GO, MINE, MINE, HI], [user("go"), mine("hello\n\nhello"), user("bob: hi")]),
        (
            "what I said goes into my call",
            ALTERNATING,
            [GO, MINE, called("c"), result("c")],
            [user("go"), wire("c", text="hello"), tool("c")],
        ),
        (
            "the user never follows a tool",
            ALTERNATING,
            [GO, called("c"), result("c"), HI],
            [user("go"), wire("c"), tool("c"), mine(SEEN), user("bob: hi")],
        ),
        ("the user begins", ALTERNATING, [MINE, HI], [user(BEGIN), mine("hello"), user("bob: hi")]),
        ("the user ends", {"user_last": True}, [GO, MINE], [user("go"), mine("hello"), user(GO_ON)]),
        ("nobody says nothing", {"no_empty": True}, [GO, MessageSaid(source="ann", text=" ")], [user("go"), mine(NO_TEXT)]),
        (
            "ids as Mistral wants them",
            {"short_ids": True},
            [GO, called("abcdefgh9"), result("abcdefgh9")],
            [user("go"), wire("abcdefgh9"), tool("abcdefgh9")],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_quirk(what: str, quirks: dict[str, Any], thread: list[Any], messages: list[dict[str, Any]]):
    assert seen(thread, **quirks) == messages


def test_long_ids_become_nine_letters_or_digits_on_both_sides():
    _, call, answer = seen([GO, called("call_very_long"), result("call_very_long")], short_ids=True)
    identifier = call["tool_calls"][0]["id"]
    assert identifier == answer["tool_call_id"]
    assert len(identifier) == 9
    assert identifier.isalnum()


def test_without_a_role_for_it_the_system_message_opens_the_first_user_message():
    perspective = Perspective("ann", Quirks(system="user"))
    perspective.follow([GO])
    assert perspective.messages("be kind") == [user("be kind\n\ngo")]
    perspective.follow([MINE])
    assert perspective.messages("be kind") == [user("be kind"), mine("hello")]


def test_extra_texts_join_the_last_user_message_and_leave_the_conversation_as_it_is():
    perspective = Perspective("ann", Quirks(**ALTERNATING))
    perspective.follow([GO, HI])
    assert perspective.messages("", ("who?",)) == [user("go\n\nbob: hi\n\nwho?")]
    assert perspective.messages() == [user("go\n\nbob: hi")]


def pictured(call: str, letter: str) -> ToolFinished:
    return result(call, f"seen {call}").model_copy(
        update={"attachments": (Attachment(name="page.jpg", media_type="image/jpeg", data=letter * 4),)}
    )


def picture(letter: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{letter * 4}"}}


WITH = "[The picture that came with the result of add]"


def test_pictures_of_results_follow_them_and_only_the_newest_are_sent():
    thread = [GO]
    for number, letter in enumerate("ABC"):
        thread += [called(f"c{number}"), pictured(f"c{number}", letter)]
    shown = [{"role": "user", "content": [{"type": "text", "text": WITH}, picture(letter)]} for letter in "BC"]
    first = user(f"{WITH}\n\n(no longer shown)")
    results = [[wire(f"c{number}"), tool(f"c{number}", f"seen c{number}")] for number in range(3)]
    assert seen(thread) == [user("go"), *results[0], first, *results[1], shown[0], *results[2], shown[1]]
    perspective = Perspective("ann")
    for length in range(1, len(thread) + 1):
        perspective.follow(thread[:length])
        perspective.encoded()
    assert perspective.messages() == seen(thread)
    assert perspective.attached == 8


def test_pictures_of_parallel_results_come_after_all_results():
    thread = [GO, called("c", "d"), pictured("d", "A"), result("c", "1")]
    assert seen(thread)[1:4] == [wire("c", "d"), tool("c", "1"), tool("d", "seen d")]
    assert seen(thread)[4]["content"][1] == picture("A")
    taking_turns = seen([*thread, HI], **ALTERNATING)
    assert [each["role"] for each in taking_turns] == ["user", "assistant", "tool", "tool", "assistant", "user"]
    assert picture("A") in taking_turns[-1]["content"]


def test_a_model_without_eyes_is_told_nothing_of_pictures_and_the_person_is_told_once():
    perspective = Perspective("ann", Quirks(images=False))
    perspective.follow([GO, called("c"), pictured("c", "A"), called("d"), pictured("d", "B")])
    assert [each["role"] for each in perspective.messages()] == ["user", "assistant", "tool", "assistant", "tool"]
    assert set(perspective.left_out) == {"The image page.jpg is left out: the model takes no images."}


def test_a_growing_thread_is_followed_and_a_changed_one_is_read_again():
    perspective = Perspective("ann", Quirks(**ALTERNATING))
    thread: list[Any] = []
    for event in [GO, HI, called("c", "d"), result("d"), HI, result("c"), MINE, MINE, HI]:
        thread.append(event)
        perspective.follow(thread)
        assert perspective.messages("s") == seen(thread, "s", **ALTERNATING)
    for other in ([GO], [HI, GO], thread[2:], thread[:-1], []):
        perspective.follow(other)
        assert perspective.messages("s") == seen(other, "s", **ALTERNATING)


def test_half_a_surrogate_pair_is_sent_as_something_that_servers_take():
    perspective = Perspective("ann")
    perspective.follow([MessageSaid.model_construct(source="bob", text="broken \ud83d here", type="message")])
    assert json.loads(b"[" + perspective.encoded() + b"]") == [user("broken ? here", name="bob")]


def test_a_turn_costs_what_is_new_not_what_was_said():
    def seconds_per_turn(turns: int) -> float:
        perspective = Perspective("ann")
        thread: list[Any] = [MessageSaid(source="bob", text="some words " * 20) for _ in range(turns)]
        perspective.follow(thread)
        perspective.encoded()
        best = 1.0
        for _ in range(30):
            thread.append(MessageSaid(source="bob", text="some words " * 20))
            began = time.perf_counter()
            perspective.follow(thread)
            perspective.encoded("s")
            best = min(best, time.perf_counter() - began)
        return best

    fresh = Perspective("ann")
    thread = [MessageSaid(source="bob", text="some words " * 20) for _ in range(2_000)]
    began = time.perf_counter()
    fresh.follow(thread)
    fresh.encoded("s")
    assert seconds_per_turn(2_000) < (time.perf_counter() - began) / 4
