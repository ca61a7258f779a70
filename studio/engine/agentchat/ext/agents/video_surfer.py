"""AgentChat's video surfer, with AutoGen's arguments: an assistant that looks at videos of a folder and listens to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field

from studio.engine.agentchat.agents.assistant import AssistantAgent
from studio.engine.agentchat.core.models import ChatCompletionClient
from studio.engine.agentchat.messages import BaseChatMessage, MultiModalMessage, TextMessage, ToolCallSummaryMessage
from studio.engine.agents.surfers import VIDEO_SURFER, VIDEO_SURFER_DESCRIPTION
from studio.engine.code.base import FunctionResult
from studio.engine.component import Component
from studio.engine.errors import FlowError
from studio.engine.tools.base import ToolPlace
from studio.engine.tools.video import Video
from studio.texts import text


class VideoSurfer(AssistantAgent):
    """It looks into what lies in the folder in which the script runs, and nothing outside of it."""

    def __init__(
        self,
        name: str,
        model_client: ChatCompletionClient,
        *,
        tools: Sequence[Any] | None = None,
        description: str | None = None,
        system_message: str | None = None,
        video: Video | None = None,
    ) -> None:
        """`tools` take the place of those that it has; `video` says more of these: the account that speech is sent to, limits, approval.

        Raises ValueError as AssistantAgent does.
        """
        chosen = video or Video()
        own = FolderVideo(folder=str(Path.cwd()), **{field: getattr(chosen, field) for field in Video.model_fields})
        said, told = description or VIDEO_SURFER_DESCRIPTION, system_message or VIDEO_SURFER
        super().__init__(name, model_client, tools=tools or [own], description=said, system_message=told)

    @property
    def produced_message_types(self) -> tuple[type[BaseChatMessage], ...]:
        return (MultiModalMessage, TextMessage, ToolCallSummaryMessage)

    @classmethod
    def of_component(cls, component: Component) -> Self:
        raise FlowError(cls.__name__, text("engine.agentchat.not_of_component"), text("engine.agentchat.not_of_component.remedy"))


class FolderVideo(Video):
    """The videos of a script's folder."""

    kind: ClassVar[str] = Video.kind
    drawable: ClassVar[bool] = False

    folder: Annotated[str, Field(exclude=True)]

    @property
    def key(self) -> str:
        return f"{super().key}:{self.folder}"

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        return await super().call(name, arguments, replace(place, folder=Path(self.folder)))
