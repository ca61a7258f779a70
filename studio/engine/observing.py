"""Stop rules and strategies that follow along: each is shown what happens in its conversation, and may end it or fail."""

from __future__ import annotations

from typing import Any

from studio.engine.events import (
    CodeFinished,
    ConversationClosed,
    Event,
    FunctionReturned,
    HandedOff,
    LedgerWritten,
    MessageSaid,
    Recalled,
    SelectionRejected,
    SpeakerChosen,
    Summarised,
    TeamOutlined,
    ToolFinished,
    ToolsCalled,
)
from studio.engine.state import Conversation, RunState, outwards
from studio.texts import text

_OBSERVED = (
    MessageSaid,
    ToolsCalled,
    ToolFinished,
    HandedOff,
    SpeakerChosen,
    SelectionRejected,
    CodeFinished,
    FunctionReturned,
    Summarised,
    LedgerWritten,
    Recalled,
    TeamOutlined,
    ConversationClosed,
)


def observe(state: RunState, talk: Conversation, event: Event, heard: tuple[Any, ...]) -> None:
    """Show them an event; `heard` is what was said in a conversation that it closed, where that counts as said in this one."""
    selection = talk.team.selection
    if selection.remembers:
        try:
            talk.selection_memory = selection.observe(event, talk.selection_memory, talk.team, state.variables)
        except Exception as mistake:
            _break(state, talk, text("engine.rule.selection_failed", mistake=_named(mistake)))
    if not isinstance(event, _OBSERVED):
        return
    _ask_stop_rule(state, talk, (*heard, event))
    for around in outwards(talk.around):
        _ask_stop_rule(state, around, ())  # tokens, money and time that are spent within it count around it too


def _ask_stop_rule(state: RunState, talk: Conversation, new: tuple[Any, ...]) -> None:
    if talk.team.stop is not None and talk.met is None:
        try:
            talk.memory, talk.met = talk.team.stop.observe(state.progress(talk, new), talk.memory)
        except Exception as mistake:
            _break(state, talk, text("engine.rule.stop_failed", mistake=_named(mistake)))


def _break(state: RunState, talk: Conversation, what: str) -> None:
    """Keep in mind that a rule failed. The event that it failed at is in the log all the same, or what was said would be lost."""
    if state.broken is None:
        state.broken = talk.team.name, what


def _named(mistake: Exception) -> str:
    return f"{type(mistake).__name__}: {mistake}"
