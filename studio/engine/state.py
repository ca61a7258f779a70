"""What is known of a run after a number of events: its conversations, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from studio.engine.agents.agent import Agent, TurnEvent
from studio.engine.conditions.condition import Met, Progress
from studio.engine.context.base import size
from studio.engine.events import (
    Attachment,
    ConversationOpened,
    MessageSaid,
    QuestionAnswered,
    QuestionAsked,
    RunFinished,
    Summarised,
    TeamOutlined,
    ThreadEvent,
)
from studio.engine.models.base import ToolSchema
from studio.engine.teams.selection import Choice, ChoosingEvent
from studio.engine.teams.team import Team
from studio.engine.usage import NOTHING, Usage

CANCELLED = 125
"""The exit code of code that was broken off."""

MODEL_ASKED = "model_asked:"
"""How the code of a notice begins that a tool asked the model of the agent that called it; the tool's key follows."""


@dataclass(slots=True)
class OpenTurn:
    """Somebody's turn. `conversation` is the one that it opened and that is not over yet; `inner` is what was said in those that are."""

    speaker: str
    events: list[TurnEvent] = field(default_factory=list)
    conversation: str | None = None
    inner: dict[str, Sequence[ThreadEvent]] = field(default_factory=dict)


@dataclass(slots=True)
class Conversation:
    """One conversation of a run: the run's own (`scope` None) or one within it.

    `thread` begins with `history` events of earlier tasks or of the conversation around it. `open` are the running turns by
    speaker, `spoken` those that are over but for what their agents learn from them. `kept` are conversations of its members that go
    on where they left off, by (member, key); `heard_up_to` is how much of the thread around it such a one has heard, and `scopes` are
    those under which it, or a conversation within it that is heard in it, spoke.
    """

    team: Team
    agents: dict[str, Agent]
    scope: str | None = None
    opened: ConversationOpened | None = None
    around: Conversation | None = field(default=None, compare=False)
    scopes: set[str | None] = field(default_factory=set)
    heard_up_to: int = 0
    started: datetime | None = None
    paused_before: float = 0.0
    task: str = ""
    task_given: bool = False
    thread: list[ThreadEvent] = field(default_factory=list)
    history: int = 0
    characters: int = 0
    open: dict[str, OpenTurn] = field(default_factory=dict)
    spoken: dict[str, tuple[OpenTurn, MessageSaid]] = field(default_factory=dict)
    speakers: list[str] = field(default_factory=list)
    appointed: Choice | None = None
    turns: int = 0
    messages: int = 0
    usage: Usage = NOTHING
    rejected: list[tuple[str, str]] = field(default_factory=list)
    chosen_by_hand: str | None = None
    choosing: list[ChoosingEvent] = field(default_factory=list)
    auto_replies: dict[str, int] = field(default_factory=dict)
    summaries: dict[str, list[Summarised]] = field(default_factory=dict)
    memory: Any = None
    met: Met | None = None
    selection_memory: Any = None
    kept: dict[tuple[str, str], Conversation] = field(default_factory=dict)

    @property
    def speaker(self) -> str | None:
        """Who speaks; the first of several."""
        return next(iter(self.open), None)

    def hear(self, *said: ThreadEvent) -> None:
        """Add to the thread."""
        self.thread.extend(said)
        self.characters += sum(size(event) for event in said)

    def end_turn(self, speaker: str) -> None:
        """Somebody's turn is over, if it was theirs."""
        if self.open.pop(speaker, None) is not None:
            self.turns += 1


@dataclass(slots=True)
class RunState:
    """What is known of a run after a number of events.

    `open_steps` are intents without a result; `conversations` are the open ones by scope. `held` is a run that a person paused,
    `stepping` one that is paused again after its next step. `broken` says of a rule of which team that it raised, and what: then
    nothing goes on. `sign_in_attempts` counts how often a person was asked to sign in for a tool since one of the run's tools
    answered last. `instructions` are what servers of tools tell their agents, and `models_asked` is how often they asked a model, by
    the tool's key. `kept` is what objects that answer for agents keep from turn to turn, `outlined` the teams
    that were made up for their tools, by the agent's name.
    """

    main: Conversation
    conversations: dict[str | None, Conversation]
    seq: int = 0
    latest: datetime | None = None
    paused_at: datetime | None = None
    paused: float = 0.0
    held: bool = False
    stepping: bool = False
    question: QuestionAsked | None = None
    consent: bool | None = None
    consents: dict[str, bool] = field(default_factory=dict)
    sign_ins: dict[str, bool] = field(default_factory=dict)
    sign_in_attempts: dict[str, int] = field(default_factory=dict)
    approvals: dict[str, QuestionAnswered] = field(default_factory=dict)
    open_steps: dict[str, str] = field(default_factory=dict)
    model_calls: dict[str, int] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    offered: dict[str, tuple[ToolSchema, ...]] = field(default_factory=dict)
    instructions: dict[str, str] = field(default_factory=dict)
    models_asked: dict[str, int] = field(default_factory=dict)
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    outlined: dict[str, list[TeamOutlined]] = field(default_factory=dict)
    finished: RunFinished | None = None
    interrupted: bool = False
    broken: tuple[str, str] | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def team(self) -> Team:
        return self.main.team

    @property
    def speaker(self) -> str | None:
        """Who speaks, in the innermost conversation."""
        talk, speaker = self.main, self.main.speaker
        while speaker is not None and (inner := talk.open[speaker].conversation) is not None:
            talk = self.conversations[inner]
            if talk.speaker is None:
                break
            speaker = talk.speaker
        return speaker

    @property
    def usage(self) -> Usage:
        return self.main.usage

    def progress(self, talk: Conversation | None = None, new: Sequence[Any] = (), at: datetime | None = None) -> Progress:
        """The totals of a conversation's task at a time (the latest event's unless told), of the run's own unless told."""
        talk = talk or self.main
        at = at or self.latest
        elapsed = (at - talk.started).total_seconds() - (self.paused - talk.paused_before) if at and talk.started else 0.0
        return Progress(new, talk.messages, int(talk.task_given), talk.turns, talk.usage, max(0.0, elapsed))


def code_step(scope: str | None) -> str:
    """What the code of a conversation is called among the open steps."""
    return "code" if scope is None else f"code {scope}"


def outwards(talk: Conversation | None) -> Iterator[Conversation]:
    """A conversation and those around it."""
    while talk is not None:
        yield talk
        talk = talk.around
