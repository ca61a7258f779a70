"""Tools of a script that work in a folder of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import Field

from studio.engine.code.base import FunctionResult
from studio.engine.tools.base import Tool, ToolPlace


class FolderTool(Tool):
    """It stands before the tool that it is: calls of that one happen in `folder`, or where it is empty, in the run's."""

    folder: Annotated[str, Field(exclude=True)] = ""

    @property
    def key(self) -> str:
        return f"{super().key}:{self.folder}"

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        return await super().call(name, arguments, replace(place, folder=Path(self.folder)) if self.folder else place)
