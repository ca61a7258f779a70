"""Any team, any stop rules, any faults: the log has no gaps, ends once, and folds to the same state again and again."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from misbehaving import Log, place
from patience import within
from random_teams import NAMES, teams

from studio.engine.advance import advance
from studio.engine.events import (
    YOU,
    CommandGiven,
    Event,
    MessageSaid,
    QuestionAnswered,
    QuestionAsked,
    RunFinished,
    RunResumed,
    RunStarted,
    ThreadEvent,
)
from studio.engine.fold import fold
from studio.engine.models.base import ModelRequest
from studio.engine.models.normalise import Perspective
from studio.engine.session_thread import thread_of
from studio.engine.stored_events import event_from_json, event_to_json
from studio.engine.teams.team import Team

STUCK = 0.02
"""Seconds without an event after which a person stops the run: something in it hangs."""

EXECUTIONS = 40
"""Of one run: how often a person answers, goes on or resumes before the run is left alone."""

COMMANDS = ["pause", "resume", "step", "next_speaker", "message"]


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    """What tools raise is logged with a traceback each."""
    logger = logging.getLogger("studio.engine")
    before, logger.disabled = logger.disabled, True
    yield
    logger.disabled = before


class Person:
    """Answers, steers, stops and resumes as a drawn plan says."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.answers = plan["answers"]
        self.cancel_at = list(plan["cancel_at"])
        self.commands_at = dict(plan["commands_at"])
        self.named_at = dict(plan["named_at"])
        self.named: list[Event] = []
        self.knock = asyncio.Event() if self.named_at else None
        self.resumes = plan["resumes"]
        self.asked = 0
        self.looked = 0

    def answer(self, question: QuestionAsked, seq: int) -> QuestionAnswered:
        text, approved = self.answers[self.asked % len(self.answers)]
        self.asked += 1
        if question.form not in ("approve", "edit"):
            approved = None
        return QuestionAnswered(seq=seq, source=YOU, question=question.id, text=text, approved=approved)

    def look(self, happened: int) -> None:
        """Name who speaks next, at any moment of a step."""
        for at in [at for at in self.named_at if at <= happened]:
            self.named.append(CommandGiven(source=YOU, command="next_speaker", speaker=self.named_at.pop(at)))
            assert self.knock is not None
            self.knock.set()

    def at_once(self) -> Iterator[Event]:
        while self.named:
            yield self.named.pop(0)

    def commands(self) -> Iterable[Event]:
        self.looked += 1
        yield from self._wanted()
        yield from self.at_once()

    def _wanted(self) -> list[Event]:
        match self.commands_at.get(self.looked):
            case None:
                return []
            case "message":
                return [MessageSaid(source=YOU, role="human", text="by the way, DONE")]
            case "next_speaker":
                return [CommandGiven(source=YOU, command="next_speaker", speaker="bob")]
            case command:
                return [CommandGiven(source=YOU, command=command)]


async def execution(team: Team, log: Log, person: Person) -> str:
    """One advance, stopped at a moment of the plan, or when nothing happens any more."""
    work = asyncio.create_task(advance(team, log.events, log, place(), person.commands, person.knock, person.at_once))
    happened = 0

    def when() -> None:
        nonlocal happened
        happened += 1
        person.look(len(log.events) + len(log.shown))
        if person.cancel_at and len(log.events) + len(log.shown) >= person.cancel_at[0]:
            person.cancel_at.pop(0)
            work.cancel()

    log.when = when
    while not work.done():
        before = happened
        await asyncio.wait({work}, timeout=STUCK)
        if happened == before and not work.done():
            work.cancel()
            began = time.monotonic()
            await asyncio.wait({work}, timeout=2)
            assert work.done(), "stopping took more than two seconds"
            assert time.monotonic() - began < within(1)
    return "cancelled" if work.cancelled() else work.result()


async def whole_run(team: Team, log: Log, person: Person) -> str:
    """A run with all that a person does to it; returns how it was left."""
    for _ in range(EXECUTIONS):
        status = await execution(team, log, person)
        seq = log.events[-1].seq + 1
        match status:
            case "waiting":
                question = fold(team, log.events).question
                assert question is not None
                log.events.append(person.answer(question, seq))
            case "paused":
                log.events.append(CommandGiven(seq=seq, source=YOU, command="resume" if seq % 2 else "step"))
            case _:
                last = log.events[-1]
                assert isinstance(last, RunFinished), f"a finished execution ends with {last.type}"  # type: ignore[attr-defined]
                if last.status == "done" or not person.resumes:
                    return last.status
                person.resumes -= 1
                log.events.append(RunResumed(seq=seq, source=YOU))
    return "left"


def check(team: Team, log: Log) -> None:
    events = log.events
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    for number, event in enumerate(events):
        if isinstance(event, RunFinished) and number + 1 < len(events):
            assert isinstance(events[number + 1], RunResumed), "something was said after the end"
    again = [event_from_json(event_to_json(event)) for event in events]
    assert fold(team, events) == fold(team, again) == fold(team, again)


def check_requests(requests: list[ModelRequest]) -> None:
    """No call without its result reaches a server, and no result without its call."""
    for request in requests:
        perspective = Perspective(request.agent)
        perspective.follow(request.thread)
        waiting: list[str] = []
        for message in perspective.messages(request.system, request.extra):
            if message["role"] == "tool":
                assert message["tool_call_id"] in waiting
                waiting.remove(message["tool_call_id"])
            else:
                assert not waiting, "a call is not followed by its results"
                waiting = [call["id"] for call in message.get("tool_calls", ())]
        assert not waiting


def check_answered(thread: tuple[ThreadEvent, ...], requests: list[ModelRequest]) -> None:
    """Where nothing was broken off, every call of one's own was answered before one's model is asked again."""
    for request in requests:
        mine = [event for event in request.thread if event.source == request.agent]
        made = {call.id for event in mine if event.type == "tool_calls" for call in event.calls}
        done = {event.call for event in mine if event.type == "tool_result"}
        assert made == done


PLANS = st.fixed_dictionaries(
    {
        "answers": st.lists(
            st.tuples(st.sampled_from(["", "yes", "exit", "bob", "DONE", "a", '{"mood": "x"}', "{"]), st.booleans()), min_size=1, max_size=4
        ),
        "cancel_at": st.lists(st.integers(1, 60), max_size=2).map(sorted),
        "commands_at": st.dictionaries(st.integers(1, 40), st.sampled_from(COMMANDS), max_size=3),
        "named_at": st.dictionaries(st.integers(1, 60), st.sampled_from(NAMES), max_size=2),
        "resumes": st.integers(0, 2),
        "immediate": st.booleans(),
    }
)


@st.composite
def conversations(draw: st.DrawFn) -> tuple[Team, dict[str, Any], list[ModelRequest]]:
    requests: list[ModelRequest] = []
    return draw(teams(requests)), draw(PLANS), requests


@seed(20)
@settings(
    max_examples=1_000, deadline=None, phases=[Phase.explicit, Phase.generate], database=None, suppress_health_check=list(HealthCheck)
)
@given(conversations())
def test_any_conversation_with_any_faults_leaves_a_whole_log_that_replays(drawn: tuple[Team, dict[str, Any], list[ModelRequest]]) -> None:
    team, plan, requests = drawn

    async def main() -> None:
        async with asyncio.timeout(within(20)):
            person = Person(plan)
            log = Log(RunStarted(seq=1, source=YOU, task="go on until DONE"), immediate=plan["immediate"])
            ended = await whole_run(team, log, person)
            check(team, log)
            check_requests(requests)
            if ended == "done" and not any(isinstance(event, RunResumed) for event in log.events):
                check_answered(thread_of(log.events), requests)
            requests.clear()
            # The same team, in the same session, and once more from nothing.
            for history in (thread_of(log.events), ()):
                later = Log(RunStarted(seq=1, source=YOU, task="and now?", history=history))
                await execution(team, later, Person(plan | {"cancel_at": [], "commands_at": {}, "named_at": {}}))
                check(team, later)
            check_requests(requests)

    asyncio.run(main())
