"""Who speaks next: the interface of a speaker selection strategy and what it knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from studio.engine.agents.agent import Agent, Ask, CallModel, StopRun
from studio.engine.component import Component
from studio.engine.events import Event
from studio.engine.models.base import Model, ModelReply


@dataclass(frozen=True, slots=True)
class Choice:
    """The next speaker and why, in words."""

    speaker: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a strategy knows: who may speak now (transitions applied), who spoke, and the thread.

    `rejected` are the selection attempts of this round that named nobody; `answered` is a person's manual choice.
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
    seed: str = ""
    earlier_calls: int = 0

    @property
    def last(self) -> str | None:
        """Who spoke last in this task."""
        return self.speakers[-1] if self.speakers else None

    def next_in_order(self) -> str:
        """The first candidate after the last speaker, in the participants' order."""
        order = [agent.name for agent in self.agents]
        if self.last in order:
            start = order.index(self.last) + 1
            order = order[start:] + order[:start]
        return next(name for name in order if name in self.names)


class Selection(Component):
    """Who speaks next: a pure strategy."""

    category: ClassVar[str] = "selection"

    def choose(self, candidates: Candidates) -> Choice | CallModel | Ask | StopRun:
        """Called with two candidates or more. Pure."""
        raise NotImplementedError

    def on_reply(self, candidates: Candidates, reply: ModelReply) -> tuple[Event, ...]:
        """The events that a choosing model's answer becomes: `speaker_chosen` or `selection_rejected`. Pure."""
        raise NotImplementedError
