"""A planner's ledger as a fold over its events: facts, plan, progress, and what is to be written next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from studio.engine.events import CommandGiven, Event, LedgerWritten, MessageSaid, Noticed, SpeakerChosen

BAD_PROGRESS = "bad_progress"
"""The code of the notice that a progress report could not be read."""

PROGRESS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "is_request_satisfied": {"type": "boolean", "description": "Whether the whole task is done, and nothing is open."},
        "is_in_loop": {"type": "boolean", "description": "Whether the same is being asked or done again and again."},
        "is_progress_being_made": {"type": "boolean", "description": "Whether the latest messages brought the task forward."},
        "next_speaker": {"type": "string", "description": "Who should do something next."},
        "instruction": {"type": "string", "description": "What that member is told or asked, with all that is needed to do it."},
        "reason": {"type": "string", "description": "Why, in one sentence."},
    },
    "required": ["is_request_satisfied", "is_in_loop", "is_progress_being_made", "next_speaker", "instruction", "reason"],
    "additionalProperties": False,
}
"""What a progress report says: the five questions of Magentic-One (arxiv.org/abs/2411.04468) with one common reason."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a planner has written so far.

    `announced` is whether the team was told the plan; `progress` is a report that nobody acted on yet; `bad` counts unreadable
    reports in a row; `plans` how often it was planned; `stale` whether facts and plan must be written anew; `rounds` counts turns.
    """

    facts: str = ""
    plan: str = ""
    answer: str = ""
    announced: bool = False
    stale: bool = False
    progress: dict[str, Any] | None = None
    stalls: int = 0
    bad: int = 0
    plans: int = 0
    rounds: int = 0


def after(ledger: Ledger, event: Event, most_stalls: int, team: str) -> Ledger:
    """The ledger after an event of its conversation."""
    match event:
        case LedgerWritten(page="facts", text=text):
            return replace(ledger, facts=text, plan="", announced=False, progress=None, stale=False)
        case LedgerWritten(page="plan", text=text):
            return replace(ledger, plan=text, plans=ledger.plans + 1, stalls=0, announced=False)
        case LedgerWritten(page="progress", data=dict() as data):
            return _reported(ledger, data, most_stalls)
        case LedgerWritten(page="answer", text=text):
            return replace(ledger, answer=text)
        case Noticed(code=code) if code == BAD_PROGRESS:
            return replace(ledger, bad=ledger.bad + 1)
        case SpeakerChosen():
            return replace(ledger, progress=None, rounds=ledger.rounds + 1)
        case CommandGiven(instead_of=name, speaker=speaker) if name and name != speaker:
            return replace(ledger, rounds=ledger.rounds - 1)
        case MessageSaid(source=source) if source == team and ledger.plan:
            return replace(ledger, announced=True)
        case _:
            return ledger


def _reported(ledger: Ledger, data: dict[str, Any], most_stalls: int) -> Ledger:
    stuck = data.get("is_in_loop") is True or data.get("is_progress_being_made") is False
    stalls = ledger.stalls + 1 if stuck else max(0, ledger.stalls - 1)
    satisfied = data.get("is_request_satisfied") is True
    return replace(ledger, progress=data, bad=0, stalls=stalls, stale=not satisfied and stalls >= most_stalls)
