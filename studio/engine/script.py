"""Running a team from a script: `run` for a result, `stream` for events as they come, `console` for a conversation in a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TextIO

from studio.engine.advance import Commands, Environment, advance
from studio.engine.answers import IN_TIME, answer_in_time, unfit
from studio.engine.answers import Answer as Answer
from studio.engine.answers import answer_from as answer_from
from studio.engine.errors import ConveneError
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
    event_to_json,
    now,
)
from studio.engine.fold import fold
from studio.engine.kept import Kept, KeptCannotRun
from studio.engine.logs import log_to
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


class Terminal:
    """Asks in the terminal. Without a terminal the answers are read from standard input, one a line."""

    async def answer(self, question: QuestionAsked) -> Answer:
        """Asks again until the answer fits. Raises EOFError when there is nobody to ask."""
        prompt = f"\n{question.source} asks: {question.text}\n"
        if question.details:
            prompt += f"{question.details}\n"
        for number, choice in enumerate(question.choices, 1):
            prompt += f"  {number}. {choice}\n"
        prompt += _wanted(question)
        while True:
            answer = answer_from((await typed(prompt + "> ")).strip(), question)
            wrong = unfit(question, answer)
            if wrong is None:
                return answer
            prompt = f"{wrong[1] or _wanted(question)}\n"


def _wanted(question: QuestionAsked) -> str:
    match question.form:
        case "approve":
            return "yes, or no and why: "
        case "edit":
            return f"yes, no and why, or {'other arguments as JSON' if question.subject else 'the changed text'}: "
        case "choice":
            return "one of the choices, or its number: "
        case "form":
            names = ", ".join((question.fields or {}).get("properties", {}))
            return f"a JSON object, or name=value; name=value{f' ({names})' if names else ''}: "
        case "text":
            return ""


async def typed(prompt: str) -> str:
    """A line of standard input. A thread of its own waits for it, so that a wait that is broken off holds nothing up. Raises EOFError."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def deliver(said: str | None) -> None:
        if not line.done():
            line.set_exception(EOFError()) if said is None else line.set_result(said)

    def read() -> None:
        try:
            said: str | None = input(prompt)
        except (EOFError, OSError, ValueError):
            said = None
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(deliver, said)

    threading.Thread(target=read, daemon=True, name="answer").start()
    return await line


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


def console(team: Team, task: str | None = None, *, flow: str | None = None, kept: Sequence[Kept] = ()) -> None:
    """Hold the conversation in the terminal: the task from the command line (or asked for), questions answered by typing.

    CONVENE_EVENTS names a file that gets every durable event as a line of JSON. Ends the process with 0 when the run is done,
    1 when it failed, 3 when nobody answered. The log calls the flow what the first line of the program's docstring says, unless `flow`
    says otherwise. With anything `kept` that belongs to the conversation and cannot run, it says so and does not begin.
    """
    flow = _title(getattr(sys.modules.get("__main__"), "__doc__", None)) if flow is None else flow
    task = task or " ".join(sys.argv[1:])
    if not logging.getLogger().handlers:
        log_to()
    try:
        if kept:
            raise KeptCannotRun(kept)
        if not task:
            task = input("Task: ")
        path = os.environ.get("CONVENE_EVENTS")
        with open(path, "w", encoding="utf-8") if path else nullcontext() as record:
            status = asyncio.run(_show(team, task, flow, record))
    except EOFError:
        print("\nNobody is there to answer.", file=sys.stderr)
        raise SystemExit(3) from None
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        raise SystemExit(1) from None
    except ConveneError as mistake:
        print(mistake, file=sys.stderr)
        raise SystemExit(1) from None
    raise SystemExit(0 if status == "done" else 1)


def _title(docstring: str | None) -> str:
    """The first line of a docstring without the full stop at its end."""
    return (docstring or "").strip().partition("\n")[0].strip().removesuffix(".")


async def _show(team: Team, task: str, flow: str, record: TextIO | None) -> str:
    status, speaking = "failed", ""
    async for event in stream(team, task, people=Terminal(), flow=flow):
        if event.seq and record is not None:
            record.write(event_to_json(event) + "\n")
            record.flush()
        speaking = _print(event, speaking)
        if isinstance(event, RunFinished):
            status = event.status
    return status


def _print(event: Any, speaking: str) -> str:
    """Print one event; returns who is in the middle of a streamed message."""
    match event.type:
        case "delta" if event.kind == "text":
            if speaking != event.source:
                print(f"\n── {event.source} ──")
            print(event.text, end="", flush=True)
            return str(event.source)
        case "void":
            print(" …")
            return ""
        case "message" if speaking == event.source:
            print()
        case "message":
            print(f"\n── {event.source} ──\n{event.text}")
        case "tool_calls":
            for call in event.calls:
                print(f"\n── {event.source} calls {call.name}({call.arguments})")
        case "tool_result":
            print(f"   {'error: ' if event.is_error else '→ '}{event.output}")
        case "handoff":
            print(f"\n── {event.source} hands over to {event.target}")
        case "error":
            print(f"\n{event.text} {event.remedy}", file=sys.stderr)
        case "notice":
            print(f"\n({event.text})")
        case "run_finished":
            usage = event.usage
            print(f"\n[{event.status}: {event.stop_reason}; {usage.total_tokens} tokens]")
        case _:
            return speaking
    return ""
