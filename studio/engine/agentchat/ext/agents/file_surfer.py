"""AgentChat's file surfer, with AutoGen's arguments: an assistant that looks into the files of a folder, one action a turn."""

from __future__ import annotations

import os
from typing import ClassVar

from studio.engine.agentchat.core.models import ChatCompletionClient
from studio.engine.agentchat.ext.agents.folder_tool import FolderTool
from studio.engine.agentchat.ext.agents.ready_assistant import ReadyAssistant
from studio.engine.agents.surfers import FILE_SURFER, FILE_SURFER_DESCRIPTION
from studio.engine.tools.files import Files


class FileSurfer(ReadyAssistant):
    """It lists, reads and searches what lies in `base_path`, and nothing outside of it."""

    def __init__(
        self, name: str, model_client: ChatCompletionClient, description: str = FILE_SURFER_DESCRIPTION, base_path: str = ""
    ) -> None:
        """An empty `base_path` is the folder in which the script runs. Raises ValueError as AssistantAgent does."""
        tool = FolderFiles(access="read", folder=os.path.abspath(base_path))
        super().__init__(name, model_client, tools=[tool], description=description, system_message=FILE_SURFER)


class FolderFiles(FolderTool, Files):
    """The files of a folder that a script names."""

    kind: ClassVar[str] = Files.kind
    drawable: ClassVar[bool] = False
