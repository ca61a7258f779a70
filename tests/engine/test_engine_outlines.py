"""What a model answers as the outline of a team: read without belief, asked for again, given up in a sentence."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_server import Fault, InTurn, ModelServer, Said
from outlines import agent, arrow, outline, written

from studio.engine.agents.agent import Agent
from studio.engine.agents.assistant import Assistant
from studio.engine.errors import ModelRefused
from studio.engine.models.base import Account
from studio.engine.models.openai_client import OpenAIClient
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.outlines import asking
from studio.engine.outlines.asking import (
    Again,
    Answered,
    NoOutline,
    Outlined,
    OutlineDeclined,
    OutlineEndless,
    Progress,
    Writing,
    ask_for_outline,
    names_in,
)
from studio.engine.outlines.outline import FORM, MOST_AGENTS, Outline
from studio.engine.outlines.reading import Reading, good_name, read_outline

# Reading ----------------------------------------------------------------------------------------------------------------


def read(data: Any, most: int = MOST_AGENTS) -> Outline:
    reading = read_outline(data, most)
    assert reading.outline is not None, reading
    return reading.outline


def test_a_good_outline_is_read_as_it_was_written() -> None:
    members = (agent("planner", tools=["web_search"]), agent("runner", "code_runner"), agent("boss", "human"))
    arrows = [arrow("planner", "runner"), arrow("runner", "boss", "DONE")]
    reading = read_outline(outline(*members, speaking="graph", arrows=arrows, ends="planner"))
    assert (reading.mistakes, reading.changes) == ((), ())
    found = reading.outline
    assert found is not None
    assert [each.role for each in found.agents] == ["assistant", "code_runner", "human"]
    assert found.agents[0].tools == ("web_search",)
    assert [(each.source, each.target, each.when) for each in found.arrows] == [("planner", "runner", ""), ("runner", "boss", "DONE")]
    assert (found.stop_word, found.ends, found.turns, len(found.tasks)) == ("APPROVED", "planner", 12, 2)
    assert found.runs_code


def test_the_form_is_a_schema_that_servers_can_be_held_to() -> None:
    jsonschema.Draft202012Validator.check_schema(FORM)
    jsonschema.validate(outline(), FORM)
    assert json.dumps(FORM).count('"additionalProperties": false') == 3


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("Dr. Smith!!", "Dr_Smith"),
        ("../../etc/passwd", "etc_passwd"),
        ("<script>alert(1)</script>", "script_alert_1_script"),
        ("编辑 一", "编辑_一"),
        ("", "agent"),
        ("…", "agent"),
        ("you", "you_2"),
        ("x" * 500, "x" * 40),
        ("a\u202eb\x00c", "a_b_c"),
    ],
)
def test_a_strange_name_becomes_one_that_a_team_accepts(name: str, good: str) -> None:
    assert good_name(name) == good
    Assistant(name=good)


def test_two_of_one_name_are_told_apart_and_what_was_changed_is_said() -> None:
    reading = read_outline(outline(agent("Writer"), agent("writer"), agent("the critic"), ends="the critic"))
    assert reading.outline is not None
    assert [each.name for each in reading.outline.agents] == ["Writer", "writer_2", "the_critic"]
    assert reading.outline.ends == "the_critic"
    assert "“the critic” is called the_critic here." in reading.changes


def test_fifty_agents_are_a_mistake_and_otherwise_the_first_ones() -> None:
    reading = read_outline(outline(*(agent(f"a{number}") for number in range(50))), 6)
    assert reading.mistakes == ("There are 50 agents; at most 6 are wanted.",)
    assert reading.outline is not None
    assert len(reading.outline.agents) == 6


def test_only_tools_that_can_do_no_harm_are_given() -> None:
    reading = read_outline(outline(agent("ann", tools=["files", "shell", "python", "files", 7, "../x"])))
    assert reading.outline is not None
    assert reading.outline.agents[0].tools == ("files",)
    assert "ann was to use ../x, python, shell" in reading.changes[0]


def test_what_is_no_team_is_said_so_that_a_model_can_repair_it() -> None:
    assert read_outline(None) == Reading(None, ("There is no JSON in the answer.",))
    assert "one JSON object" in read_outline([1]).mistakes[0]
    assert "“agents” must be a list" in read_outline({"agents": {}}).mistakes[0]
    assert "At least one agent" in read_outline(outline(agent("ann", "human"))).mistakes[-1]
    assert "Agent 1 must be an object." in read_outline(outline() | {"agents": ["ann", agent("bob")]}).mistakes
    assert "must be one of: round_robin" in read_outline(outline(speaking="swarm")).mistakes[0]
    assert "The role of ann must be one of" in read_outline(outline(agent("ann", "wizard"))).mistakes[0]
    assert "Assistants need a system message: ann." in read_outline(outline(agent("ann", system_message=""))).mistakes
    assert "A graph needs arrows" in read_outline(outline(speaking="graph")).mistakes[0]


def test_other_words_for_a_role_are_understood() -> None:
    members = [agent("a", "User Proxy"), agent("b", "code-executor"), agent("c")]
    assert [each.role for each in read(outline(*members)).agents] == ["human", "code_runner", "assistant"]


def test_arrows_to_nobody_to_oneself_and_twice_are_left_out() -> None:
    arrows: list[Any] = [arrow("Writer", "critic"), arrow("writer", "critic"), arrow("critic", "nobody"), arrow("critic", "critic"), 3, {}]
    reading = read_outline(outline(speaking="model_choice", arrows=arrows))
    assert reading.outline is not None
    assert [(each.source, each.target) for each in reading.outline.arrows] == [("writer", "critic")]
    assert "Arrows that lead nowhere were left out: 4." in reading.changes


def test_texts_are_bounded_and_without_control_characters() -> None:
    huge = "x" * 100_000 + "\x00\ud800"
    found = read(outline(agent("ann", system_message=huge, description=huge), name=huge, tasks=[huge] * 50, stop_word=huge, turns=10**9))
    assert len(found.agents[0].system_message) == 8_000
    assert len(found.name) == 80
    assert len(found.tasks) == 1
    assert found.turns == 100
    assert read(outline(turns="many")).turns == 20
    assert read(outline(agent("ann", system_message="a\x00b\ud800c\u202ed\n\te"))).agents[0].system_message == "abcd\n\te"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*outline(), *agent("x"), *arrow("a", "b")]), inner, max_size=6)
    ),
    max_leaves=20,
)
strange_agents = st.fixed_dictionaries(
    {
        "name": anything | st.sampled_from(["a", "b", "../x", "<b>"]),
        "role": anything | st.sampled_from(["assistant", "human", "code_runner"]),
    },
    optional={
        "system_message": anything,
        "description": anything,
        "tools": anything | st.lists(st.sampled_from(["files", "web_search", "shell"])),
    },
)
strange_outlines = anything | st.builds(
    lambda agents, rest: {**rest, "agents": agents},
    st.lists(strange_agents, max_size=8),
    st.dictionaries(st.sampled_from([*outline()]), anything),
)


@settings(max_examples=80, deadline=None)
@given(strange_outlines, st.integers(-3, 40))
def test_whatever_is_answered_gives_a_bounded_team_or_mistakes(data: Any, most: int) -> None:
    reading = read_outline(data, most)
    found = reading.outline
    if found is None:
        assert reading.mistakes
        return
    names = [each.name for each in found.agents]
    assert 1 <= len(names) <= MOST_AGENTS
    assert len({name.casefold() for name in names}) == len(names)
    assert all(isinstance(Assistant(name=name), Agent) for name in names)
    assert {end for each in found.arrows for end in (each.source, each.target)} <= set(names)
    assert found.ends in {each.name for each in found.assistants}
    assert found.stop_word.strip()
    repr(found).encode()


# Asking -----------------------------------------------------------------------------------------------------------------


async def asked(server: ModelServer, answers: list[Answered] | None = None, most: int = 6, **model: Any) -> list[Progress]:
    client = OpenAIClient(OpenAIModel(model="test-model", retries=0, **model), Account("test", server.base_url, "sk-test"))
    try:
        return [piece async for piece in ask_for_outline(client, "A team that writes", [] if answers is None else answers, most)]
    finally:
        await client.close()


async def test_an_answer_becomes_an_outline_and_its_names_are_seen_while_it_is_written(model_server: ModelServer) -> None:
    model_server.script({"*": written(outline())})
    answers: list[Answered] = []
    pieces = await asked(model_server, answers)
    assert isinstance(pieces[-1], Outlined)
    assert [each.name for each in pieces[-1].outline.agents] == ["writer", "critic"]
    assert max((piece.names for piece in pieces if isinstance(piece, Writing)), key=len) == ("writer", "critic")
    (answer,) = answers
    assert answer.whole
    assert answer.usage.calls == 1
    assert answer.usage.completion_tokens > 0
    (seen,) = model_server.asked()
    assert seen.body["response_format"]["json_schema"]["strict"] is True
    assert "at most 6 agents" in seen.system


@pytest.mark.parametrize(
    "around",
    [
        "```json\n{}\n```",
        "Here is the team [1], as you wished:\n\n{}\n\nHave fun!",
        '<think>{{"x": 1}}</think>{}',
        'Some say [1, 2, 3] and {{"a": "b"}}: {}',
    ],
)
async def test_words_and_fences_around_the_json_are_passed_over(model_server: ModelServer, around: str) -> None:
    model_server.script({"*": around.format(written(outline()))})
    pieces = await asked(model_server)
    assert isinstance(pieces[-1], Outlined)
    assert not any(isinstance(piece, Again) for piece in pieces)


async def test_an_answer_that_is_none_is_repaired_with_what_was_wrong(model_server: ModelServer) -> None:
    model_server.script({"*": InTurn("I would take two agents.", written(outline(speaking="swarm")), written(outline()))})
    answers: list[Answered] = []
    pieces = await asked(model_server, answers)
    assert next(piece.why for piece in pieces if isinstance(piece, Again)) == "There is no JSON in the answer."
    assert isinstance(pieces[-1], Outlined)
    assert len(answers) == 3
    last = model_server.asked()[-1].messages
    assert [message["role"] for message in last] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert "There is no JSON in the answer." in str(last[3])
    assert "“speaking” must be one of" in str(last[5])


async def test_three_answers_that_are_none_end_in_a_sentence(model_server: ModelServer) -> None:
    model_server.script({"*": "I do not know what you mean."})
    answers: list[Answered] = []
    with pytest.raises(NoOutline) as failed:
        await asked(model_server, answers)
    assert "answered 3 times" in failed.value.sentence
    assert "There is no JSON" in failed.value.sentence
    assert failed.value.remedy
    assert len(answers) == 3


async def test_too_many_agents_are_asked_for_again_and_cut_at_the_end(model_server: ModelServer) -> None:
    model_server.script({"*": written(outline(*(agent(f"a{number}") for number in range(50))))})
    pieces = await asked(model_server, most=4)
    assert isinstance(pieces[-1], Outlined)
    assert len(pieces[-1].outline.agents) == 4
    assert pieces[-1].changes == ("50 agents were outlined; the first 4 are here.",)
    assert len(model_server.asked()) == 3


async def test_an_answer_without_end_is_broken_off_and_what_it_cost_is_reckoned(
    model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "LONGEST_ANSWER", 2_000)
    model_server.script({"*": "word " * 5_000})
    answers: list[Answered] = []
    with pytest.raises(OutlineEndless):
        await asked(model_server, answers)
    (answer,) = answers
    assert not answer.whole
    assert answer.usage.estimated
    assert answer.usage.completion_tokens >= 500


async def test_a_model_that_declines_is_not_asked_again(model_server: ModelServer) -> None:
    model_server.script({"*": Said("I cannot help with that.", finish="content_filter")})
    with pytest.raises((OutlineDeclined, ModelRefused)):
        await asked(model_server)
    assert len(model_server.asked()) == 1


async def test_an_answer_that_came_to_the_models_limit_is_asked_for_in_fewer_words(model_server: ModelServer) -> None:
    whole = written(outline())
    model_server.script({"*": InTurn(Said(whole[:200], finish="length"), whole)})
    pieces = await asked(model_server)
    assert isinstance(pieces[-1], Outlined)
    assert next(piece.why for piece in pieces if isinstance(piece, Again)).startswith("The answer was cut off")
    assert "Write shorter system messages" in str(model_server.asked()[-1].messages[-1])


async def test_a_refused_key_is_told_with_its_remedy(model_server: ModelServer) -> None:
    model_server.keys = {"sk-other"}
    answers: list[Answered] = []
    with pytest.raises(ModelRefused) as refused:
        await asked(model_server, answers)
    assert "401" in refused.value.sentence
    assert refused.value.remedy
    assert "sk-test" not in str(refused.value)
    assert answers == []


async def test_a_server_without_schemas_is_asked_in_words(model_server: ModelServer) -> None:
    model_server.script({"*": InTurn(Fault("status", 400, "response_format of type json_schema is not supported"), written(outline()))})
    pieces = await asked(model_server)
    assert isinstance(pieces[-1], Outlined)


async def test_stopping_closes_the_request_and_keeps_what_was_said_so_far(model_server: ModelServer) -> None:
    model_server.script({"*": Said(written(outline()), each=0.05)})
    answers: list[Answered] = []
    writing = asyncio.Event()

    async def draw() -> None:
        client = OpenAIClient(OpenAIModel(model="test-model"), Account("test", model_server.base_url, "sk-test"))
        try:
            async for piece in ask_for_outline(client, "A team", answers):
                if isinstance(piece, Writing):
                    writing.set()
        finally:
            await client.close()

    task = asyncio.create_task(draw())
    await writing.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(model_server.wait_until, lambda server: server.cut_off == 1)
    (answer,) = answers
    assert not answer.whole


def test_names_are_found_in_half_an_answer() -> None:
    half = written(outline())
    assert names_in(half[: half.index("critic")]) == ("writer",)
    assert names_in('{"name": "Team') == ()
    assert len(names_in('"agents": ' + "".join(f'{{"name": "a{number}"}}, ' for number in range(10_000)))) <= 2 * MOST_AGENTS
