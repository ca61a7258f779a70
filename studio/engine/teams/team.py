"""A team is participants, who speaks next, and when it is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from studio.engine.agents.agent import Agent, Converse, Say, Step, Turn
from studio.engine.component import Widget
from studio.engine.conditions.condition import Condition
from studio.engine.events import ConversationClosed, MessageSaid, ThreadEvent
from studio.engine.guards import Guards
from studio.engine.models.base import Model
from studio.engine.teams.round_robin import RoundRobin
from studio.engine.teams.selection import Selection
from studio.texts import text

MOST_TURNS = 10_000
"""Turns that a team can be allowed."""


class Team(Agent):
    """A team is itself a participant: as a member of another one it talks among itself when it is its turn.

    What its members hear of the conversation around them is what is new since they talked last; they go on where they left off.
    """

    kind: ClassVar[str] = "team"
    category: ClassVar[str] = "team"
    title: ClassVar[str] = "Team"
    summary: ClassVar[str] = "Agents who talk in turns"

    name: Annotated[str, Field(title="Name", max_length=200)] = "team"
    description: Annotated[
        str, Field(title="What it is for", description="One line that the others, and a choosing model, read."), Widget("", advanced=True)
    ] = ""
    participants: Annotated[tuple[Agent, ...], Field(title="Participants", min_length=1)]
    selection: Annotated[Selection, Field(title="Who speaks next")] = RoundRobin()
    stop: Annotated[Condition | None, Field(title="Stops when")] = None
    model: Annotated[Model | None, Field(title="Model", description="For every member that has none of its own, and for choosing.")] = None
    transitions: Annotated[Mapping[str, tuple[str, ...]] | None, Field(title="Who may speak after whom"), Widget("hidden")] = None
    transitions_type: Annotated[
        Literal["allowed", "disallowed"],
        Field(
            title="Arrows mean",
            description="Who alone may speak next, or who may not: then everybody else may.",
        ),
    ] = "allowed"
    max_turns: Annotated[
        int, Field(title="At most this many turns", description="A safety net under all other stop rules.", ge=1, le=MOST_TURNS)
    ] = 50
    variables: Annotated[
        Mapping[str, Any],
        Field(title="Context variables", description="What tools, rules and system messages share, and how it begins."),
        Widget("rows", advanced=True),
    ] = {}
    heard: Annotated[
        Literal["all", "last"],
        Field(title="Others hear", description="As a member of another team: everything that was said in it, or its last message."),
        Widget("", advanced=True),
    ] = "all"
    guards: Guards = ()

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        names = [agent.name for agent in self.participants]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(text("engine.team.same_name", name=twice[0]))
        for before, after in (self.transitions or {}).items():
            for name in (before, *after):
                if name not in names:
                    raise ValueError(text("engine.team.stranger", name=name))
        if self.transitions_type == "disallowed" and not self.selection.excludes:
            raise ValueError(text("engine.team.cannot_exclude", way=repr(self.selection.title)))
        return self

    @property
    def followers(self) -> Mapping[str, tuple[str, ...]] | None:
        """Who may speak after whom, whichever way the transitions are given; None where nobody is kept from anything."""
        if not self.transitions or self.transitions_type == "allowed":
            return self.transitions
        names = [agent.name for agent in self.participants]
        return {before: tuple(name for name in names if name not in self.transitions.get(before, ())) for before in names}

    @property
    def beginners(self) -> tuple[str, ...]:
        """Who may speak first: where arrows allow, those to whom none leads, or else the first member; everybody otherwise."""
        names = tuple(agent.name for agent in self.participants)
        if self.transitions is None or self.transitions_type == "disallowed":
            return names
        reached = {name for after in self.transitions.values() for name in after}
        return tuple(name for name in names if name not in reached) or names[:1]

    def next_step(self, turn: Turn) -> Step:
        """As a member of another team: one conversation among its own members."""
        closed = next((event for event in turn.so_far if isinstance(event, ConversationClosed)), None)
        if closed is None:
            return Converse(self, hears="new", keep=True, heard=self.is_heard_within)
        return Say((MessageSaid(source=self.name, text=closed.text or text("engine.agent.nothing_said")),))

    def conversation(self, key: str) -> Team:
        return self

    @property
    def is_heard_within(self) -> bool:
        """Whether what its members say counts as said around it, and it says nothing itself once they are done."""
        return self.heard == "all"

    def hears_all_of(self, name: str) -> bool:
        """Whether a member is a team of which all is heard that is said in it."""
        return any(isinstance(member, Team) and member.name == name and member.is_heard_within for member in self.participants)

    def hearing(self, around: Sequence[ThreadEvent]) -> Sequence[ThreadEvent]:
        """What its members hear of the conversation around it."""
        return around

    def outcome(self, said: Sequence[ThreadEvent], whole: bool = False) -> str:
        """What comes of a conversation that it held within another one: the last message, or all of them with their speakers."""
        messages = [event for event in said if isinstance(event, MessageSaid) and event.role != "task"]
        if whole:
            return "\n\n".join(f"{event.source}: {event.text}" for event in messages)
        return messages[-1].text if messages else ""
