"""AgentChat's file surfer, with AutoGen's arguments: an assistant that looks into the files of a folder, one action a turn."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import Field

from studio.engine.agentchat.agents.assistant import AssistantAgent
from studio.engine.agentchat.core.models import ChatCompletionClient
from studio.engine.agents.surfers import FILE_SURFER, FILE_SURFER_DESCRIPTION
from studio.engine.code.base import FunctionResult
from studio.engine.component import Component
from studio.engine.errors import FlowError
from studio.engine.tools.base import ToolPlace
from studio.engine.tools.files import Files
from studio.texts import text


class FileSurfer(AssistantAgent):
    """It lists, reads and searches what lies in `base_path`, and nothing outside of it."""

    def __init__(
        self, name: str, model_client: ChatCompletionClient, description: str = FILE_SURFER_DESCRIPTION, base_path: str = ""
    ) -> None:
        """An empty `base_path` is the folder in which the script runs. Raises ValueError as AssistantAgent does."""
        tool = FolderFiles(access="read", folder=os.path.abspath(base_path))
        super().__init__(name, model_client, tools=[tool], description=description, system_message=FILE_SURFER)

    @classmethod
    def of_component(cls, component: Component) -> Self:
        raise FlowError(cls.__name__, text("engine.agentchat.not_of_component"), text("engine.agentchat.not_of_component.remedy"))


class FolderFiles(Files):
    """The files of a folder that a script names."""

    kind: ClassVar[str] = Files.kind
    drawable: ClassVar[bool] = False

    folder: Annotated[str, Field(exclude=True)]

    @property
    def key(self) -> str:
        return f"{super().key}:{self.folder}"

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        return await super().call(name, arguments, replace(place, folder=Path(self.folder)))
