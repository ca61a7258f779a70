"""Servers of tools that want people to sign in: asked once, in the run; the token is kept, shown, renewed, and nowhere to be read."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from conversation import Typed, calling, environment, lines, saying
from mcp_oauth_server import GuardedServer, browse, guarded_server
from patience import within

from studio.engine.agents.assistant import Assistant
from studio.engine.answers import Answer
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.events import Event, QuestionAsked, ToolFinished, ToolsOffered
from studio.engine.fold import fold
from studio.engine.models.base import ModelReply
from studio.engine.script import Result, run, stream
from studio.engine.steps.workplace import MOST_SIGN_INS
from studio.engine.subjects import SIGN_IN
from studio.engine.teams.swarm import Swarm
from studio.engine.teams.team import Team
from studio.engine.tools.function import FunctionTool
from studio.engine.tools.mcp import McpServer
from studio.engine.tools.mcp_errors import McpFailed
from studio.engine.tools.mcp_sign_in import Attempt
from studio.engine.tools.mcp_transport import Sse, StreamableHttp, Transport
from studio.engine.tools.variables import ToolReply

BACK = "http://127.0.0.1:9/back"


class Kept:
    """Sign-ins in memory."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}

    def kept(self, url: str) -> dict[str, Any] | None:
        return self.records.get(url)

    def keep(self, url: str, record: dict[str, Any]) -> None:
        self.records[url] = dict(record)


async def sign_in(server: GuardedServer, kept: Kept, redirect: str = BACK) -> None:
    attempt = await Attempt.begin(server.url, redirect, kept)
    came = parse_qs(urlsplit(await asyncio.to_thread(browse, attempt.address)).query)
    assert came["state"] == [attempt.state]
    await attempt.back(came["code"][0], came["state"][0])


class SignsIn(Typed):
    """A person who agrees to everything and signs in when asked to."""

    def __init__(self, server: GuardedServer, kept: Kept, says: bool = True, does: bool = True) -> None:
        super().__init__()
        self.server, self.kept, self.says, self.does = server, kept, says, does

    async def answer(self, question: QuestionAsked) -> Answer:
        self.asked.append(question)
        if question.subject.startswith(SIGN_IN):
            if self.says and self.does:
                await sign_in(self.server, self.kept)
            return Answer("", self.says)
        return Answer("", True)

    @property
    def sign_ins(self) -> list[QuestionAsked]:
        return [question for question in self.asked if question.subject.startswith(SIGN_IN)]


@pytest.fixture(params=["streamable-http", "sse"])
def server(request: pytest.FixtureRequest) -> Iterator[GuardedServer]:
    with guarded_server(request.param) as started:
        yield started


@pytest.fixture
def guarded() -> Iterator[GuardedServer]:
    with guarded_server() as started:
        yield started


def transport(server: GuardedServer) -> Transport:
    return Sse(url=server.url) if server.url.endswith("sse") else StreamableHttp(url=server.url)


async def open_vault(server: GuardedServer, kept: Kept, people: Typed, folder: Path) -> Result:
    tools = McpServer(transport=transport(server), connect_timeout=20)
    clerk = Assistant(name="clerk", model=saying(calling(("open_vault", "{}")), "done"), tools=(tools,))
    async with asyncio.timeout(within(20)):
        return await run(
            Team(participants=(clerk,), stop=MaxTurns(max_turns=1)), "go", environment=environment(folder, sign_ins=kept), people=people
        )


async def test_a_person_is_asked_to_sign_in_and_the_run_goes_on_with_the_tools(server: GuardedServer, tmp_path: Path) -> None:
    kept = Kept()
    people = SignsIn(server, kept)
    result = await open_vault(server, kept, people, tmp_path)
    asked = [question for question in people.asked if question.subject.startswith(SIGN_IN)]
    assert [(question.form, question.details) for question in asked] == [("approve", server.url)]
    assert [event.output for event in result.events if isinstance(event, ToolFinished)] == ["gold"]
    told = "".join(event.model_dump_json() for event in result.events)
    assert not [secret for secret in server.desk.given if secret in told]

    again = SignsIn(server, kept)
    result = await open_vault(server, kept, again, tmp_path)
    assert [event.output for event in result.events if isinstance(event, ToolFinished)] == ["gold"]
    assert not [question for question in again.asked if question.subject.startswith(SIGN_IN)]


async def test_without_a_person_who_signs_in_it_goes_on_without_the_tools(guarded: GuardedServer, tmp_path: Path) -> None:
    kept = Kept()
    result = await open_vault(guarded, kept, SignsIn(guarded, kept, says=False), tmp_path)
    assert result.status == "done"
    assert [event.tools for event in result.events if isinstance(event, ToolsOffered)] == [()]
    assert any(event.type == "notice" and event.code == "not_signed_in" for event in result.events)  # type: ignore[attr-defined]
    assert lines(result.events) == [("clerk", "done")]


async def test_an_old_token_is_renewed_without_asking_in_this_process_and_the_next(guarded: GuardedServer, tmp_path: Path) -> None:
    kept = Kept()
    guarded.desk.lives = 1
    await sign_in(guarded, kept)
    for forgets in (False, True):
        if forgets:
            guarded.desk.forget()
        before = guarded.desk.renewed
        people = SignsIn(guarded, kept)
        result = await open_vault(guarded, kept, people, tmp_path)
        assert [event.output for event in result.events if isinstance(event, ToolFinished)] == ["gold"]
        assert not [question for question in people.asked if question.subject.startswith(SIGN_IN)]
        assert guarded.desk.renewed > before
        guarded.desk.lives = 3600


async def test_one_whose_tokens_are_all_forgotten_is_asked_again(guarded: GuardedServer, tmp_path: Path) -> None:
    kept = Kept()
    await sign_in(guarded, kept)
    guarded.desk.forget(refresh=True)
    people = SignsIn(guarded, kept)
    result = await open_vault(guarded, kept, people, tmp_path)
    assert [event.output for event in result.events if isinstance(event, ToolFinished)] == ["gold"]
    assert len([question for question in people.asked if question.subject.startswith(SIGN_IN)]) == 1


async def test_signing_in_anew_uses_the_registration_that_is_there_for_the_same_address_to_come_back_to(guarded: GuardedServer) -> None:
    kept = Kept()
    await sign_in(guarded, kept)
    await sign_in(guarded, kept)
    assert len(guarded.desk.clients) == 1
    await sign_in(guarded, kept, "http://127.0.0.1:10/back")
    assert len(guarded.desk.clients) == 2


async def test_another_state_than_that_of_the_attempt_signs_nobody_in(guarded: GuardedServer) -> None:
    kept = Kept()
    attempt = await Attempt.begin(guarded.url, BACK, kept)
    came = parse_qs(urlsplit(await asyncio.to_thread(browse, attempt.address)).query)
    with pytest.raises(McpFailed) as caught:
        await attempt.back(came["code"][0], "another")
    assert came["code"][0] not in str(caught.value)
    assert "tokens" not in (kept.kept(guarded.url) or {})


async def test_a_server_that_is_none_says_that_nobody_can_sign_in() -> None:
    with pytest.raises(McpFailed, match="cannot sign in there"):
        await Attempt.begin("http://127.0.0.1:9/mcp", BACK, Kept())


async def test_a_refusal_where_one_signs_in_ends_the_attempt(guarded: GuardedServer) -> None:
    attempt = await Attempt.begin(guarded.url, BACK, Kept())
    attempt.refuse("access_denied")
    assert attempt.done is not None
    async with asyncio.timeout(within(5)):
        with pytest.raises(McpFailed, match="access_denied"):
            await attempt.done


# The sign-in ends in the middle of a run -----------------------------------------------------------------------------------


def ends_sign_in(server: GuardedServer) -> FunctionTool:
    """What the agent calls besides: after it the server knows nobody any more."""

    def lose_key() -> str:
        """Lose it."""
        server.desk.forget(refresh=True)
        return "lost"

    return FunctionTool(lose_key, description="Lose the key.")


async def vault_after_loss(server: GuardedServer, kept: Kept, people: Typed, folder: Path, *then: ModelReply) -> Result:
    """Signed in at the start, then no more, then the vault is to be opened."""
    await sign_in(server, kept)
    tools = McpServer(transport=transport(server), connect_timeout=20)
    model = saying(calling(("lose_key", "{}")), calling(("open_vault", "{}")), *then, "done")
    clerk = Assistant(name="clerk", model=model, tools=(tools, ends_sign_in(server)))
    team = Team(participants=(clerk,), stop=MaxTurns(max_turns=1))
    async with asyncio.timeout(within(20)):
        return await run(team, "go", environment=environment(folder, sign_ins=kept), people=people)


async def test_a_sign_in_that_ends_in_the_middle_of_a_run_is_asked_for_again_and_the_call_goes_on(
    server: GuardedServer, tmp_path: Path
) -> None:
    kept = Kept()
    people = SignsIn(server, kept)
    result = await vault_after_loss(server, kept, people, tmp_path)
    assert [(question.source, question.form, question.details) for question in people.sign_ins] == [("clerk", "approve", server.url)]
    assert "open_vault" in people.sign_ins[0].text
    assert [(event.name, event.output, event.is_error) for event in result.events if isinstance(event, ToolFinished)] == [
        ("lose_key", "lost", False),
        ("open_vault", "gold", False),
    ]
    told = "".join(event.model_dump_json() for event in result.events)
    assert not [secret for secret in server.desk.given if secret in told]


async def test_who_does_not_sign_in_again_leaves_the_model_an_error_with_a_remedy_and_is_not_asked_twice(
    guarded: GuardedServer, tmp_path: Path
) -> None:
    kept = Kept()
    people = SignsIn(guarded, kept, says=False)
    result = await vault_after_loss(guarded, kept, people, tmp_path, calling(("open_vault", "{}")))
    assert result.status == "done"
    assert len(people.sign_ins) == 1
    refused = [event for event in result.events if isinstance(event, ToolFinished) and event.name == "open_vault"]
    assert [event.is_error for event in refused] == [True, True]
    assert all(guarded.url in event.output and "Go on without this server" in event.output for event in refused)


async def test_one_who_says_that_they_signed_in_and_did_not_is_asked_a_few_times_only(guarded: GuardedServer, tmp_path: Path) -> None:
    kept = Kept()
    people = SignsIn(guarded, kept, does=False)
    result = await vault_after_loss(guarded, kept, people, tmp_path)
    assert result.status == "done"
    assert len(people.sign_ins) == MOST_SIGN_INS

    guarded.desk.forget(refresh=True)
    others = SignsIn(guarded, kept, does=False)
    result = await open_vault(guarded, kept, others, tmp_path)
    assert result.status == "done"
    assert len(others.sign_ins) == MOST_SIGN_INS


async def test_a_call_that_waits_for_a_sign_in_has_not_begun(guarded: GuardedServer, tmp_path: Path) -> None:
    class Leaves(SignsIn):
        async def answer(self, question: QuestionAsked) -> Answer:
            if question.subject.startswith(SIGN_IN):
                raise KeyError("nobody is there")
            return await super().answer(question)

    kept = Kept()
    await sign_in(guarded, kept)
    model = saying(calling(("lose_key", "{}")), calling(("open_vault", "{}"), ("lose_key", "{}")), "done")
    tools = McpServer(transport=transport(guarded), connect_timeout=20)
    clerk = Assistant(name="clerk", model=model, tools=(tools, ends_sign_in(guarded)))
    team = Team(participants=(clerk,), stop=MaxTurns(max_turns=1))
    place = environment(tmp_path, sign_ins=kept)
    events: list[Event] = []
    async with asyncio.timeout(within(20)):
        with contextlib.suppress(KeyError):
            async for event in stream(team, "go", environment=place, people=Leaves(guarded, kept)):
                if event.seq:
                    events.append(event)
        waiting = fold(team, events)
        assert waiting.question is not None
        assert not waiting.open_steps
        done = [event async for event in stream(team, environment=place, people=SignsIn(guarded, kept), events=events) if event.seq]
    results = [(event.name, event.output) for event in (*events, *done) if isinstance(event, ToolFinished)]
    assert results == [("lose_key", "lost"), ("lose_key", "lost"), ("open_vault", "gold")]


async def test_an_agent_that_hands_over_beside_such_a_call_hands_over(guarded: GuardedServer, tmp_path: Path) -> None:
    kept = Kept()
    await sign_in(guarded, kept)

    def call_bob() -> ToolReply:
        """Ask bob."""
        return ToolReply("called", target="bob")

    model = saying(calling(("lose_key", "{}")), calling(("open_vault", "{}"), ("call_bob", "{}")), "done")
    tools = McpServer(transport=transport(guarded), connect_timeout=20)
    clerk = Assistant(name="clerk", model=model, tools=(tools, ends_sign_in(guarded), FunctionTool(call_bob)))
    bob = Assistant(name="bob", model=saying("I am here"))
    team = Team(participants=(clerk, bob), selection=Swarm(), stop=MaxTurns(max_turns=2))
    people = SignsIn(guarded, kept)
    async with asyncio.timeout(within(20)):
        result = await run(team, "go", environment=environment(tmp_path, sign_ins=kept), people=people)
    assert lines(result.events) == [("bob", "I am here")]
    assert not people.sign_ins
