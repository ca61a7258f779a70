"""Running a team from a script: `run` for a result, `stream` for events as they come, `console` for a conversation in a terminal."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TextIO

from studio.engine.advance import Environment, advance
from studio.engine.errors import ConveneError
from studio.engine.events import (
    YOU,
    Event,
    MessageSaid,
    QuestionAnswered,
    QuestionAsked,
    RunFinished,
    RunStarted,
    TransientEvent,
    event_to_json,
)
from studio.engine.teams.team import Team
from studio.engine.usage import NOTHING, Usage


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer. `approved` is set for questions that want a yes or a no."""

    text: str = ""
    approved: bool | None = None


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
        """Raises EOFError when there is nobody to ask."""
        prompt = f"\n{question.source} asks: {question.text}\n"
        if question.details:
            prompt += f"{question.details}\n"
        if question.choices:
            prompt += f"({' | '.join(question.choices)}) "
        if question.form in ("approve", "edit"):
            prompt += "yes, or no and why: " if question.form == "approve" else "yes, no and why, or other arguments as JSON: "
        line = (await asyncio.to_thread(input, prompt + "> ")).strip()
        return answer_from(line, question)


def answer_from(line: str, question: QuestionAsked) -> Answer:
    """The answer that a typed line means: for an approval `yes`, or `no` and a reason; a JSON object approves it instead of the details."""
    if question.form not in ("approve", "edit"):
        return Answer(line)
    if question.form == "edit" and line.lstrip().startswith("{"):
        return Answer(line, True)
    word = re.split(r"[\s:,.!]", line, maxsplit=1)[0]
    reason = line[len(word) :].lstrip(" :,.!")
    approved = word.casefold() in {"y", "yes", "ok", "approve", "approved", "true"}
    if approved and question.form == "edit":
        return Answer("", True)  # a text would be other arguments
    refused = word.casefold() in {"n", "no", "reject", "rejected", "false", ""}
    return Answer(reason.strip() if approved or refused else line, approved)


class _Log:
    """A sink that keeps the log in memory."""

    immediate = True

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def append(self, events: Sequence[Event]) -> None:
        self.events.extend(events)

    def show(self, event: TransientEvent) -> None:
        pass


class _Queue(_Log):
    """One that hands everything on as well; None is the end."""

    def __init__(self) -> None:
        super().__init__()
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
    return Environment(EnvironmentAccounts(), folder, docker_image=image, allow_local_code=allowed, prices=Prices())


async def stream(team: Team, task: str, *, people: People | None = None, environment: Environment | None = None) -> AsyncIterator[Event]:
    """Every event of one run as it happens, durable (seq > 0) and transient.

    Ends after `run_finished`, or at a question when there are no `people`.
    """
    log = _Queue()
    with _somewhere(environment) as place:
        work = asyncio.create_task(_converse(team, task, log, people, place))
        work.add_done_callback(lambda _: log.queue.put_nowait(None))
        try:
            while (event := await log.queue.get()) is not None:
                yield event
            await work
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


async def _converse(team: Team, task: str, log: _Log, people: People | None, environment: Environment) -> None:
    await log.append([RunStarted(seq=1, source=YOU, task=task)])
    while await advance(team, log.events, log, environment) == "waiting":
        question = next(event for event in reversed(log.events) if isinstance(event, QuestionAsked))
        if people is None:
            return
        answer = await people.answer(question)
        seq = log.events[-1].seq + 1
        await log.append([QuestionAnswered(seq=seq, source=YOU, question=question.id, text=answer.text, approved=answer.approved)])


async def run(team: Team, task: str, *, people: People | None = None, environment: Environment | None = None) -> Result:
    """Run a team to the end. With a question open and no `people`, the result's status is "waiting"."""
    log = _Log()
    with _somewhere(environment) as place:
        await _converse(team, task, log, people, place)
    events, last = tuple(log.events), log.events[-1]
    if isinstance(last, RunFinished):
        return Result(events, last.status, last.stop_reason, last.usage)
    return Result(events, "waiting", "", NOTHING)


def console(team: Team, task: str | None = None) -> None:
    """Hold the conversation in the terminal: the task from the command line (or asked for), questions answered by typing.

    CONVENE_EVENTS names a file that gets every durable event as a line of JSON. Ends the process with 0 when the run is done,
    1 when it failed, 3 when nobody answered.
    """
    task = task or " ".join(sys.argv[1:])
    try:
        if not task:
            task = input("Task: ")
        path = os.environ.get("CONVENE_EVENTS")
        with open(path, "w", encoding="utf-8") if path else nullcontext() as record:
            status = asyncio.run(_show(team, task, record))
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


async def _show(team: Team, task: str, record: TextIO | None) -> str:
    status, speaking = "failed", ""
    async for event in stream(team, task, people=Terminal()):
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
