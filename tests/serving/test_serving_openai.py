"""The team as a model for clients of OpenAI's protocol: the official client talks to it over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from itertools import islice
from typing import Any

import openai
import pytest
from served_flows import TOKEN, Served, agent, asking, coding, drawing, endless, pair, practice

from studio.library.shares import Terms

Serve = Callable[..., Served]
MODEL = "the-team"


def client_of(door: Served, token: str = TOKEN) -> openai.OpenAI:
    return openai.OpenAI(base_url=door.url + "/v1", api_key=token, max_retries=0, timeout=20)


def user(*texts: str) -> list[Any]:
    """Messages in turn: the user's, the assistant's, the user's …"""
    return [{"role": ("user", "assistant")[number % 2], "content": text} for number, text in enumerate(texts)]


def test_there_is_one_model_named_after_the_flow(serve: Serve) -> None:
    with client_of(serve(pair())) as client:
        assert [model.id for model in client.models.list()] == [MODEL]
        assert client.models.retrieve(MODEL).owned_by == "convene"
        with pytest.raises(openai.NotFoundError, match="the-team"):
            client.chat.completions.create(model="gpt-5", messages=user("Hello"))


def test_a_wrong_token_is_an_authentication_error(serve: Serve) -> None:
    with client_of(serve(pair()), "wrong") as client, pytest.raises(openai.AuthenticationError):
        client.chat.completions.create(model=MODEL, messages=user("Hello"))


def test_a_completion_is_the_teams_answer_and_what_was_said_on_the_way_stands_aside(serve: Serve) -> None:
    with client_of(serve(pair())) as client:
        told = client.chat.completions.create(model=MODEL, messages=user("Count."))
    choice = told.choices[0]
    assert (choice.message.role, choice.message.content, choice.finish_reason) == ("assistant", "two of bob", "stop")
    assert "ann: one of ann" in choice.message.reasoning_content  # type: ignore[attr-defined]
    assert told.usage is not None
    assert told.usage.total_tokens > 0


def test_a_streamed_completion_says_the_same(serve: Serve) -> None:
    with client_of(serve(pair())) as client:
        stream = client.chat.completions.create(model=MODEL, messages=user("Count."), stream=True, stream_options={"include_usage": True})
        chunks = list(stream)
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == "two of bob"
    asides = "".join(getattr(delta, "reasoning_content", None) or "" for delta in deltas)
    assert asides.split() == ["ann:", "one", "of", "ann", "bob:", "two", "of", "bob"]
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None


def test_one_who_answers_alone_is_heard_word_by_word(serve: Serve) -> None:
    door = serve(endless())
    with client_of(door) as client:
        stream = client.chat.completions.create(model=MODEL, messages=user("Speak."), stream=True)
        with closing(stream):
            contents = islice((chunk.choices[0].delta.content for chunk in stream if chunk.choices[0].delta.content), 3)
            assert set("".join(contents).split()) == {"word"}


def test_what_one_said_word_by_word_is_the_whole_answer(serve: Serve) -> None:
    words = " ".join(str(number) for number in range(30))
    with client_of(serve(drawing(agent("ann"), model=practice({"ann": [words]}, 200), turns=1))) as client:
        assert reply(client, user("Speak."), True) == words


def test_what_a_client_tells_of_the_conversation_before_is_heard(serve: Serve) -> None:
    door = serve(pair())
    with client_of(door) as client:
        client.chat.completions.create(model=MODEL, messages=[{"role": "system", "content": "Be brief."}, *user("One.", "Two.", "Three.")])
    run = door.services.runs.list()[0]
    history = door.services.runs.events(run.id)[0].history  # type: ignore[attr-defined]
    assert [(said.source, said.text) for said in history] == [("you", "Be brief."), ("you", "One."), (MODEL, "Two.")]
    assert run.task == "Three."


def test_a_header_names_a_conversation_that_is_kept_here(serve: Serve) -> None:
    door = serve(pair())
    with client_of(door) as client:
        for task in ("Count.", "Go on."):
            last = client.chat.completions.create(model=MODEL, messages=user(task), extra_headers={"X-Conversation-ID": "mine"})
    assert last.choices[0].message.content == "four"
    first, second = door.services.runs.list()
    assert first.session == second.session


def test_the_header_of_an_answer_can_be_given_back(serve: Serve) -> None:
    door = serve(pair())
    with client_of(door) as client:
        raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=user("Count."))
        session = raw.headers["x-conversation-id"]
        client.chat.completions.create(model=MODEL, messages=user("Go on."), extra_headers={"X-Conversation-ID": session})
    assert {run.session for run in door.services.runs.list()} == {session}


@pytest.mark.parametrize("stream", [False, True])
def test_a_question_is_an_answer_and_the_next_message_of_the_same_chat_answers_it(serve: Serve, stream: bool) -> None:
    door = serve(asking())
    with client_of(door) as client:
        asked = reply(client, user("Begin."), stream)
        assert "What now?" in asked
        assert "What do you say?" in asked
        assert reply(client, user("Begin.", asked.replace("\n", " ") + " ", "Go home."), stream) == "Fine."
    assert len(door.services.runs.list()) == 1
    assert any(getattr(event, "text", "") == "Go home." for event in door.services.runs.events(door.services.runs.list()[0].id))


def test_a_chat_that_is_begun_anew_answers_no_question_of_another(serve: Serve) -> None:
    door = serve(asking())
    with client_of(door) as client:
        reply(client, user("Begin."), False)
        assert "What now?" in reply(client, user("Something else."), False)
    assert [run.status for run in door.services.runs.list()] == ["waiting", "waiting"]


def test_a_question_is_found_again_by_its_user_where_a_client_cuts_the_chat_short(serve: Serve) -> None:
    door = serve(asking())
    with client_of(door) as client:
        first = client.chat.completions.create(model=MODEL, messages=user("Begin."), user="eve")
        asked = str(first.choices[0].message.content)
        messages: list[Any] = [{"role": "assistant", "content": asked}, {"role": "user", "content": "Go home."}]
        second = client.chat.completions.create(model=MODEL, messages=messages, user="eve")
    assert second.choices[0].message.content == "Fine."


def test_users_who_say_the_same_words_answer_their_own_questions(serve: Serve) -> None:
    door = serve(asking())
    with client_of(door) as client:

        def says(name: str, *messages: str) -> str:
            answer = client.chat.completions.create(model=MODEL, messages=user(*messages), user=name)
            return str(answer.choices[0].message.content)

        asked = says("eve", "Begin.")
        assert says("bob", "Begin.") == asked
        assert says("eve", "Begin.", asked, "I am Eve.") == "Fine."
        assert says("bob", "Begin.", asked, "I am Bob.") == "Fine."
    assert len(door.services.runs.list()) == 2


def test_what_the_owner_must_decide_is_said_and_not_answered_by_a_guest(serve: Serve) -> None:
    with client_of(serve(coding())) as client:
        asked = reply(client, user("Compute."), False)
        assert "the owner of the flow" in asked
        with pytest.raises(openai.ConflictError):
            reply(client, user("Compute.", asked, "yes"), False)


def test_what_is_not_possible_is_refused_by_name(serve: Serve) -> None:
    with client_of(serve(pair())) as client:
        wrong: list[dict[str, Any]] = [
            {"n": 2},
            {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]},
            {"response_format": {"type": "json_object"}},
            {"modalities": ["text", "audio"]},
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]}]},
        ]
        for case in wrong:
            with pytest.raises(openai.BadRequestError, match="not possible"):
                client.chat.completions.create(**{"model": MODEL, "messages": user("Hello"), **case})
        with pytest.raises(openai.UnprocessableEntityError):
            client.chat.completions.create(model=MODEL, messages=user("Hello", "Hello."))
        others: list[dict[str, Any]] = [
            {"tools": [{"type": "function", "name": "f", "parameters": {}}]},
            {"background": True},
            {"conversation": "conv_1"},
            {"text": {"format": {"type": "json_schema", "name": "x", "schema": {"type": "object"}}}},
        ]
        for case in others:
            with pytest.raises(openai.BadRequestError, match="not possible"):
                client.responses.create(model=MODEL, input="Hello", **case)
        assert client.responses.create(model=MODEL, input="Hello", text={"format": {"type": "text"}}).output_text == "two of bob"


def test_too_many_at_once_is_a_rate_limit_error(serve: Serve) -> None:
    door = serve(endless(), Terms(at_once=1))
    door.start(wait=0)
    with client_of(door) as client, pytest.raises(openai.RateLimitError):
        reply(client, user("Hello"), False)


def test_a_failure_is_an_error_in_a_stream_too(serve: Serve) -> None:
    from studio.flow.document import Node

    node = Node(id="n_model", kind="openai", name="model", config={"account": "nobody", "model": "m", "retries": 0})
    with client_of(serve(drawing(agent("ann"), model=node, turns=1))) as client:
        with pytest.raises(openai.InternalServerError):
            reply(client, user("Hello"), False)
        with pytest.raises(openai.APIError, match="could not finish"):
            reply(client, user("Hello"), True)
        assert client.responses.create(model=MODEL, input="Hello", stream=True)


@pytest.mark.parametrize("kind", ["completions", "responses"])
def test_a_client_that_goes_away_stops_the_run(serve: Serve, kind: str) -> None:
    door = serve(endless())
    with client_of(door) as client:
        create: Any = client.chat.completions.create if kind == "completions" else client.responses.create
        words = {"messages": user("Hello")} if kind == "completions" else {"input": "Hello"}
        with closing(create(model=MODEL, stream=True, **words)) as stream:
            next(iter(stream))
    assert door.rest(door.begun()) == "stopped"


def test_a_response_is_the_teams_answer(serve: Serve) -> None:
    with client_of(serve(pair())) as client:
        told = client.responses.create(model=MODEL, input="Count.")
        assert (told.status, told.output_text) == ("completed", "two of bob")
        assert [item.type for item in told.output] == ["reasoning", "message"]
        assert client.responses.retrieve(told.id).output_text == "two of bob"
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve("resp_nobodysrun_0")


def test_a_streamed_response_says_the_same_in_numbered_events(serve: Serve) -> None:
    with client_of(serve(pair())) as client, client.responses.stream(model=MODEL, input="Count.") as stream:
        events = list(stream)
        assert stream.get_final_response().output_text == "two of bob"
    assert [event.sequence_number for event in events] == list(range(len(events)))
    kinds = [event.type for event in events]
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == "two of bob"


def test_a_response_goes_on_with_the_one_before_or_answers_its_question(serve: Serve) -> None:
    door = serve(asking())
    with client_of(door) as client:
        asked = client.responses.create(model=MODEL, input="Begin.")
        assert "What now?" in asked.output_text
        done = client.responses.create(model=MODEL, input="Go home.", previous_response_id=asked.id)
        assert done.output_text == "Fine."
        again = client.responses.create(model=MODEL, input="And now?", previous_response_id=done.id)
        assert again.previous_response_id == done.id
    assert len({run.session for run in door.services.runs.list()}) == 1
    assert len(door.services.runs.list()) == 2


def test_a_response_of_messages_and_instructions_hears_them(serve: Serve) -> None:
    door = serve(pair())
    with client_of(door) as client:
        client.responses.create(model=MODEL, instructions="Be brief.", input=user("One.", "Two.", "Three."))
        with pytest.raises(openai.BadRequestError):
            client.responses.create(model=MODEL, input=[{"type": "item_reference", "id": "x"}])
    history = door.services.runs.events(door.services.runs.list()[0].id)[0].history  # type: ignore[attr-defined]
    assert [said.text for said in history] == ["Be brief.", "One.", "Two."]


def heard(door: Served) -> list[tuple[str, str]]:
    """What had been said before the newest run: whose it is, and its words."""
    history = door.services.runs.events(door.services.runs.list()[0].id)[0].history  # type: ignore[attr-defined]
    return [(said.source, said.text) for said in history]


def test_a_conversation_goes_on_from_any_of_its_responses(serve: Serve) -> None:
    door = serve(drawing(agent("ann"), model=practice({"ann": ["one", "two", "three"]}), turns=1))
    with client_of(door) as client:
        first = client.responses.create(model=MODEL, input="A")
        client.responses.create(model=MODEL, input="B", previous_response_id=first.id)
        assert heard(door) == [("you", "A"), ("ann", "one")]
        other = client.responses.create(model=MODEL, input="C", previous_response_id=first.id)
        assert heard(door) == [("you", "A"), ("ann", "one")]
        client.responses.create(model=MODEL, input="D", previous_response_id=other.id)
        assert heard(door) == [("you", "A"), ("ann", "one"), ("you", "C"), ("ann", "two")]


def test_what_comes_with_the_last_message_of_a_conversation_is_heard_too(serve: Serve) -> None:
    door = serve(drawing(agent("ann"), model=practice({"ann": ["one", "two", "three"]}), turns=1))
    with client_of(door) as client:
        response = client.responses.create(model=MODEL, input="A", instructions="Be brief.")
        for _ in range(2):
            more: Any = [{"role": "user", "content": "B"}, {"role": "user", "content": "C"}]
            response = client.responses.create(model=MODEL, input=more, instructions="Be brief.", previous_response_id=response.id)
    assert [text for _, text in heard(door)] == ["Be brief.", "A", "one", "B", "C", "two", "B"]


def test_a_question_is_answered_once_and_its_response_stays_what_it_was(serve: Serve) -> None:
    door = serve(asking())
    with client_of(door) as client:
        asked = client.responses.create(model=MODEL, input="Begin.")
        done = client.responses.create(model=MODEL, input="Go home.", previous_response_id=asked.id)
        again = client.responses.retrieve(asked.id)
        assert (again.output_text, again.usage) == (asked.output_text, asked.usage)
        assert client.responses.retrieve(done.id).output_text == "Fine."
        with pytest.raises(openai.ConflictError, match="answered already"):
            client.responses.create(model=MODEL, input="Stay.", previous_response_id=asked.id)
    assert asked.usage is not None
    assert done.usage is not None
    whole = door.fetch(door.services.runs.list()[0].id)["usage"]["total_tokens"]
    assert asked.usage.total_tokens + done.usage.total_tokens == whole


def test_the_one_who_answers_alone_knows_its_own_words_again(serve: Serve) -> None:
    door = serve(drawing(agent("ann"), model=practice({"ann": ["one", "two"]}), turns=1))
    parts: Any = [{"type": "text", "text": "C"}, {"type": "text", "text": "D"}]
    with client_of(door) as client:
        client.chat.completions.create(model=MODEL, messages=[*user("A", "B"), {"role": "user", "content": parts}])
    assert heard(door) == [("you", "A"), ("ann", "B")]
    assert door.services.runs.list()[0].task == "C\nD"


def test_an_answer_that_a_limit_cut_off_says_so(serve: Serve) -> None:
    with client_of(serve(endless(), Terms(seconds=0.3))) as client:
        whole = client.chat.completions.create(model=MODEL, messages=user("Speak.")).choices[0]
        assert (whole.message.content, whole.finish_reason) == ("0.3 seconds are over", "length")
        chunks = [chunk.choices[0] for chunk in client.chat.completions.create(model=MODEL, messages=user("Speak."), stream=True)]
        assert "".join(chunk.delta.content or "" for chunk in chunks).endswith("0.3 seconds are over")
        assert chunks[-1].finish_reason == "length"
        response = client.responses.create(model=MODEL, input="Speak.")
        assert (response.status, response.output_text) == ("incomplete", "0.3 seconds are over")
        assert list(client.responses.create(model=MODEL, input="Speak.", stream=True))[-1].type == "response.incomplete"


def reply(client: openai.OpenAI, messages: list[Any], stream: bool) -> str:
    if not stream:
        return str(client.chat.completions.create(model=MODEL, messages=messages).choices[0].message.content)
    chunks = client.chat.completions.create(model=MODEL, messages=messages, stream=True)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
