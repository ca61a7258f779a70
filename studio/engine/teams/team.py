"""A team is participants, who speaks next, and when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from studio.engine.agents.agent import Agent
from studio.engine.component import Component, Widget
from studio.engine.conditions.condition import Condition
from studio.engine.models.base import Model
from studio.engine.teams.round_robin import RoundRobin
from studio.engine.teams.selection import Selection


class Team(Component):
    kind: ClassVar[str] = "team"
    category: ClassVar[str] = "team"
    title: ClassVar[str] = "Team"
    summary: ClassVar[str] = "Agents who talk in turns"

    name: Annotated[str, Field(title="Name", max_length=200)] = "team"
    participants: Annotated[tuple[Agent, ...], Field(title="Participants", min_length=1)]
    selection: Annotated[Selection, Field(title="Who speaks next")] = RoundRobin()
    stop: Annotated[Condition | None, Field(title="Stops when")] = None
    model: Annotated[Model | None, Field(title="Model", description="For every member that has none of its own, and for choosing.")] = None
    transitions: Annotated[Mapping[str, tuple[str, ...]] | None, Field(title="Who may speak after whom"), Widget("hidden")] = None
    max_turns: Annotated[
        int, Field(title="At most this many turns", description="A safety net under all other stop rules.", ge=1, le=10_000)
    ] = 50

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        names = [agent.name for agent in self.participants]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two participants are called {twice[0]}; give each a name of its own")
        for before, after in (self.transitions or {}).items():
            for name in (before, *after):
                if name not in names:
                    raise ValueError(f"the transitions name {name}, who is not in the team")
        return self
