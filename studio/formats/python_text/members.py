"""What the writers of teams share: a participant is somebody alone, or has others inside."""

from __future__ import annotations

from studio.engine.agents.agent import Agent
from studio.engine.models.base import Model
from studio.engine.teams.filter import Filter
from studio.engine.teams.team import Team
from studio.formats.python_text.program import Program


class MemberWriting(Program):
    """Writes participants, each by the function for its kind: the variable, or None when there is nothing like it."""

    def member(self, agent: Agent, model: Model | None) -> str | None:
        """The variable of a participant, whoever is inside of it. `model` is that of the team around it."""
        if isinstance(agent, Filter):
            return self.filtered(agent, model)
        if isinstance(agent, Team):
            return self.team_within(agent, model)
        return self.agent(agent, model)

    def agent(self, agent: Agent, model: Model | None) -> str | None:
        """Somebody who has nobody inside."""
        raise NotImplementedError

    def filtered(self, agent: Filter, model: Model | None) -> str | None:
        """Somebody who does not hear everything."""
        raise NotImplementedError

    def team_within(self, team: Team, model: Model | None) -> str | None:
        """Somebody who lets a team talk whenever it is his turn."""
        raise NotImplementedError
