"""The practice model: what it plays, what it refuses to be given, and that it says that it is only practice."""

from __future__ import annotations

import time
from typing import Any, get_args

import pytest
from asking import OneAccount, ask, task, texts
from patience import within
from pydantic import ValidationError

from studio.engine.events import YOU, MessageSaid
from studio.engine.models.base import ModelRequest
from studio.engine.models.practice import PracticeModel
from studio.engine.models.recorded import FOLDER, Recording


def client_of(*, pace: float = 0, **script: Any) -> Any:
    return PracticeModel(script=script, words_per_second=pace).connect(OneAccount(None))


async def test_a_reply_says_that_it_is_practice_and_costs_nothing():
    reply = (await ask(client_of(ann=("Hello.",)), task())).reply
    assert reply.practice
    assert reply.model == "practice"
    assert reply.usage.cost == 0.0


async def test_the_number_of_earlier_calls_picks_the_reply():
    client = client_of(ann=("one", "two", "three"))
    said = [(await ask(client, task(earlier_calls=number))).reply.text for number in (0, 1, 2, 3, 7)]
    assert said == ["one", "two", "three", "one", "two"]


async def test_a_recording_is_played_where_there_is_no_script():
    recorded_ones = PracticeModel(recording="debate", words_per_second=0)
    assert (await ask(recorded_ones.connect(OneAccount(None)), task(agent="judge"))).reply.text.startswith("A clear first round.")
    own = PracticeModel(recording="debate", script={"judge": ("Mine.",)}, words_per_second=0)
    assert (await ask(own.connect(OneAccount(None)), task(agent="judge"))).reply.text == "Mine."


def test_every_recording_has_its_name_and_can_be_played():
    names = {name for name in get_args(Recording) if name}
    assert names == {path.stem for path in FOLDER.glob("*.json")}
    assert all(PracticeModel(script=dict(PracticeModel(recording=name).replies)).replies for name in names)


@pytest.mark.parametrize("name", ["nothing", "../practice", "/etc/passwd"])
def test_a_recording_that_there_is_not_is_refused(name: str):
    with pytest.raises(ValidationError):
        PracticeModel(recording=name)


async def test_words_come_at_the_pace_that_was_asked_for():
    began = time.monotonic()
    asked = await ask(client_of(pace=50, ann=("w " * 20,)), task())
    assert 0.35 < time.monotonic() - began < within(1.5)
    assert len(asked.deltas) >= 20


async def test_a_text_and_reasoning_may_come_with_a_call():
    client = client_of(ann=({"text": "Let me see.", "reasoning": "hm", "tool": "look", "arguments": {"at": "ä"}},))
    asked = await ask(client, task())
    assert asked.reply.text == texts(asked.deltas) == "Let me see."
    assert asked.reply.reasoning == texts(asked.deltas, "reasoning") == "hm"
    assert [(call.id, call.name, call.arguments) for call in asked.reply.calls] == [("call_ann_0_0", "look", '{"at": "ä"}')]


async def test_without_a_script_it_says_so_and_names_who_spoke_last():
    thread = (MessageSaid(source=YOU, role="task", text="go"), MessageSaid(source="bob", text="word " * 100))
    reply = (await ask(client_of(), ModelRequest(agent="ann", thread=thread))).reply
    assert reply.text.startswith("(Practice) ann has no script. A model would answer bob here, who said: word word")
    assert len(reply.text) < 200
    assert reply.practice
    assert (await ask(client_of(), ModelRequest(agent="ann"))).reply.text.startswith("(Practice) ann has no script.")


async def test_an_agent_without_a_script_quotes_nobody_who_had_none_either() -> None:
    first = (await ask(client_of(), ModelRequest(agent="bob"))).reply.text
    reply = (await ask(client_of(), ModelRequest(agent="ann", thread=(MessageSaid(source="bob", text=first),)))).reply
    assert reply.text == "(Practice) ann has no script. A model would answer bob here."


async def test_without_a_script_everybody_is_chosen_in_turn():
    client = client_of()
    chosen = [
        (await ask(client, task(agent="team", choices=("a", "b"), purpose="selection", earlier_calls=n))).reply.text for n in range(3)
    ]
    assert chosen == ["a", "b", "a"]


async def test_a_scripted_choice_is_played():
    client = client_of(team=("bob",))
    assert (await ask(client, task(agent="team", choices=("a", "bob"), purpose="selection"))).reply.text == "bob"


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (3, "a reply is a text, a tool call or a list of tool calls"),
        ([], "an empty list says nothing"),
        (["text"], "a list holds tool calls only"),
        ({}, "neither a text nor a tool"),
        ({"say": "hi"}, "there is no 'say' in a reply"),
        ({"tool": ""}, "its tool has no name"),
        ({"tool": "f", "arguments": [1]}, "its arguments must be an object"),
        ({"text": 1}, "its text must be a text"),
    ],
)
def test_what_cannot_be_played_is_refused_with_its_place(reply: Any, why: str):
    with pytest.raises(ValidationError) as caught:
        PracticeModel(script={"ann": ("fine", reply)})
    assert "reply 2 of ann" in str(caught.value)
    assert why in str(caught.value)


async def test_measuring_a_long_conversation_costs_only_what_is_new():
    client = client_of(ann=("ok",))
    thread = [MessageSaid(source="bob", text="x" * 400)]
    first = (await ask(client, ModelRequest(agent="ann", thread=thread))).reply.usage
    thread.append(MessageSaid(source="bob", text="x" * 400))
    second = (await ask(client, ModelRequest(agent="ann", thread=thread))).reply.usage
    fresh = (await ask(client_of(ann=("ok",)), ModelRequest(agent="ann", thread=thread))).reply.usage
    assert (first.prompt_tokens, second.prompt_tokens) == (100, 200)
    assert fresh == second
