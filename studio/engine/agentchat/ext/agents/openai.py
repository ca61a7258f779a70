"""AutoGen's agents over OpenAI's own assistants and responses, with their arguments: the chat of the same model, and tools of this side."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import warnings
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.core.models import ChatCompletionClient
from studio.engine.agentchat.ext.agents.ready_assistant import ReadyAssistant
from studio.engine.agentchat.ext.models.openai import AzureOpenAIChatCompletionClient, OpenAIChatCompletionClient
from studio.engine.code.base import FunctionResult
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.component import Component
from studio.engine.documents.document import Document, Shelf
from studio.engine.tools.base import ToolPlace
from studio.engine.tools.search_documents import SearchDocuments
from studio.engine.tools.shell import Shell
from studio.engine.tools.web_search import WebSearch
from studio.texts import text

ROUNDS = 10
"""Rounds of tools in a turn."""

CODE, FILES, WEB = "code_interpreter", "file_search", ("web_search_preview", "web_search")


class OpenAIAgent(ReadyAssistant):
    """OpenAI's Responses API: `client` says at which server and with which key; of the tools, search of the web and of files, and code.

    Raises ValueError for a tool of OpenAI's that is not here.
    """

    def __init__(
        self,
        name: str,
        description: str,
        client: Any,
        model: str,
        instructions: str,
        tools: Iterable[Any] | None = None,
        temperature: float | None = None,
        max_output_tokens: int | None = None,
        json_mode: bool = False,
        store: bool = True,
        truncation: str = "disabled",
        **options: Any,
    ) -> None:
        settings = {"temperature": temperature, "max_tokens": max_output_tokens, **options}
        settings["response_format"] = options.get("response_format") or ({"type": "json_object"} if json_mode else None)
        self._folder = Path(tempfile.mkdtemp(prefix="convene-"))
        weakref.finalize(self, shutil.rmtree, self._folder, True)
        self._shell = UploadShell(executor=DockerExecutor(), approval="never")
        self._search = UploadSearch(shelf=str(self._folder / ".documents"))
        super().__init__(
            name,
            _chat(client, model, {field: value for field, value in settings.items() if value is not None}),
            tools=[self._here(each, name) for each in tools or ()],
            description=description,
            system_message=instructions,
            reflect_on_tool_use=True,
            max_tool_iterations=ROUNDS,
        )

    def _here(self, tool: Any, name: str) -> Any:
        named = tool.get("type") if isinstance(tool, Mapping) else tool
        if not isinstance(named, str):
            return tool
        if named == CODE:
            return self._shell
        if named == FILES:
            return self._search
        if named in WEB:
            return WebSearch()
        raise ValueError(text("engine.agentchat.no_hosted_tool", agent=name, tool=named))

    def _swap(self, before: Component, after: Component) -> None:
        self._tools = [after if each is before else each for each in self._tools]


class OpenAIAssistantAgent(OpenAIAgent):
    """OpenAI's assistants, whose API ended in August 2026: what was kept of them under an `assistant_id` or a `thread_id` is gone.

    Files that are uploaded stay on this machine: for code they lie in the folder in which it runs, the others are searched.
    """

    def __init__(
        self,
        name: str,
        description: str,
        client: Any,
        model: str,
        instructions: str,
        tools: Iterable[Any] | None = None,
        assistant_id: str | None = None,
        thread_id: str | None = None,
        metadata: Mapping[str, str] | None = None,
        response_format: Any = None,
        temperature: float | None = None,
        tool_resources: Mapping[str, Any] | None = None,
        top_p: float | None = None,
    ) -> None:
        more: dict[str, Any] = {"top_p": top_p}
        if isinstance(response_format, Mapping):
            more["response_format"] = dict(response_format)
        super().__init__(name, description, client, model, instructions, tools, temperature, **more)
        for gone in (assistant_id, thread_id, tool_resources and "tool_resources"):
            if gone:
                warnings.warn(text("engine.agentchat.gone_with_assistants", agent=name, what=gone), stacklevel=2)

    async def on_upload_for_code_interpreter(
        self, file_paths: str | Iterable[str], cancellation_token: CancellationToken | None = None
    ) -> None:
        """Put files into the folder in which its code runs. Raises OSError for one that cannot be read."""
        files = await asyncio.to_thread(_there, _several(file_paths))
        shell = self._shell.replace(files=(*self._shell.files, *files))
        self._swap(self._shell, shell)
        self._shell = shell

    async def on_upload_for_file_search(self, file_paths: str | Iterable[str], cancellation_token: CancellationToken | None = None) -> None:
        """Let it search files. Raises OSError for one that cannot be read, DocumentUnusable for one that is empty or too large."""
        shelf = Shelf(Path(self._search.shelf))
        added = [await asyncio.to_thread(_kept, shelf, Path(each)) for each in _several(file_paths)]
        search = self._search.replace(documents=(*self._search.documents, *added))
        self._swap(self._search, search)
        self._search = search

    async def delete_uploaded_files(self, cancellation_token: CancellationToken | None = None) -> None:
        """Take what was uploaded for code away again; nothing lies elsewhere."""
        shell = self._shell.replace(files=())
        self._swap(self._shell, shell)
        self._shell = shell

    async def delete_vector_store(self, cancellation_token: CancellationToken | None = None) -> None:
        """Take what was uploaded for search away again."""
        search = self._search.replace(documents=())
        self._swap(self._search, search)
        self._search = search

    async def delete_assistant(self, cancellation_token: CancellationToken | None = None) -> None:
        """There is nothing elsewhere to delete."""


class UploadShell(Shell):
    """A shell that finds the files of a script in the run's folder."""

    kind: ClassVar[str] = Shell.kind
    drawable: ClassVar[bool] = False

    files: Annotated[tuple[str, ...], Field(exclude=True)] = ()

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        for each in self.files:
            target = place.folder / Path(each).name
            if not target.exists():
                await asyncio.to_thread(shutil.copyfile, each, target)
        return await super().call(name, arguments, place)


class UploadSearch(SearchDocuments):
    """A search in files of a script."""

    kind: ClassVar[str] = SearchDocuments.kind
    drawable: ClassVar[bool] = False

    shelf: Annotated[str, Field(exclude=True)] = ""

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        return await super().call(name, arguments, replace(place, documents=Path(self.shelf)))


def _kept(shelf: Shelf, path: Path) -> Document:
    return shelf.put(path.name, path.read_bytes())


def _there(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(Path(each).resolve(strict=True)) for each in paths)


def _several(paths: str | Iterable[str]) -> list[str]:
    return [paths] if isinstance(paths, str) else [str(each) for each in paths]


def _chat(client: Any, model: str, settings: Mapping[str, Any]) -> ChatCompletionClient:
    """The chat of a model at the server that a client of OpenAI's asks, with its key."""
    address, key = str(getattr(client, "base_url", "") or ""), getattr(client, "api_key", None)
    if "azure" in type(client).__name__.lower():
        version = str(getattr(client, "_api_version", ""))
        endpoint = address.partition("/openai")[0]
        return AzureOpenAIChatCompletionClient(
            model=model, azure_deployment=model, azure_endpoint=endpoint, api_version=version, api_key=key, **settings
        )
    return OpenAIChatCompletionClient(model=model, base_url=address or None, api_key=key or None, **settings)
