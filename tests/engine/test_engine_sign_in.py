"""Servers of tools that want people to sign in: asked once, in the run; the token is kept, shown, renewed, and nowhere to be read."""

from __future__ import annotations

import asyncio
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
from studio.engine.events import QuestionAsked, ToolFinished, ToolsOffered
from studio.engine.script import Result, run
from studio.engine.state import SIGN_IN
from studio.engine.teams.team import Team
from studio.engine.tools.mcp import McpServer
from studio.engine.tools.mcp_errors import McpFailed
from studio.engine.tools.mcp_sign_in import Attempt
from studio.engine.tools.mcp_transport import Sse, StreamableHttp, Transport

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

    def __init__(self, server: GuardedServer, kept: Kept, says: bool = True) -> None:
        super().__init__()
        self.server, self.kept, self.says = server, kept, says

    async def answer(self, question: QuestionAsked) -> Answer:
        self.asked.append(question)
        if question.subject.startswith(SIGN_IN):
            if self.says:
                await sign_in(self.server, self.kept)
            return Answer("", self.says)
        return Answer("", True)


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
