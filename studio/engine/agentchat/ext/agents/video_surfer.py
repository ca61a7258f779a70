"""AgentChat's video surfer, with AutoGen's arguments: an assistant that looks at videos of a folder and listens to them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from studio.engine.agentchat.core.models import ChatCompletionClient
from studio.engine.agentchat.ext.agents.folder_tool import FolderTool
from studio.engine.agentchat.ext.agents.ready_assistant import ReadyAssistant
from studio.engine.agentchat.messages import BaseChatMessage, MultiModalMessage, TextMessage, ToolCallSummaryMessage
from studio.engine.agents.surfers import VIDEO_SURFER, VIDEO_SURFER_DESCRIPTION
from studio.engine.tools.video import Video


class VideoSurfer(ReadyAssistant):
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


class FolderVideo(FolderTool, Video):
    """The videos of a script's folder."""

    kind: ClassVar[str] = Video.kind
    drawable: ClassVar[bool] = False
