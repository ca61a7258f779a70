"""Writing events: numbered, folded into the state and stored, in one order for all who write at the same time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from studio.engine.bill import settle
from studio.engine.events import ConversationOpened, Event, HandedOff, MessageSaid, QuestionAsked, ToolsCalled, TransientEvent, now
from studio.engine.fold import apply
from studio.engine.state import RunState
from studio.engine.stored_events import stamped, storable


class Sink(Protocol):
    """Where a run's events go.

    One whose `append` waits for nothing may say so by `immediate = True`: it is called without a task. One whose `show` does nothing
    may say so by `blind = True`: nothing is made for it.
    """

    async def append(self, events: Sequence[Event]) -> None:
        """Store numbered events; returns when they are durable. Raises StaleEpoch when another writer took the run over."""
        ...

    def show(self, event: TransientEvent) -> None:
        """Show what is never stored."""
        ...


class Clock:
    """The time of a run's events: it never goes back, and goes on evenly where the machine's clock is set while the run works."""

    def __init__(self, latest: datetime | None, wall: Callable[[], datetime] = now) -> None:
        self._began = max(wall(), latest) if latest is not None else wall()
        self._at = time.monotonic()

    def now(self) -> datetime:
        return self._began + timedelta(seconds=time.monotonic() - self._at)


@dataclass(slots=True)
class Writer:
    """The one who writes into a run's log during an execution."""

    state: RunState
    sink: Sink
    observer: Callable[[Event], None] | None = None
    clock: Clock = field(init=False)

    def __post_init__(self) -> None:
        self.clock = Clock(self.state.latest)

    async def append(self, scope: str | None, *events: Any) -> None:
        """Number events of a conversation, fold them in and store them: identifiers come from the numbers.

        Storing is shielded: what is folded in must be in the log before anything else, a stop included, is written after it.
        """
        numbered: list[Event] = []
        for event in events:
            seq = self.state.seq + 1
            changes: dict[str, Any] = {"seq": seq, "time": self.clock.now()}
            if scope is not None:
                changes["scope"] = scope
            match event:
                case MessageSaid():
                    changes["id"] = f"m{seq}"
                case QuestionAsked():
                    changes["id"] = f"q{seq}"
                case ConversationOpened():
                    changes["id"] = f"t{seq}"
                case ToolsCalled(calls=calls):
                    # Servers repeat ids, or make them up anew each time: ours are one of a kind in the log and equal in every replay.
                    changes["calls"] = tuple(call.model_copy(update={"id": f"c{seq}_{n}"}) for n, call in enumerate(calls, 1))
                case HandedOff(call=str()):
                    changes["call"] = f"c{seq}_1"
                case _:
                    pass
            stored = storable(stamped(event, changes))
            apply(self.state, stored)
            if (usage := getattr(stored, "usage", None)) is not None and usage.calls:
                settle(usage)  # from here on it is counted, also where whoever stores it is cancelled
            if self.observer is not None:
                self.observer(stored)
            numbered.append(stored)
        if getattr(self.sink, "immediate", False):
            await self.sink.append(numbered)
        else:
            await asyncio.shield(asyncio.ensure_future(self.sink.append(numbered)))
