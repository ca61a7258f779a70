"""Running a team from a script: `run` for a result, `stream` for events as they come."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from studio.engine.advance import Commands, Environment, advance
from studio.engine.answers import IN_TIME, answer_in_time
from studio.engine.answers import Answer as Answer
from studio.engine.answers import answer_from as answer_from
from studio.engine.events import (
    YOU,
    Attachment,
    Event,
    MessageSaid,
    QuestionAnswered,
    QuestionAsked,
    RunFinished,
    RunStarted,
    Status,
    TransientEvent,
    now,
)
from studio.engine.fold import fold
from studio.engine.saved import gone_on
from studio.engine.teams.team import Team
from studio.engine.usage import NOTHING, Usage


class People(Protocol):
    """Whoever answers the questions of a run."""

    async def answer(self, question: QuestionAsked) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Result:
    """A finished run: every durable event, why it ended, what it cost."""

    events: tuple[Event, ...]
    status: str
    stop_reason: str
    usage: Usage

    @property
    def messages(self) -> tuple[MessageSaid, ...]:
        return tuple(event for event in self.events if isinstance(event, MessageSaid))


class _Log:
    """A sink that keeps the log in memory."""

    immediate = True
    blind = True

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = list(events)

    async def append(self, events: Sequence[Event]) -> None:
        self.events.extend(events)

    def show(self, event: TransientEvent) -> None:
        pass


class _Queue(_Log):
    """One that hands everything on as well; None is the end."""

    blind = False

    def __init__(self, events: Sequence[Event]) -> None:
        super().__init__(events)
        self.queue: asyncio.Queue[Event | None] = asyncio.Queue()

    async def append(self, events: Sequence[Event]) -> None:
        await super().append(events)
        for event in events:
            self.queue.put_nowait(event)

    def show(self, event: TransientEvent) -> None:
        self.queue.put_nowait(event)


@contextmanager
def _somewhere(environment: Environment | None) -> Iterator[Environment]:
    """What a run needs, with a temporary work folder where none is given; that is made when it is needed, and removed."""
    with ExitStack() as stack:

        @cache
        def folder() -> Path:
            return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="convene-", ignore_cleanup_errors=True)))

        yield environment or _environment(folder)


def _environment(folder: Callable[[], Path]) -> Environment:
    from studio.engine.models.accounts import EnvironmentAccounts
    from studio.engine.models.prices import Prices

    allowed = os.environ.get("CONVENE_ALLOW_LOCAL_CODE", "").casefold() in {"1", "yes", "true"}
    image = os.environ.get("CONVENE_DOCKER_IMAGE", "")
    data = Path(os.environ.get("CONVENE_DATA") or ".").absolute()
    return Environment(
        EnvironmentAccounts(),
        folder,
        docker_image=image,
        allow_local_code=allowed,
        prices=Prices(),
        memories=data / "memories",
        documents=data / "documents",
    )


async def stream(
    team: Team,
    task: str = "",
    *,
    people: People | None = None,
    environment: Environment | None = None,
    attachments: Sequence[Attachment] = (),
    events: Sequence[Event] = (),
    commands: Commands | None = None,
    flow: str = "",
) -> AsyncIterator[Event]:
    """Every event of one run as it happens, durable (seq > 0) and transient.

    With `events`, a run goes on where they end, and only what is new is told. `commands` is asked between any two steps what
    a person wants; `flow` is what the log calls the flow. Ends after `run_finished`, when it is paused, or at a question when
    there are no `people` and it has no time-out.
    """
    log = _Queue(events or _begin(task, attachments, flow))
    if not events:
        log.queue.put_nowait(log.events[0])
    with _somewhere(environment) as place:
        work = asyncio.create_task(_converse(team, log, people, place, commands))
        work.add_done_callback(lambda _: log.queue.put_nowait(None))
        try:
            while (event := await log.queue.get()) is not None:
                yield event
            await work
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


def _begin(task: str, attachments: Sequence[Attachment], flow: str) -> list[Event]:
    return [RunStarted(seq=1, source=YOU, task=task, flow=flow, attachments=tuple(attachments))]


async def _converse(team: Team, log: _Log, people: People | None, environment: Environment, commands: Commands | None) -> Status:
    while (status := await advance(team, log.events, log, environment, commands)) == "waiting":
        question = fold(team, log.events).question
        if question is None or (people is None and question.timeout is None):
            return status
        source, answer = await _answered(question, people)
        seq = log.events[-1].seq + 1
        said = QuestionAnswered(
            seq=seq, scope=question.scope, source=source, question=question.id, text=answer.text, approved=answer.approved
        )
        await log.append([said])
    return status


async def _answered(question: QuestionAsked, people: People | None) -> tuple[str, Answer]:
    """Who answered, and what: after the question's time its default does."""
    left = None
    if question.timeout is not None:
        left = max(0.0, question.timeout - (now() - question.time).total_seconds())
    try:
        async with asyncio.timeout(left) as limit:
            if people is None:
                await asyncio.Event().wait()
            else:
                return YOU, await people.answer(question)
    except TimeoutError:
        if not limit.expired():
            raise
    return IN_TIME, answer_in_time(question)


async def run(
    team: Team,
    task: str,
    *,
    people: People | None = None,
    environment: Environment | None = None,
    attachments: Sequence[Attachment] = (),
    commands: Commands | None = None,
    flow: str = "",
) -> Result:
    """Run a team to the end. With a question open and no `people`, the result's status is "waiting"; it may be "paused" by `commands`.

    `flow` is what the log calls the flow.
    """
    log = _Log(_begin(task, attachments, flow))
    with _somewhere(environment) as place:
        status = await _converse(team, log, people, place, commands)
    return _result(log, status)


async def resume(
    team: Team,
    events: Sequence[Event],
    *,
    up_to: int | None = None,
    repeat: bool = False,
    people: People | None = None,
    environment: Environment | None = None,
    commands: Commands | None = None,
) -> Result:
    """Go on with a run whose log is `events`, from its end or from event number `up_to`; the result holds the whole new log.

    Raises StepUnfinished when a tool or code was under way there and `repeat` does not say that it may be done again, NoSuchEvent.
    """
    log = _Log(gone_on(team, events, up_to, repeat))
    with _somewhere(environment) as place:
        status = await _converse(team, log, people, place, commands)
    return _result(log, status)


def _result(log: _Log, status: Status) -> Result:
    last = log.events[-1]
    if isinstance(last, RunFinished):
        return Result(tuple(log.events), last.status, last.stop_reason, last.usage)
    return Result(tuple(log.events), status, "", NOTHING)
