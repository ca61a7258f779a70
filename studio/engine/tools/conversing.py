"""What a tool is whose call is a conversation within the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.engine.code.base import FunctionResult
from studio.engine.tools.base import Tool, ToolPlace

if TYPE_CHECKING:
    from studio.engine.agents.agent import Step, Turn
    from studio.engine.agents.assistant import Assistant
    from studio.engine.events import TeamOutlined, ToolCall
    from studio.engine.teams.team import Team


class ConversingTool(Tool):
    """Calls of one round are made one after the other. Calls that lack what they need go to `call`, which says so."""

    def takes(self, arguments: str) -> bool:
        """Whether a call with these arguments is a conversation."""
        raise NotImplementedError

    def next_step(self, turn: Turn, caller: Assistant, call: ToolCall) -> Step:
        """What such a call needs now. Pure."""
        raise NotImplementedError

    def team_for(self, caller: Assistant, made: TeamOutlined | None) -> Team:
        """Who talks, for this caller; `made` is the team that was made up for it, if one was. Raises FlowError."""
        raise NotImplementedError

    def needs_approval(self, name: str, arguments: str) -> bool:
        return False

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        raise NotImplementedError
