"""`convene run`: one run from its task to its end, shown as it goes, with its questions answered as far as answers are at hand."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from studio.cli.answers import Answers, answers_from
from studio.cli.exits import BY_STATUS, FAILED
from studio.cli.find_flow import FoundFlow, find_flow
from studio.cli.say import say
from studio.engine.errors import AnswerRefused, ConveneError
from studio.engine.events import YOU, CommandGiven, QuestionAsked, RunFinished, now
from studio.engine.stored_events import event_from_json
from studio.engine.subjects import SIGN_IN
from studio.engine.usage import NOTHING, Usage
from studio.texts import text

if TYPE_CHECKING:
    from studio.api.services import Services
    from studio.cli.transcript import Transcript
    from studio.settings import Settings


def run_flow(
    settings: Settings,
    flow: str,
    task: str,
    *,
    model: str | None = None,
    base_url: str | None = None,
    answers: str | None = None,
    as_json: bool = False,
    allow_local_code: bool = False,
    attach: Sequence[Path] = (),
    step: bool = False,
) -> int:
    """Runs a flow and returns the exit status. Raises ConveneError for input that cannot be run."""
    from rich.console import Console

    from studio.api.services import open_services
    from studio.cli.transcript import JsonLines, ReadableTranscript
    from studio.engine.models.attachments import attached
    from studio.library.accounts import good_address

    base_url = good_address(base_url)
    attachments = tuple(attached(path) for path in attach)
    found = find_flow(flow, settings)
    console = Console(highlight=False, soft_wrap=True)
    people = answers_from(answers, console, as_json=as_json)
    transcript: Transcript = JsonLines(sys.stdout) if as_json else ReadableTranscript(console)

    async def converse() -> int:
        services = open_services(settings)
        try:
            conversation = _Conversation(services, transcript, people, step)
            return await conversation.run(
                found, task, model=model, base_url=base_url, allow_local_code=allow_local_code, attachments=attachments
            )
        finally:
            transcript.close()
            await services.close()

    try:
        return asyncio.run(converse())
    except KeyboardInterrupt:
        return FAILED


class _Conversation:
    """One run in this process. `usage` adds up what its events cost."""

    def __init__(self, services: Services, transcript: Transcript, people: Answers, step: bool) -> None:
        self._runs = services.runs
        self._sign_ins = services.sign_ins
        self._transcript = transcript
        self._people = people
        self._step = step
        self._run = ""
        self._seq = 0
        self._usage: Usage = NOTHING
        self._answering: asyncio.Task[Any] | None = None
        self._stopping: asyncio.Task[None] | None = None

    async def run(self, found: FoundFlow, task: str, **options: Any) -> int:
        first = (CommandGiven(source=YOU, command="step"),) if self._step else ()
        started = await self._runs.start(found.document, task, flow_id=found.id, commands=first, **options)
        self._run = started.run
        say(text("cli.run.id", run=self._run), file=sys.stderr)
        self._listen_for_stop()
        return BY_STATUS[await self._follow()]

    async def _follow(self) -> str:
        """Shows the run until it is over, or until a question stays open. Returns its status."""
        async with aclosing(self._runs.follow(self._run, 0)) as frames:
            async for frame in frames:
                match frame["t"]:
                    case "events":
                        for raw in frame["events"]:
                            if (status := await self._event(event_from_json(raw))) is not None:
                                return status
                    case "delta" | "output" | "working" | "void":
                        self._transcript.show(frame)
                    case "status" if frame["status"] == "interrupted":
                        return "interrupted"
                    case _:
                        pass
        return "interrupted"

    async def _event(self, event: Any) -> str | None:
        """Shows an event and answers it if it is a question. Returns the status with which the run rests after it, if it does."""
        self._seq = event.seq
        if isinstance(event, RunFinished):
            self._transcript.event(event)
            return event.status
        self._usage = self._usage + getattr(event, "usage", NOTHING)
        self._transcript.event(event)
        if isinstance(event, QuestionAsked) and not await self._answer(event):
            return await self._leave_waiting(event)
        if isinstance(event, CommandGiven) and event.command == "pause" and not await self._next_step():
            return await self._leave_paused()
        return None

    async def _answer(self, question: QuestionAsked) -> bool:
        """Whether the question was answered, by us or by somebody else meanwhile."""
        if question.subject.startswith(SIGN_IN):
            return await self._sign_in(question)
        left = None if question.timeout is None else max(0.0, question.timeout - (now() - question.time).total_seconds())
        self._answering = asyncio.ensure_future(self._people.answer(question))
        try:
            answer = await asyncio.wait_for(self._answering, left)
        except TimeoutError:
            return True  # what counts then is in the log soon
        except asyncio.CancelledError:
            if self._stopping is None:
                raise
            return True  # being stopped: what follows is run_finished
        finally:
            self._answering = None
        if answer is None:
            # Nobody is at hand: after its time the question answers itself.
            return question.timeout is not None
        try:
            await self._runs.answer(self._run, question.id, answer.text, answer.approved)
        except AnswerRefused as refused:
            say(refused, file=sys.stderr)
            if self._runs.get(self._run).status == "waiting":
                return await self._answer(question)  # it did not fit: the next answer may
        return True

    async def _sign_in(self, question: QuestionAsked) -> bool:
        """The person is told where to sign in, and waited for. Whether the question was answered."""
        from studio.cli.sign_in import sign_in_here

        line = await self._typed(text("cli.ask.sign_in"))
        if line is None:
            return self._stopping is not None
        wants = line.strip().casefold() in ("y", "yes")
        if wants:
            self._answering = asyncio.ensure_future(
                sign_in_here(self._sign_ins, question.details, lambda words: print(words, file=sys.stderr))
            )
            try:
                await self._answering
            except asyncio.CancelledError:
                if self._stopping is None:
                    raise
                return True
            except ConveneError as mistake:
                say(mistake, file=sys.stderr)
                return await self._sign_in(question)
            finally:
                self._answering = None
        with contextlib.suppress(AnswerRefused):  # somebody did elsewhere
            await self._runs.answer(self._run, question.id, "", wants)
        return True

    async def _next_step(self) -> bool:
        """Whether a run that goes step by step was let go on: Enter is one step, `go` is all of them, the end of input leaves it paused."""
        line = await self._typed(text("cli.ask.step")) if self._step else None
        if line is None:
            return self._stopping is not None
        self._step = line.strip().casefold() not in ("go", "g")
        await self._runs.command(self._run, "step" if self._step else "resume")
        return True

    async def _typed(self, prompt: str) -> str | None:
        """A line; None at the end of input, or when the run is being stopped: what follows then is run_finished."""
        self._answering = typing = asyncio.ensure_future(self._people.typed(prompt))
        try:
            return await typing
        except asyncio.CancelledError:
            if self._stopping is None:
                raise
            return None
        finally:
            self._answering = None

    async def _leave_paused(self) -> str:
        """Ends when the stored run is paused, a moment after its log says so."""
        for _ in range(100):
            if self._runs.get(self._run).status == "paused":
                break
            await asyncio.sleep(0.02)
        self._transcript.event(self._rest("paused", YOU, text("cli.run.held")))
        say(text("cli.run.paused", run=self._run), file=sys.stderr)
        return "paused"

    async def _leave_waiting(self, question: QuestionAsked) -> str:
        self._transcript.event(self._rest("waiting", question.source, text("cli.run.waiting", source=question.source)))
        say(text("cli.run.waits_on", run=self._run), file=sys.stderr)
        return "waiting"

    def _rest(self, status: Literal["waiting", "paused"], source: str, why: str) -> RunFinished:
        """What ends the transcript as a finished run does. The stored run gets no such event: it waits."""
        return RunFinished(seq=self._seq + 1, source=source, status=status, stop_reason=why, usage=self._usage)

    def _listen_for_stop(self) -> None:
        """The first Ctrl+C stops the run as the Stop button does; a second one ends the program at once."""
        loop = asyncio.get_running_loop()

        def stop() -> None:
            if self._stopping is None:
                self._stopping = loop.create_task(self._runs.stop(self._run))
                if self._answering is not None:
                    self._answering.cancel()
                signal.signal(signal.SIGINT, signal.default_int_handler)

        signal.signal(signal.SIGINT, lambda number, frame: loop.call_soon_threadsafe(stop))
