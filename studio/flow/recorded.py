"""A conversation that was held elsewhere and is brought in to be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from studio.engine.events import Event


@dataclass(frozen=True, slots=True)
class Recorded:
    """`flow` is the place of its flow among those that were brought in with it, None for a flow that is not there; runs of one
    `session` belong together. `events` are numbered from 1, from `run_started` to `run_finished`.
    """

    flow: int | None
    title: str
    session: str
    task: str
    started: datetime
    events: tuple[Event, ...]
