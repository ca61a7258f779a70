"""The state of a conversation as a fold over its log: `apply` adds one event, `decide` says what the conversation needs next.

Both are deterministic and do nothing to the outside. `apply` changes the state it is given, which belongs to the fold alone:
copying a thread at every event would make a turn cost more the longer the conversation is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never

from studio.engine.agents.agent import Agent, Ask, CallModel, RunCode, RunTools, Say, Step, StopRun, Turn, TurnEvent
from studio.engine.agents.human import Human
from studio.engine.conditions.condition import Met, Progress
from studio.engine.errors import FlowError
from studio.engine.events import (
    YOU,
    CodeFinished,
    CodeStarted,
    ErrorHappened,
    Event,
    HandedOff,
    MessageSaid,
    Noticed,
    PartialSaid,
    QuestionAnswered,
    QuestionAsked,
    RunFinished,
    RunInterrupted,
    RunResumed,
    RunStarted,
    SelectionRejected,
    SpeakerChosen,
    ThreadEvent,
    ToolFinished,
    ToolsCalled,
    ToolStarted,
)
from studio.engine.teams.selection import Candidates, Choice
from studio.engine.teams.team import Team
from studio.engine.tools.base import by_name
from studio.engine.usage import NOTHING, Usage

LOCAL_CODE = "local_code"
"""The subject of the question whether code may run on this machine."""

SPEAKER = "speaker"
"""The subject of the question who speaks next."""

TOOL = "tool:"
"""How the subject of a question about a tool call begins; the call's id follows."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A person must answer the open question."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The conversation is over."""

    reason: str
    by: str


@dataclass(slots=True)
class ConversationState:
    """What is known after a number of events. `turn_events` are those of the running turn; `open_steps` intents without a result."""

    team: Team
    agents: dict[str, Agent]
    seq: int = 0
    started: datetime | None = None
    latest: datetime | None = None
    paused_at: datetime | None = None
    paused: float = 0.0
    task_given: bool = False
    task: str = ""
    thread: list[ThreadEvent] = field(default_factory=list)
    history: int = 0
    speaker: str | None = None
    turn_events: list[TurnEvent] = field(default_factory=list)
    speakers: list[str] = field(default_factory=list)
    handed_to: str | None = None
    turns: int = 0
    messages: int = 0
    usage: Usage = NOTHING
    question: QuestionAsked | None = None
    rejected: list[tuple[str, str]] = field(default_factory=list)
    chosen_by_hand: str | None = None
    consent: bool | None = None
    approvals: dict[str, QuestionAnswered] = field(default_factory=dict)
    open_steps: dict[str, str] = field(default_factory=dict)
    auto_replies: dict[str, int] = field(default_factory=dict)
    model_calls: dict[str, int] = field(default_factory=dict)
    memory: Any = None
    met: Met | None = None
    finished: RunFinished | None = None
    interrupted: bool = False

    def progress(self, new: Sequence[Any] = (), at: datetime | None = None) -> Progress:
        """The totals of this task at a time (the latest event's unless told)."""
        at = at or self.latest
        elapsed = (at - self.started).total_seconds() - self.paused if at and self.started else 0.0
        return Progress(new, self.messages, int(self.task_given), self.turns, self.usage, max(0.0, elapsed))


def new_state(team: Team) -> ConversationState:
    return ConversationState(team, {agent.name: agent for agent in team.participants})


def fold(team: Team, log: Iterable[Event]) -> ConversationState:
    """The state after a whole log."""
    state = new_state(team)
    for event in log:
        apply(state, event)
    return state


def thread_of(log: Iterable[Event]) -> tuple[ThreadEvent, ...]:
    """What a log adds to its session: the history it began with and what was said in it."""
    thread: list[ThreadEvent] = []
    for event in log:
        if isinstance(event, RunStarted):
            thread.extend(event.history)
        elif isinstance(event, MessageSaid | ToolsCalled | ToolFinished | HandedOff):
            thread.append(event)
    return tuple(thread)


def apply(state: ConversationState, event: Any) -> ConversationState:
    """Add one durable event to the state that all events before it made."""
    state.seq = event.seq
    state.latest = event.time
    match event:
        case MessageSaid():
            _said(state, event)
        case SpeakerChosen():
            state.speaker = event.speaker
            state.speakers.append(event.speaker)
            state.turn_events = []
            state.rejected = []
            state.chosen_by_hand = None
            state.handed_to = None
            _spent(state, event.source, event.usage)
        case SelectionRejected():
            state.rejected.append((event.answer, event.why))
            _spent(state, event.source, event.usage)
        case ToolsCalled():
            state.thread.append(event)
            state.turn_events.append(event)
            _spent(state, event.source, event.usage)
        case ToolStarted():
            state.open_steps[event.call] = event.name
        case ToolFinished():
            state.open_steps.pop(event.call, None)
            state.thread.append(event)
            state.turn_events.append(event)
        case HandedOff():
            state.thread.append(event)
            state.handed_to = event.target
            _spent(state, event.source, event.usage)
            _end_turn(state)
        case CodeStarted():
            state.open_steps["code"] = "code"
        case CodeFinished():
            state.open_steps.pop("code", None)
            state.turn_events.append(event)
        case QuestionAsked():
            state.question = event
            state.paused_at = event.time
            if not event.subject:
                state.turn_events.append(event)
        case QuestionAnswered():
            _answered(state, event)
        case Noticed():
            state.turn_events.append(event)
            _spent(state, event.source, event.usage)
        case RunStarted():
            state.started = event.time
            state.thread.extend(event.history)
            state.history = len(event.history)
            state.task = event.task
            for said in event.history:
                if said.type != "tool_result" and said.model is not None:
                    state.model_calls[said.source] = state.model_calls.get(said.source, 0) + 1
        case RunFinished():
            state.finished = event
            state.paused_at = event.time
        case RunInterrupted():
            state.interrupted = True
            state.paused_at = event.time
        case RunResumed():
            state.finished = None
            state.interrupted = False
            state.open_steps.clear()
            _unpause(state, event.time)
        case PartialSaid() | ErrorHappened():
            pass
    _observe(state, event)
    return state


def _said(state: ConversationState, event: MessageSaid) -> None:
    state.thread.append(event)
    _spent(state, event.source, event.usage)
    if event.role == "task":
        state.task_given = True
        return
    state.messages += 1
    if isinstance(state.agents.get(event.source), Human):
        state.auto_replies[event.source] = 0 if event.role == "human" else state.auto_replies.get(event.source, 0) + 1
    if event.source == state.speaker:
        _end_turn(state)


def _end_turn(state: ConversationState) -> None:
    state.speaker = None
    state.turn_events = []
    state.turns += 1


def _spent(state: ConversationState, source: str, usage: Usage) -> None:
    if usage.calls:
        state.usage = state.usage + usage
        state.model_calls[source] = state.model_calls.get(source, 0) + usage.calls


def _unpause(state: ConversationState, at: datetime) -> None:
    if state.paused_at is not None:
        state.paused += (at - state.paused_at).total_seconds()
        state.paused_at = None


def _answered(state: ConversationState, event: QuestionAnswered) -> None:
    question, state.question = state.question, None
    _unpause(state, event.time)
    if question is None or not question.subject:
        state.turn_events.append(event)
    elif question.subject == LOCAL_CODE:
        state.consent = bool(event.approved)
    elif question.subject == SPEAKER:
        state.chosen_by_hand = event.text.strip()
    elif question.subject.startswith(TOOL):
        state.approvals[question.subject.removeprefix(TOOL)] = event


def _observe(state: ConversationState, event: Event) -> None:
    if state.team.stop is None or state.met is not None:
        return
    if isinstance(event, MessageSaid | ToolsCalled | ToolFinished | HandedOff | SpeakerChosen | SelectionRejected | CodeFinished):
        state.memory, state.met = state.team.stop.observe(state.progress((event,)), state.memory)


def decide(state: ConversationState) -> Step | Wait | Finish:
    """What the conversation needs next. Raises FlowError for a team that cannot go on as it stands."""
    if state.finished is not None:
        return Finish(state.finished.stop_reason, state.finished.by)
    if state.question is not None:
        return Wait()
    if not state.task_given and state.task:
        return Say((MessageSaid(source=YOU, text=state.task, role="task"),))
    if state.met is not None:
        return Finish(state.met.reason, state.met.by)
    if state.speaker is None:
        return _choose(state)
    return _with_approvals(state, state.agents[state.speaker].next_step(turn_of(state)))


def turn_of(state: ConversationState) -> Turn:
    """What the current speaker knows. Raises FlowError when nobody speaks."""
    if state.speaker is None:
        raise FlowError(state.team.name, "nobody is speaking.")
    agent = state.agents[state.speaker]
    model = getattr(agent, "model", None) or state.team.model
    return Turn(
        state.turns,
        state.thread,
        state.turn_events,
        model,
        tuple(state.agents),
        state.auto_replies.get(agent.name, 0),
        state.model_calls.get(agent.name, 0),
    )


def _with_approvals(state: ConversationState, step: Step) -> Step:
    """Tool calls that a person must agree to are asked for one by one, before any of them runs."""
    match step:
        case RunTools(calls, tools):
            named = by_name(tools, {})
            for call in calls:
                tool = named.get(call.name)
                if tool is not None and call.id not in state.approvals and tool.needs_approval(call.name, call.arguments):
                    return Ask(
                        QuestionAsked(
                            source=state.speaker or "",
                            text=f"May {state.speaker} call {call.name}?",
                            form="approve",
                            subject=TOOL + call.id,
                            details=call.arguments,
                        )
                    )
            return step
        case CallModel() | RunCode() | Ask() | Say() | StopRun():
            return step
        case _:
            assert_never(step)


def candidates_of(state: ConversationState) -> Candidates:
    """Who may speak next: the transitions applied, in the order of the participants."""
    team = state.team
    last = state.speakers[-1] if state.speakers else None
    names = tuple(state.agents)
    if team.transitions is not None and last is not None:
        allowed = team.transitions.get(last, ())
        names = tuple(name for name in names if name in allowed)
    elif team.transitions is not None:
        reached = {name for after in team.transitions.values() for name in after}
        entries = tuple(name for name in names if name not in reached)
        names = entries or names[:1]
    return Candidates(
        team=team.name,
        agents=tuple(team.participants),
        names=names,
        speakers=state.speakers,
        thread=state.thread,
        turn=state.turns,
        model=team.model,
        rejected=state.rejected,
        answered=state.chosen_by_hand,
        seed=state.started.isoformat() if state.started else "",
        earlier_calls=state.model_calls.get(team.name, 0),
    )


def _choose(state: ConversationState) -> Step | Finish:
    team = state.team
    if state.turns >= team.max_turns:
        return Finish(f"{state.turns} turns were taken, the most that {team.name} may take", "max_turns")
    last = state.speakers[-1] if state.speakers else None
    if state.handed_to in state.agents:
        return _chosen(state, Choice(state.handed_to, f"{last} handed over", "handoff"), ())
    candidates = candidates_of(state)
    if not candidates.names:
        return Finish(f"nobody may speak after {last}", "transition")
    if len(candidates.names) == 1:
        return _chosen(state, Choice(candidates.names[0], _why_only(state, last), "transition"), candidates.names)
    step = team.selection.choose(candidates)
    match step:
        case Choice():
            return _chosen(state, step, candidates.names)
        case CallModel() | Ask() | StopRun():
            return step
        case _:
            assert_never(step)


def _chosen(state: ConversationState, choice: Choice, names: tuple[str, ...]) -> Say:
    return Say(
        (
            SpeakerChosen(
                source=state.team.name,
                speaker=choice.speaker,
                by=choice.by,
                reason=choice.reason,
                candidates=names,
                attempts=len(state.rejected),
            ),
        )
    )


def _why_only(state: ConversationState, last: str | None) -> str:
    if len(state.agents) == 1:
        return "the only one in the team"
    return f"the only one who may speak after {last}" if last else "the first in the drawing"
