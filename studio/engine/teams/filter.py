"""An agent that hears only part of the conversation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from studio.engine.agents.agent import Converse, Say, Step, Turn
from studio.engine.component import Widget
from studio.engine.events import YOU, ConversationClosed, MessageSaid, ThreadEvent
from studio.engine.teams.team import Team
from studio.texts import text


class Hears(BaseModel):
    """What is heard of one source: its first or last `count` messages, or all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Annotated[str, Field(title="Who", min_length=1, max_length=200)]
    position: Annotated[Literal["first", "last"], Field(title="Which")] = "last"
    count: Annotated[int | None, Field(title="How many", description="Empty: all.", ge=1, le=100_000)] = None


class Filter(Team):
    """AutoGen's MessageFilterAgent around any agent: who is not listed is not heard, but for itself and, unless told, the task."""

    kind: ClassVar[str] = "filter"
    title: ClassVar[str] = "Filter"
    summary: ClassVar[str] = "An agent that hears only part"

    hears: Annotated[tuple[Hears, ...], Field(title="Hears", description="Of whom, and how many messages."), Widget("table")] = ()
    hears_task: Annotated[bool, Field(title="Hears the task")] = True
    max_turns: Annotated[int, Field(title="At most this many turns", ge=1, le=10_000), Widget("", advanced=True)] = 1

    @model_validator(mode="after")
    def _one_member(self) -> Self:
        if len(self.participants) != 1:
            raise ValueError(text("engine.filter.one_agent"))
        return self

    @property
    def is_heard_within(self) -> bool:
        """It says nothing itself: its agent speaks."""
        return True

    def next_step(self, turn: Turn) -> Step:
        closed = next((event for event in turn.so_far if isinstance(event, ConversationClosed)), None)
        if closed is None:
            return Converse(self, hears="all", heard=self.is_heard_within)
        return Say((MessageSaid(source=self.name, text=closed.text),))

    def hearing(self, around: Sequence[ThreadEvent]) -> Sequence[ThreadEvent]:
        """In the order of the conversation. An agent's own calls and results are its own business and stay with it."""
        mine = {agent.name for agent in self.participants}
        heard: set[int] = set()
        for index, event in enumerate(around):
            if event.source in mine or (self.hears_task and _is_task(event)):
                heard.add(index)
        for each in self.hears:
            found = [index for index, event in enumerate(around) if event.source == each.source]
            if each.count is not None:
                found = found[: each.count] if each.position == "first" else found[-each.count :]
            heard |= set(found)
        return [around[index] for index in sorted(heard)]


def _is_task(event: ThreadEvent) -> bool:
    return isinstance(event, MessageSaid) and (event.role == "task" or event.source == YOU)
