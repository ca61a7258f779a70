"""What a list of runs shows of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from studio.runs.owner import is_gone
from studio.store.tables import RunRow, now


@dataclass(frozen=True, slots=True)
class RunSummary:
    """`flow` is the flow's name as it ran; `seconds` from the start to the end, or to the last sign of life; `cost` in US dollars.

    `unpriced` calls have no known price: where there are some, the cost is at least what `cost` says. An `abandoned` run computes,
    but whoever worked on it is gone.
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
    abandoned: bool = False


def is_abandoned(row: RunRow) -> bool:
    """Whether a run computes without anybody behind it."""
    if row.status != "running":
        return False
    return row.owner is None or row.lease_until is None or row.lease_until < now() or is_gone(row.owner)


def summary_of(row: RunRow) -> RunSummary:
    abandoned = is_abandoned(row)
    end = row.finished or (now() if row.status == "running" and not abandoned else row.updated)
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
        abandoned,
    )
