"""The state of a run as a fold over its log: `apply` adds one event to the conversation that it belongs to.

It is deterministic and does nothing to the outside. `apply` changes the state it is given, which belongs to the fold alone:
copying a thread at every event would make a turn cost more the longer the conversation is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from studio.engine.agents.agent import TurnEvent
from studio.engine.agents.human import Human
from studio.engine.errors import FlowError
from studio.engine.events import (
    CodeFinished,
    CodeStarted,
    CommandGiven,
    ConversationClosed,
    ConversationOpened,
    ErrorHappened,
    Event,
    FunctionReturned,
    HandedOff,
    LedgerWritten,
    MessageSaid,
    Noticed,
    PartialSaid,
    QuestionAnswered,
    QuestionAsked,
    Recalled,
    Remembered,
    RunFinished,
    RunInterrupted,
    RunResumed,
    RunStarted,
    SelectionRejected,
    SpeakerChosen,
    Summarised,
    TeamOutlined,
    ToolFinished,
    ToolsCalled,
    ToolsOffered,
    ToolStarted,
    VariablesSet,
)
from studio.engine.models.base import ToolSchema
from studio.engine.nested import closed, opened
from studio.engine.next_speaker import name_next
from studio.engine.observing import observe
from studio.engine.session_thread import with_attachments
from studio.engine.state import CANCELLED, MODEL_ASKED, Conversation, OpenTurn, RunState, code_step, outwards
from studio.engine.subjects import CONSENT, LOCAL_CODE, SIGN_IN, SPEAKER, TOOL
from studio.engine.teams.selection import Choice
from studio.engine.teams.team import Team
from studio.engine.tools.base import COMPARED, HEARD
from studio.engine.usage import Usage
from studio.texts import text


def new_state(team: Team) -> RunState:
    main = Conversation(team, {agent.name: agent for agent in team.participants}, scopes={None})
    return RunState(main, {None: main}, variables=dict(team.variables))


def fold(team: Team, log: Iterable[Event]) -> RunState:
    """The state after a whole log. Raises FlowError when the log is another team's."""
    state = new_state(team)
    for event in log:
        apply(state, event)
    return state


def apply(state: RunState, event: Any) -> RunState:
    """Add one durable event to the state that all events before it made. Raises FlowError when the event fits no conversation."""
    before, state.latest = state.latest, event.time
    state.seq = event.seq
    talk = state.conversations.get(event.scope)
    if talk is None:
        raise FlowError(event.source or "log", text("engine.run.not_open", number=event.seq, conversation=event.scope))
    heard: tuple[Any, ...] = ()
    match event:
        case MessageSaid():
            _said(state, talk, event)
        case SpeakerChosen():
            talk.open[event.speaker] = OpenTurn(event.speaker)
            talk.spoken.pop(event.speaker, None)
            talk.speakers.append(event.speaker)
            talk.rejected = []
            talk.choosing = []
            talk.chosen_by_hand = None
            talk.appointed = None
            _spent(state, talk, event.source, event.usage)
        case SelectionRejected():
            talk.rejected.append((event.answer, event.why))
            _spent(state, talk, event.source, event.usage)
        case ToolsCalled():
            talk.hear(event)
            _in_turn(talk, event.source, event)
            _spent(state, talk, event.source, event.usage)
        case ToolStarted():
            state.open_steps[event.call] = event.name
        case ToolFinished():
            state.open_steps.pop(event.call, None)
            state.sign_in_attempts.clear()
            talk.hear(event)
            _in_turn(talk, event.source, event)
        case HandedOff():
            talk.hear(event)
            if talk.appointed is None or talk.appointed.by != "command":  # whom a person named speaks, whoever hands over
                talk.appointed = Choice(event.target, text("engine.choice.handed_over", agent=event.source), "handoff")
            _spent(state, talk, event.source, event.usage)
            talk.end_turn(event.source)
        case CodeStarted():
            state.open_steps[code_step(event.scope)] = "code"
        case CodeFinished():
            state.open_steps.pop(code_step(event.scope), None)
            _in_turn(talk, event.source, event)
        case QuestionAsked():
            state.question = event
            state.paused_at = event.time
            if not event.subject:
                _in_turn(talk, event.source, event)
            elif event.subject.startswith(SIGN_IN):
                _turned_away(state, talk, event)
        case QuestionAnswered():
            _answered(state, event)
        case ConversationOpened():
            opened(state, talk, event)
        case ConversationClosed():
            heard = closed(state, talk, event)
        case TeamOutlined():
            state.outlined.setdefault(event.source, []).append(event)
            _in_turn(talk, event.source, event)
            _paid(talk, event.usage)
        case VariablesSet():
            state.variables = {name: value for name, value in (state.variables | event.values).items() if value is not None}
            _in_turn(talk, event.source, event)
        case ToolsOffered():
            state.sign_in_attempts.clear()
            state.offered[event.key] = tuple(ToolSchema(**tool) for tool in event.tools)
            state.instructions[event.key] = event.instructions
        case Recalled() | Remembered():
            if not _in_turn(talk, event.source, event) and event.source in talk.spoken:
                talk.spoken[event.source][0].events.append(event)
            _paid(talk, event.usage)
        case FunctionReturned():
            if event.kept is not None:
                state.kept[event.source] = event.kept
            _in_turn_or_choosing(talk, event)
        case Summarised() | LedgerWritten():
            if isinstance(event, Summarised):
                talk.summaries.setdefault(event.source, []).append(event)
            _in_turn_or_choosing(talk, event)
            _spent(state, talk, event.source, event.usage)
        case CommandGiven():
            _commanded(state, talk, event)
        case Noticed():
            if event.code.startswith(MODEL_ASKED):
                key = event.code.removeprefix(MODEL_ASKED)
                state.models_asked[key] = state.models_asked.get(key, 0) + 1
            _in_turn_or_choosing(talk, event)
            if event.code in (COMPARED, HEARD):
                _paid(talk, event.usage)
            else:
                _spent(state, talk, event.source, event.usage)
        case RunStarted():
            _started(state, event)
        case RunFinished():
            state.finished = event
            state.paused_at = event.time
        case RunInterrupted():
            state.interrupted = True
            state.paused_at = event.time
        case RunResumed():
            _resumed(state, event, before)
        case PartialSaid() | ErrorHappened():
            pass
    observe(state, talk, event, heard)
    return state


def _resumed(state: RunState, event: RunResumed, before: datetime | None) -> None:
    """The run goes on from where it was; what was broken off is done again."""
    state.finished = None
    state.interrupted = state.held = state.stepping = False
    state.open_steps.clear()
    for talk in state.conversations.values():
        for turn in talk.open.values():
            turn.events = [each for each in turn.events if not (isinstance(each, CodeFinished) and each.exit_code == CANCELLED)]
    if state.paused_at is None:
        state.paused_at = before  # its process was gone, or it goes on from the middle of another run's log
    _unpause(state, event.time)


def _started(state: RunState, event: RunStarted) -> None:
    talk = state.main
    state.attachments = event.attachments
    talk.started = event.time
    talk.hear(*event.history)
    talk.history = len(event.history)
    talk.task = event.task
    for said in event.history:
        if said.type != "tool_result" and said.model is not None:
            state.model_calls[said.source] = state.model_calls.get(said.source, 0) + 1


def _said(state: RunState, talk: Conversation, event: MessageSaid) -> None:
    talk.hear(with_attachments(event, state.attachments))
    _spent(state, talk, event.source, event.usage)
    if event.role == "task":
        talk.task_given = True
        return
    talk.messages += 1
    if isinstance(talk.agents.get(event.source), Human):
        talk.auto_replies[event.source] = 0 if event.role == "human" else talk.auto_replies.get(event.source, 0) + 1
    turn, agent = talk.open.get(event.source), talk.agents.get(event.source)
    if turn is not None and agent is not None and agent.learns:
        talk.spoken[event.source] = turn, event
    talk.end_turn(event.source)


def _in_turn(talk: Conversation, source: str, event: TurnEvent) -> bool:
    turn = talk.open.get(source)
    if turn is not None:
        turn.events.append(event)
    return turn is not None


def _in_turn_or_choosing(talk: Conversation, event: Any) -> None:
    if not _in_turn(talk, event.source, event):
        talk.choosing.append(event)


def _spent(state: RunState, talk: Conversation, source: str, usage: Usage) -> None:
    if not usage.calls:
        return
    state.model_calls[source] = state.model_calls.get(source, 0) + usage.calls
    _paid(talk, usage)


def _paid(talk: Conversation, usage: Usage) -> None:
    """Count what was spent, but as no answer of anybody: what a memory asks does not move on in a practice model's script."""
    if usage.calls:
        for each in outwards(talk):
            each.usage = each.usage + usage


def _unpause(state: RunState, at: datetime) -> None:
    if state.paused_at is not None:
        state.paused += (at - state.paused_at).total_seconds()
        state.paused_at = None


def _turned_away(state: RunState, talk: Conversation, event: QuestionAsked) -> None:
    """A server took nothing before somebody signs in: the calls that wait for it have not begun."""
    key = event.subject.removeprefix(SIGN_IN)
    state.sign_in_attempts[key] = state.sign_in_attempts.get(key, 0) + 1
    turn = talk.open.get(event.source)
    for called in turn.events if turn is not None else ():
        if isinstance(called, ToolsCalled):
            for call in called.calls:
                state.open_steps.pop(call.id, None)


def _answered(state: RunState, event: QuestionAnswered) -> None:
    question, state.question = state.question, None
    _unpause(state, event.time)
    if state.held:
        state.paused_at = event.time
    if question is None:
        return
    talk = state.conversations.get(question.scope, state.main)
    if not question.subject:
        _in_turn(talk, question.source, event)
    elif question.subject == LOCAL_CODE:
        state.consent = bool(event.approved)
    elif question.subject == SPEAKER:
        talk.chosen_by_hand = event.text.strip()
    elif question.subject.startswith(TOOL):
        state.approvals[question.subject.removeprefix(TOOL)] = event
    elif question.subject.startswith(CONSENT):
        state.consents[question.subject.removeprefix(CONSENT)] = bool(event.approved)
    elif question.subject.startswith(SIGN_IN):
        state.sign_ins[question.subject.removeprefix(SIGN_IN)] = bool(event.approved)


def _commanded(state: RunState, talk: Conversation, event: CommandGiven) -> None:
    match event.command:
        case "pause":
            state.held, state.stepping = True, False
            if state.paused_at is None:
                state.paused_at = event.time
        case "resume" | "step":
            state.held, state.stepping = False, event.command == "step"
            if state.question is None:
                _unpause(state, event.time)
        case "next_speaker":
            name_next(state, talk, event)
            if event.question and not state.held:
                _unpause(state, event.time)
