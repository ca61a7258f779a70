"""What a list of runs shows of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from studio.store.tables import RunRow, now


@dataclass(frozen=True, slots=True)
class RunSummary:
    """`flow` is the flow's name as it ran; `seconds` from the start to the end, or to the last sign of life; `cost` in US dollars.

    `unpriced` calls have no known price: where there are some, the cost is at least what `cost` says.
    """

    id: str
    session: str
    flow_id: str | None
    flow: str
    task: str
    status: str
    started: datetime
    seconds: float
    messages: int
    tokens: int
    cost: float | None
    stop_reason: str = ""
    flow_version: int | None = None
    unpriced: int = 0


def summary_of(row: RunRow) -> RunSummary:
    end = row.finished or (now() if row.status == "running" else row.updated)
    return RunSummary(
        row.id,
        row.session_id,
        row.flow_id,
        row.flow,
        row.task,
        row.status,
        row.started,
        max(0.0, (end - row.started).total_seconds()),
        row.messages,
        row.prompt_tokens + row.completion_tokens,
        row.cost,
        row.stop_reason,
        row.flow_version,
        row.unpriced,
    )
