"""What guests can do at one door: start a run, go on with a conversation, answer, stop, and hear what is said. Nothing else is there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from studio.api.services import Services
from studio.engine.answers import Answer, answer_from
from studio.engine.errors import AnswerRefused, ConveneError
from studio.engine.events import Event, QuestionAnswered, QuestionAsked, ThreadEvent
from studio.engine.session_thread import thread_of
from studio.engine.stored_events import event_from_json
from studio.engine.teams.team import Team
from studio.flow.document import FlowDocument
from studio.flow.resolve import resolve
from studio.library.errors import FlowMissing
from studio.library.guest_runs import GuestRuns
from studio.runs.errors import RunRefused
from studio.runs.guests import Guest
from studio.runs.summary import RunSummary
from studio.serving.allowance import Allowance
from studio.serving.door import Door, Pace
from studio.serving.errors import GuestRefused
from studio.serving.inputs import MAX_TASK, check_input
from studio.serving.told import AT_REST, OVER, Outcome, Told, is_for_guests, outcome_of, told_of
from studio.store.errors import RunMissing
from studio.texts import text

log = logging.getLogger("convene.serving")

STARTED_BY = "guest"
"""The source of what guests answer."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A run that a guest's words went into, its session, and the number of its last event before them."""

    run: str
    session: str
    after: int = 0


class Reception:
    """One for all doors of a process. Coroutines belong to the event loop of the runs."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._runs = services.runs
        self.book = GuestRuns(services.database)
        self._allowance = Allowance(services, self.book)
        self._counting: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._leaving: set[asyncio.Task[None]] = set()

    # The flow ---------------------------------------------------------------------------------------------------------

    async def flow(self, door: Door) -> FlowDocument:
        """The flow as it is stored now. Raises GuestRefused when it is gone."""
        try:
            return (await asyncio.to_thread(self._services.flows.get, door.flow_id)).document
        except FlowMissing:
            raise GuestRefused("closed") from None

    # Speaking ---------------------------------------------------------------------------------------------------------

    async def start(
        self, door: Door, pace: Pace, given: dict[str, Any], via: str, session: str | None = None, history: Sequence[ThreadEvent] = ()
    ) -> Reached:
        """Run the flow on what a guest gave, `{task}`, in a conversation of theirs or a new one. Raises GuestRefused."""
        document = await self.flow(door)
        task = check_input(document, given)
        if session is not None:
            await self._own_session(door, session)
        # A guest who goes away right now would leave a run behind that nobody waits for: it is begun to the end, and then stopped.
        starting = asyncio.create_task(self._start(door, pace, document, task, via, session, tuple(history)))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(lambda begun: self._stop_begun(door, begun))
            raise

    async def _start(
        self, door: Door, pace: Pace, document: FlowDocument, task: str, via: str, session: str | None, history: tuple[ThreadEvent, ...]
    ) -> Reached:
        async with self._lock(door):
            money = await self._allowance.room(door, document)
            pace.start(door.terms.per_minute)
            guest = Guest(f"{door.told}: {via}", money, door.terms.seconds, history)
            try:
                started = await self._runs.start(document, task, flow_id=door.flow_id, session=session, guest=guest)
            except RunRefused as refused:
                log.warning("A guest's run was refused: %s", refused)
                raise GuestRefused("cannot_run" if session is None else "still_busy") from None
            except ConveneError as mistake:
                log.warning("The flow %s cannot run for guests: %s", door.flow_id, mistake)
                raise GuestRefused("cannot_run") from None
            await asyncio.to_thread(self.book.note, door.id, started.run, via)
        return Reached(started.run, started.session)

    def _stop_begun(self, door: Door, begun: asyncio.Task[Reached]) -> None:
        if not begun.cancelled() and begun.exception() is None:
            self.leave_soon(door, begun.result().run)

    async def say(
        self, door: Door, pace: Pace, words: str, via: str, session: str | None = None, history: Sequence[ThreadEvent] = ()
    ) -> Reached:
        """A guest's words in a conversation: the answer to its open question, or else the next task. Raises GuestRefused."""
        if session is not None:
            last = await self._own_session(door, session)
            if last.status == "waiting":
                return await self.answer(door, last.id, words)
            if last.status not in OVER:
                raise GuestRefused("still_busy")
        return await self.start(door, pace, {"task": words}, via, session, history)

    async def answer(self, door: Door, run: str, words: str, question: str | None = None, approved: bool | None = None) -> Reached:
        """Answer the open question of a run, or the one that is named. Raises GuestRefused."""
        await self._own_run(door, run)
        if len(words) > MAX_TASK:
            raise GuestRefused("input", where="text", what=text("guest.input.too_long", count=f"{MAX_TASK:,}"))
        outcome = await self.outcome(run)
        asked = outcome.question
        if asked is None or (question is not None and question != asked.id):
            raise GuestRefused("no_question")
        if not is_for_guests(asked):
            raise GuestRefused("for_the_owner")
        said = answer_from(words, asked) if approved is None else Answer(words, approved)
        async with self._lock(door):
            await self._allowance.place(door)  # or runs that wait would go round the limits, however many there are
            free = await self._allowance.free_money(door, run)
            try:
                if free is not None and run not in self._runs.here():
                    # While it waited, nothing was set aside for it.
                    await self._runs.limit_money(run, (self._runs.get(run).cost or 0.0) + free)
                await self._runs.answer(run, asked.id, said.text, said.approved, by=STARTED_BY)
            except AnswerRefused as refused:
                raise GuestRefused("input", where="text", what=refused.sentence) from None
            except ConveneError as mistake:
                log.warning("A guest's answer was refused: %s", mistake)
                raise GuestRefused("cannot_run") from None
        return Reached(run, self._runs.get(run).session, outcome.seq)

    async def stop(self, door: Door, run: str) -> None:
        """Raises GuestRefused."""
        await self._own_run(door, run)
        await self._runs.stop(run)

    # Hearing ----------------------------------------------------------------------------------------------------------

    async def look(self, door: Door, run: str) -> tuple[RunSummary, Outcome]:
        """Raises GuestRefused."""
        summary = await self._own_run(door, run)
        return summary, await self.outcome(run)

    async def hear(self, door: Door, run: str, after: int = 0) -> AsyncGenerator[Told]:
        """What is said in a run after an event, as it is said, until nothing more can come. Raises GuestRefused."""
        await self._own_run(door, run)
        async with aclosing(self._runs.follow(run, after)) as frames:
            async for frame in frames:
                for told in _told_in(frame):
                    yield told
                if frame["t"] == "status" and frame["status"] in OVER:
                    return

    async def rest(self, run: str, after: int = 0) -> Outcome:
        """How the run stands when it next comes to rest: over, waiting or paused."""
        async with aclosing(self._runs.follow(run, after)) as frames:
            async for frame in frames:
                if frame["t"] == "status" and frame["status"] in AT_REST:
                    break
        return await self.outcome(run, after)

    async def outcome(self, run: str, after: int = 0) -> Outcome:
        """How a run stands now; what it used is counted after an event."""

        def fold() -> Outcome:
            status = self._runs.get(run).status
            return outcome_of(self._runs.events(run), status, self.team(run), after)

        return await asyncio.to_thread(fold)

    async def turn(self, door: Door, run: str, after: int) -> tuple[RunSummary, Outcome]:
        """How a run stands, or how it stood when a guest answered what it had asked after an event. Raises GuestRefused."""
        summary = await self._own_run(door, run)

        def fold() -> Outcome:
            log = self._runs.events(run)
            end = _next_turn(log, after)
            status = summary.status if end is None else "waiting"
            return outcome_of(log[:end], status, self.team(run), after)

        return summary, await asyncio.to_thread(fold)

    async def goes_on(self, door: Door, run: str, after: int) -> tuple[str | None, tuple[ThreadEvent, ...]]:
        """The session in which to go on after a turn of a run, and what has been said until then; None where the session went on without.

        Raises GuestRefused, also for a turn whose question has been answered already.
        """
        summary = await self._own_run(door, run)
        log = await asyncio.to_thread(self._runs.events, run)
        if _next_turn(log, after) is not None:
            raise GuestRefused("went_on")
        newest = await asyncio.to_thread(self._runs.newest_of, summary.session)
        return summary.session if newest is not None and newest.id == run else None, thread_of(log)

    def team(self, run: str) -> Team:
        """The team of a run, as it was drawn then."""
        return resolve(self._runs.document(run))

    async def owns_session(self, door: Door, session: str) -> bool:
        """Whether the newest run of a session came through this door."""
        try:
            await self._own_session(door, session)
        except GuestRefused:
            return False
        return True

    async def asks_in(self, door: Door, session: str) -> bool:
        """Whether a session of this door waits for an answer."""
        try:
            return (await self._own_session(door, session)).status == "waiting"
        except GuestRefused:
            return False

    async def leave(self, door: Door, run: str) -> None:
        """Whoever waited for this run is gone: one that computes is stopped, one that waits for an answer goes on waiting."""
        if (await self._own_run(door, run)).status == "running":
            await self._runs.stop(run)

    def leave_soon(self, door: Door, run: str) -> None:
        """The same for one who is being cancelled and cannot wait for it."""
        task = asyncio.create_task(self.leave(door, run), name=f"leave {run}")
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def close(self) -> None:
        tasks = [*self._leaving]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ------------------------------------------------------------------------------------------------------------------

    async def _own_run(self, door: Door, run: str) -> RunSummary:
        try:
            if await asyncio.to_thread(self.book.came_through, door.id, run[:64]):
                return await asyncio.to_thread(self._runs.get, run)
        except RunMissing:
            pass
        raise GuestRefused("no_such_run")

    async def _own_session(self, door: Door, session: str) -> RunSummary:
        last = await asyncio.to_thread(self._runs.newest_of, session[:64])
        if last is None or not await asyncio.to_thread(self.book.came_through, door.id, last.id):
            raise GuestRefused("no_such_conversation")
        return last

    def _lock(self, door: Door) -> asyncio.Lock:
        """Held by whoever counts the runs of a door that compute, and adds to them."""
        return self._counting.setdefault(door.id, asyncio.Lock())


def _next_turn(log: Sequence[Event], after: int) -> int | None:
    """How many events of a run came before a guest answered the question in which a turn ended; None where nobody did."""
    answers = [place for place, event in enumerate(log) if _by_guest(event) and event.seq > after]
    own = 1 if after else 0  # a later turn begins with the answer to the one before
    return answers[own] if len(answers) > own else None


def _by_guest(event: Event) -> bool:
    return isinstance(event, QuestionAnswered) and event.source == STARTED_BY


def _told_in(frame: dict[str, Any]) -> list[Told]:
    """What of a frame of the run channel is for guests."""
    match frame["t"]:
        case "events":
            return [told for raw in frame["events"] if (told := told_of(event_from_json(raw))) is not None]
        case "delta" if "scope" not in frame and frame["kind"] == "text":
            return [{"type": "delta", "source": frame["source"], "text": frame["text"]}]
        case "void" if "scope" not in frame:
            return [{"type": "void", "source": frame["source"]}]
        case "working" if "scope" not in frame:
            return [{"type": "working", "source": frame["source"], "busy": bool(frame["what"])}]
        case "status":
            return [{"type": "status", "status": frame["status"]}]
        case _:
            return []


def asks(question: QuestionAsked) -> str:
    """A question as one text, for clients that show nothing else."""
    if not is_for_guests(question):
        return text("guest.for_the_owner")
    parts = [question.text, question.details]
    if question.choices:
        parts.append("\n".join(f"{number}. {choice}" for number, choice in enumerate(question.choices, 1)))
    return "\n\n".join(part for part in parts if part)
