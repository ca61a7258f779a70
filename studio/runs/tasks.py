"""What a run is given to do: how long it may be, and whether there must be one."""

from __future__ import annotations

from studio.engine.agents.agent import Agent
from studio.engine.agents.human import Human
from studio.engine.teams.chat import Chat
from studio.engine.teams.team import Team
from studio.runs.errors import RunRefused, TaskMissing

MAX_TASK = 200_000
"""Characters of a task."""


def check_task(team: Team, task: str) -> None:
    """Raises RunRefused for a task that is too long, and TaskMissing for none where the team needs one."""
    if len(task) > MAX_TASK:
        raise RunRefused("task_too_long", size=len(task), limit=MAX_TASK)
    if not task.strip() and needs_task(team):
        raise TaskMissing


def needs_task(team: Team) -> bool:
    """Whether somebody must be told what to do. Not where whoever speaks first is a person who is asked, or has a task of their own."""
    first = team.selection.may_begin(team)
    return not all(_begins_alone(member) for member in team.participants if member.name in first)


def _begins_alone(member: Agent) -> bool:
    match member:
        case Human():
            return member.input_mode == "always"
        case Chat():
            return bool(member.message.strip()) or not needs_task(member)
        case Team():
            return not needs_task(member)
        case _:
            return False
