"""A team, or a single agent, as a tool: the call's task goes to it, and what it says is the result."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from studio.engine.agents.agent import Agent
from studio.engine.code.base import FunctionResult
from studio.engine.code.calling import BadArguments, read_arguments
from studio.engine.component import Widget
from studio.engine.models.base import ToolSchema
from studio.engine.teams.team import Team
from studio.engine.tools.base import Tool, ToolPlace

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_]+")


class TeamTool(Tool):
    """AutoGen's TeamTool and AgentTool. A single agent answers once. Every call begins a conversation of its own.

    The result is the team's last message, or everything that was said in it, as its `heard` says.
    """

    kind: ClassVar[str] = "team_tool"
    title: ClassVar[str] = "Team as a tool"
    summary: ClassVar[str] = "A team that agents can call"
    drawable: ClassVar[bool] = False

    team: Annotated[Team, Field(title="Team")]
    name: Annotated[str, Field(title="Name", description="Empty: the team's.", pattern=r"^[a-zA-Z0-9_]{0,64}$"), Widget("line")] = ""
    description: Annotated[str, Field(title="What it is for", description="Empty: the team's."), Widget("line")] = ""

    def __new__(cls, *args: Any, **fields: Any) -> Any:
        """Around a team or an agent of AgentChat it is AgentChat's tool of that name."""
        team = args[0] if args else fields.get("team")
        if cls is TeamTool and hasattr(team, "playing"):
            from studio.engine.agentchat.tools import TeamTool as OfAgentChat

            return OfAgentChat(*args, **fields)
        return super().__new__(cls)

    @field_validator("team", mode="before")
    @classmethod
    def _an_agent_is_a_team_of_one(cls, value: Any) -> Any:
        if isinstance(value, Agent) and not isinstance(value, Team):
            return Team(name=value.name, description=value.description, participants=(value,), max_turns=1, heard="last")
        return value

    def schema_for_model(self) -> ToolSchema:
        name = self.name or _NOT_IN_NAMES.sub("_", self.team.name).strip("_")[:64] or "team"
        description = self.description or self.team.description or f"Gives a task to {self.team.name} and returns its answer."
        task = {"type": "string", "description": "The whole task: it knows nothing of this conversation."}
        return ToolSchema(name, description, {"type": "object", "properties": {"task": task}, "required": ["task"]})

    def task(self, arguments: str) -> str | None:
        """The task of a call; None when the arguments hold none."""
        try:
            task = read_arguments(arguments).get("task")
        except BadArguments:
            return None
        return task if isinstance(task, str) and task.strip() else None

    def needs_approval(self, name: str, arguments: str) -> bool:
        return False

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        """Only calls without a task come here: with one, it is a conversation."""
        return FunctionResult("The argument 'task' must be a text that says what is to be done.", is_error=True)
