"""Where the engine's events go: into the log first, then to everybody who follows the run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from studio.engine.errors import ConveneError, StaleEpoch
from studio.engine.events import Event, QuestionAsked, TransientEvent
from studio.runs.live import Live
from studio.store.event_log import EventLog


class RunSink:
    """The sink of one execution of a run, good for its epoch only. `asked` is told the run and each question as soon as it is stored."""

    def __init__(
        self, live: Live, log: EventLog, epoch: int, owner: str | None = None, asked: Callable[[str, QuestionAsked], None] | None = None
    ) -> None:
        self._live = live
        self._log = log
        self._owner = owner
        self._asked = asked
        self.epoch = epoch
        self.cut_off = False
        """Set when the process ends: nothing of the run's forced end is to be written, so that it goes on at the next start."""
        self.failure: ConveneError | None = None
        """Why the log did not take an event. What comes after it in the conversation must not be written without it."""

    async def append(self, events: Sequence[Event]) -> None:
        """Raises StaleEpoch when another process took the run over, and DatabaseUnusable."""
        if self.cut_off:
            raise StaleEpoch(self._live.run)
        if self.failure is not None:
            raise self.failure
        try:
            entries = await self._log.append(self._live.run, self.epoch, events, self._owner)
        except ConveneError as problem:
            self.failure = problem
            raise
        self._live.appended(events, entries)
        if self._asked is not None:
            for event in events:
                if isinstance(event, QuestionAsked):
                    self._asked(self._live.run, event)

    def show(self, event: TransientEvent) -> None:
        if not self.cut_off:
            self._live.show(event)
