"""A tool that lets agents work with the files of their run: list, read, search, write and append, and nothing outside its folder."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from studio.engine.code.base import FunctionResult
from studio.engine.models.base import ToolSchema
from studio.engine.tools.approval import AskFirst, AskWhen, must_ask
from studio.engine.tools.base import Offered, Tool, ToolPlace
from studio.engine.tools.own_functions import Function, call_function
from studio.engine.tools.run_folder import MAX_READ, RunFolder
from studio.engine.tools.schema import schema_of_function

TIME_LIMIT = 90.0

Access = Literal["read_write", "read"]


class Files(Tool):
    """Five functions over the run's work folder, the place where code of the run finds and leaves its files too."""

    kind: ClassVar[str] = "files"
    title: ClassVar[str] = "Files"
    summary: ClassVar[str] = "Reads and writes files in the run's folder"
    reads_files: ClassVar[tuple[str, ...]] = ("application/pdf",)

    access: Annotated[Access, Field(title="May")] = "read_write"
    approval: AskFirst = "never"
    approval_pattern: AskWhen = ()

    def schemas(self, offered: Offered) -> tuple[ToolSchema, ...]:
        return _schemas(self.access)

    def needs_approval(self, name: str, arguments: str) -> bool:
        return must_ask(self.approval, self.approval_pattern, name, arguments)

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        function = _functions(self.access, place.folder).get(name)
        if function is None:
            return FunctionResult(f"There is no tool '{name}' among these files' tools.", is_error=True)
        return await call_function(function, arguments, TIME_LIMIT, limit=MAX_READ + 1_000)


def _functions(access: Access, folder: Path) -> Mapping[str, Function]:
    """What the tool offers, by name."""
    here = _FileFunctions(RunFolder(folder))
    functions: dict[str, Function] = {"list_files": here.list_files, "read_file": here.read_file, "search_files": here.search_files}
    if access == "read_write":
        functions |= {"write_file": here.write_file, "append_to_file": here.append_to_file}
    return functions


@cache
def _schemas(access: Access) -> tuple[ToolSchema, ...]:
    return tuple(schema_of_function(function, name) for name, function in _functions(access, Path()).items())


@dataclass(frozen=True, slots=True)
class _FileFunctions:
    """The functions as a model sees them. The work is done in threads: disks take their time."""

    files: RunFolder

    async def list_files(self, folder: str = "") -> str:
        """List the files of this conversation with their sizes.

        Args:
            folder: Only what is in this folder; empty lists everything.
        """
        return await asyncio.to_thread(self.files.listed, folder)

    async def read_file(self, path: str, start: int = 1) -> str:
        """Read a text file or a PDF of this conversation. Long files are read in parts.

        Args:
            path: The name of the file, as list_files gives it.
            start: The line to begin with; the first one is 1.
        """
        return await asyncio.to_thread(self.files.read, path, start)

    async def search_files(self, text: str, folder: str = "") -> str:
        """Find the lines in the files of this conversation that contain a text, in upper or lower case.

        Args:
            text: What the lines must contain.
            folder: Only in this folder, or in this one file; empty searches everywhere.
        """
        return await asyncio.to_thread(self.files.searched, text, folder)

    async def write_file(self, path: str, content: str) -> str:
        """Write a text file. A file of that name is replaced.

        Args:
            path: A relative name such as notes/plan.md.
            content: The whole text of the file.
        """
        return await asyncio.to_thread(self.files.write, path, content)

    async def append_to_file(self, path: str, content: str) -> str:
        """Add text to the end of a file; a file that is not there is made.

        Args:
            path: A relative name such as notes/log.md.
            content: What to add, with its line ends.
        """
        return await asyncio.to_thread(self.files.append, path, content)
