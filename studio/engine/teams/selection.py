"""Who speaks next: the interface of a speaker selection strategy and what it knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from studio.engine.agents.agent import Agent, Ask, CallModel, Perform, Say, StopRun
from studio.engine.component import Component
from studio.engine.events import Event, FunctionReturned, LedgerWritten, Noticed, Summarised
from studio.engine.models.base import Model, ModelReply, ModelRequest

if TYPE_CHECKING:
    from studio.engine.teams.team import Team

ChoosingEvent = FunctionReturned | LedgerWritten | Summarised | Noticed
"""What can happen while it is decided who speaks next."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The next speaker and why, in words."""

    speaker: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a strategy knows: who may speak now (transitions applied), who spoke, and the thread.

    `rejected` are the selection attempts of this round that named nobody; `answered` is a person's manual choice; `so_far` is what
    else happened in this round. `active` are those who are speaking now (a strategy that is `parallel` is asked meanwhile too).
    `memory` is what the strategy's own `observe` made of the events before; `variables` are the context variables; `handed_to` is whom the
    last speaker handed over to. `asked` is the
    request that a reply answers, in `on_reply`.
    """

    team: str
    agents: tuple[Agent, ...]
    names: tuple[str, ...]
    speakers: Sequence[str]
    thread: Sequence[Any]
    turn: int
    model: Model | None
    rejected: Sequence[tuple[str, str]] = ()
    answered: str | None = None
    started: datetime | None = None
    earlier_calls: int = 0
    so_far: Sequence[ChoosingEvent] = ()
    active: tuple[str, ...] = ()
    memory: Any = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    handed_to: str | None = None
    asked: ModelRequest | None = None

    @property
    def last(self) -> str | None:
        """Who spoke last in this task."""
        return self.speakers[-1] if self.speakers else None

    @property
    def seed(self) -> str:
        """What makes the lots of this conversation its own: when it began."""
        return self.started.isoformat() if self.started else ""

    def next_in_order(self) -> str:
        """The first candidate after the last speaker, in the participants' order."""
        if self.last in self.names:
            return self.names[(self.names.index(self.last) + 1) % len(self.names)]
        order = [agent.name for agent in self.agents]
        if self.last in order:
            start = order.index(self.last) + 1
            order = order[start:] + order[:start]
        return next(name for name in order if name in self.names)


Chosen = Choice | tuple[Choice, ...] | CallModel | Perform | Ask | Say | StopRun
"""What a strategy can want: one speaker, several who speak at once (none: wait for those who do), or something that it must know first."""


class Selection(Component):
    """Who speaks next: a pure strategy.

    A `parallel` one is also asked while somebody speaks. One that is `eager` is asked even when only one could speak, or after a
    hand-over: it knows better. One that `remembers` is shown every event of its conversation. With one that `excludes`, the transitions
    of a team can also be those that are not allowed.
    """

    category: ClassVar[str] = "selection"
    parallel: ClassVar[bool] = False
    eager: ClassVar[bool] = False
    remembers: ClassVar[bool] = False
    excludes: ClassVar[bool] = False

    def choose(self, candidates: Candidates) -> Chosen:
        """Called with two candidates or more, or with any number when it is eager. Pure."""
        raise NotImplementedError

    def may_begin(self, team: Team) -> tuple[str, ...]:
        """Whom of a team it may choose first; all whom the transitions allow where that depends on what is said."""
        return team.beginners

    def on_reply(self, candidates: Candidates, reply: ModelReply) -> tuple[Event, ...]:
        """The events that a choosing model's answer becomes: `speaker_chosen`, `selection_rejected`, `ledger` … Pure."""
        raise NotImplementedError

    def observe(self, event: Event, memory: Any, team: Team, variables: Mapping[str, Any]) -> Any:
        """What it keeps in mind after an event of its conversation; None is what it begins with. Pure: gives a new memory."""
        return memory
