"""Where the engine's events go: into the log first, then to everybody who follows the run."""

from __future__ import annotations

from collections.abc import Sequence

from studio.engine.errors import ConveneError, StaleEpoch
from studio.engine.events import Event, QuestionAsked, TransientEvent
from studio.runs.live import Live
from studio.store.event_log import EventLog


class RunSink:
    """The sink of one execution of a run, good for its epoch only."""

    def __init__(self, live: Live, log: EventLog, epoch: int) -> None:
        self._live = live
        self._log = log
        self.epoch = epoch
        self.cut_off = False
        """Set when the process ends: nothing of the run's forced end is to be written, so that it goes on at the next start."""
        self.failure: ConveneError | None = None
        """Why the log did not take an event. What comes after it in the conversation must not be written without it."""
        self.question: QuestionAsked | None = None
        """The question that was asked last."""

    async def append(self, events: Sequence[Event]) -> None:
        """Raises StaleEpoch when another process took the run over, and DatabaseUnusable."""
        if self.cut_off:
            raise StaleEpoch(self._live.run)
        if self.failure is not None:
            raise self.failure
        try:
            entries = await self._log.append(self._live.run, self.epoch, events)
        except ConveneError as problem:
            self.failure = problem
            raise
        self._live.appended(events, entries)
        self.question = next((event for event in reversed(events) if isinstance(event, QuestionAsked)), self.question)

    def show(self, event: TransientEvent) -> None:
        if not self.cut_off:
            self._live.show(event)
