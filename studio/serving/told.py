"""What guests are told of a run: who said what, questions, how it ended. Results of tools, thoughts and the owner's errors stay inside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.engine.conditions.combined import AllOf, AnyOf
from studio.engine.conditions.condition import Condition
from studio.engine.conditions.text_mention import TextMention
from studio.engine.events import (
    CodeFinished,
    CodeStarted,
    CommandGiven,
    ErrorHappened,
    Event,
    HandedOff,
    MessageSaid,
    QuestionAnswered,
    QuestionAsked,
    RunFinished,
    RunInterrupted,
    RunStarted,
    ToolsCalled,
)
from studio.engine.session_thread import thread_of
from studio.engine.subjects import SPEAKER
from studio.engine.teams.team import Team
from studio.engine.usage import NOTHING, Usage
from studio.texts import text

Told = dict[str, Any]

OVER = frozenset({"done", "stopped", "failed", "interrupted"})
AT_REST = OVER | {"waiting", "paused"}
_LIMITS = frozenset({"time_limit", "money_limit", "token_limit"})
"""Stop rules that end a conversation in the middle of something."""


def is_for_guests(question: QuestionAsked) -> bool:
    """Whether a guest may answer. What code, tools and servers may do on the owner's machine, the owner alone decides."""
    return question.subject in ("", SPEAKER)


def told_of(event: Event) -> Told | None:
    """A durable event as guests see it; None for what is not for them. `seq` is its place in the log."""
    told = _told(event)
    return None if told is None else {"seq": event.seq, "time": event.time.isoformat(), **told}


def _told(event: Event) -> Told | None:
    match event:
        case QuestionAsked():
            return {"type": "question", "source": event.source, **question_of(event)}
        case QuestionAnswered() if event.scope is None:
            return {"type": "answer", "question": event.question, "text": event.text, "approved": event.approved}
        case CommandGiven(question=question) if question:
            return {"type": "withdrawn", "question": question}
        case RunFinished():
            return {"type": "finished", "status": event.status, "reason": _reason(event), "usage": usage_of(event.usage)}
        case RunInterrupted():
            return {"type": "interrupted"}
        case ErrorHappened():
            return {"type": "error", "code": event.code, "text": text("guest.unfinished")}
        case _ if event.scope is not None:
            return None
        case RunStarted():
            return {"type": "started", "task": event.task}
        case MessageSaid():
            return {"type": "message", "id": event.id, "source": event.source, "role": event.role, "text": event.text}
        case HandedOff():
            return {"type": "message", "id": f"m{event.seq}", "source": event.source, "role": "agent", "text": event.text}
        case ToolsCalled():
            return {"type": "tools", "source": event.source, "names": [call.name for call in event.calls], "text": event.text}
        case CodeStarted():
            return {"type": "code", "source": event.source}
        case CodeFinished():
            return {"type": "code_result", "source": event.source, "exit_code": event.exit_code, "files": list(event.files)}
        case _:
            return None


def question_of(question: QuestionAsked) -> Told:
    """A question to a guest; one to the owner says only that there is one."""
    if not is_for_guests(question):
        return {"id": question.id, "text": text("guest.for_the_owner"), "form": "wait", "choices": []}
    told: Told = {"id": question.id, "text": question.text, "form": question.form, "choices": list(question.choices)}
    if question.details:
        told["details"] = question.details
    if question.fields is not None:
        told["fields"] = question.fields
    return told


def usage_of(usage: Usage) -> Told:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "cost": usage.cost,
    }


def _reason(finished: RunFinished) -> str:
    """Why it is over. The words of a failure may name the owner's servers."""
    return text("guest.unfinished") if finished.status == "failed" else finished.stop_reason


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run stands, or stood: `answer` is what came of it so far, `question` the one that is open.

    `cut` is set where a limit ended it.
    """

    status: str
    answer: str = ""
    reason: str = ""
    question: QuestionAsked | None = None
    usage: Usage = NOTHING
    seq: int = 0
    messages: Sequence[Told] = field(default_factory=tuple)
    cut: bool = False

    @property
    def open_question(self) -> Told | None:
        return None if self.question is None else question_of(self.question)


def outcome_of(events: Iterable[Event], status: str, team: Team, after: int = 0) -> Outcome:
    """A fold over a run's log, whose status is known; `usage` counts what came after an event."""
    log = list(events)
    asked: dict[str, QuestionAsked] = {}
    used = NOTHING
    reason, cut, messages = "", False, []
    for event in log:
        match event:
            case QuestionAsked():
                asked[event.id] = event
            case QuestionAnswered() | CommandGiven():
                asked.pop(event.question, None)
            case RunFinished():
                reason, cut = _reason(event), event.by in _LIMITS
        if not isinstance(event, RunFinished) and event.seq > after and isinstance(spent := getattr(event, "usage", None), Usage):
            used = used + spent
        told = told_of(event)
        if told is not None and told["type"] == "message":
            messages.append(told)
    question = next(reversed(asked.values()), None) if status == "waiting" else None
    return Outcome(status, answer_of(log, team), reason, question, used, log[-1].seq if log else 0, messages, cut)


def answer_of(log: Sequence[Event], team: Team) -> str:
    """What came of a conversation, as the team itself would tell it; a last message that only says a stop word is not it."""
    start = next((event for event in log if isinstance(event, RunStarted)), None)
    said = [event for event in thread_of(log)[len(start.history) if start else 0 :] if isinstance(event, MessageSaid)]
    said = [event for event in said if event.role in ("agent", "code")]
    words = stop_words(team.stop)
    while len(said) > 1 and said[-1].text.strip().strip(".!*").casefold() in words:
        said.pop()
    return team.outcome(said)


def stop_words(stop: Condition | None) -> frozenset[str]:
    """The words that end a conversation when somebody says them."""
    match stop:
        case TextMention():
            return frozenset({stop.text.strip().casefold()})
        case AnyOf() | AllOf():
            return frozenset().union(*(stop_words(rule) for rule in stop.conditions))
        case _:
            return frozenset()
