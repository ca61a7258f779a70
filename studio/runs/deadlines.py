"""Questions that answer themselves when their time is over: one sweeper for all runs, which hold nothing while they wait."""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from studio.engine.answers import answer_in_time
from studio.engine.errors import AnswerRefused, ConveneError
from studio.engine.events import QuestionAsked, now
from studio.engine.stored_events import event_from_json
from studio.runs import rows
from studio.store.database import Database

log = logging.getLogger("studio.runs")

TICK = 0.25
"""Seconds between looks at the clock while there is a deadline."""

LOOK = 10.0
"""Seconds between looks for questions that other processes asked."""

LATER = timedelta(seconds=5)
"""When an answer that could not be given is tried again."""

Give = Callable[[str, str, str, bool | None], Awaitable[None]]
"""Gives an answer: run, question, text, approved."""


class Deadlines:
    """When which question of which run answers itself."""

    def __init__(self) -> None:
        self._due: list[tuple[datetime, str, str]] = []
        self._known: dict[tuple[str, str], QuestionAsked] = {}

    def __len__(self) -> int:
        return len(self._known)

    def note(self, run: str, question: QuestionAsked) -> None:
        """Look after a question, if it has a time-out."""
        if question.timeout is not None and (run, question.id) not in self._known:
            self._known[run, question.id] = question
            heapq.heappush(self._due, (question.time + timedelta(seconds=question.timeout), run, question.id))

    def over(self) -> list[tuple[str, QuestionAsked]]:
        """The questions whose time is over; they are not looked after any more."""
        found = []
        while self._due and self._due[0][0] <= now():
            _, run, question = heapq.heappop(self._due)
            if (known := self._known.pop((run, question), None)) is not None:
                found.append((run, known))
        return found

    def again(self, run: str, question: QuestionAsked) -> None:
        """Try it once more, later."""
        self._known[run, question.id] = question
        heapq.heappush(self._due, (now() + LATER, run, question.id))

    def find(self, database: Database) -> None:
        """Look after all questions with a time-out that are open in the database."""
        latest: dict[str, QuestionAsked] = {}
        for run, payload in rows.timed_questions(database):
            event = event_from_json(payload)
            if isinstance(event, QuestionAsked):
                latest[run] = event
        for run, question in latest.items():
            self.note(run, question)


async def keep_answering(deadlines: Deadlines, database: Database, give: Give) -> None:
    """Answer what nobody answered in time, for as long as the service is open."""
    clock = asyncio.get_running_loop().time
    looked = -LOOK
    while True:
        try:
            if clock() - looked >= LOOK:
                looked = clock()
                await asyncio.to_thread(deadlines.find, database)
            for run, question in deadlines.over():
                await _answer(deadlines, run, question, give)
        except Exception:
            log.exception("questions with a time-out could not be looked after")
        await asyncio.sleep(TICK if len(deadlines) else 4 * TICK)


async def _answer(deadlines: Deadlines, run: str, question: QuestionAsked, give: Give) -> None:
    answer = answer_in_time(question)
    try:
        await give(run, question.id, answer.text, answer.approved)
    except AnswerRefused:
        pass  # somebody did, or the run is over
    except ConveneError as problem:
        log.warning("run %s: question %s was not answered in time: %s", run, question.id, problem)
        deadlines.again(run, question)
