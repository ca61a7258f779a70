"""An open connection to an MCP server: what it offers as tools, and calls that always end."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from studio.engine.code.base import FunctionResult
from studio.engine.code.calling import shortened
from studio.engine.models.base import ToolSchema
from studio.engine.tools.account_keys import AccountKeys
from studio.engine.tools.mcp_errors import McpFailed, SignInNeeded
from studio.engine.tools.mcp_process import ServerProcess
from studio.engine.tools.mcp_results import resource_text, result_of
from studio.engine.tools.mcp_sampling import Sampling
from studio.engine.tools.mcp_token import Shown
from studio.texts import text

if TYPE_CHECKING:
    from mcp import Client

Got = TypeVar("Got")

MAX_LISTED = 256
"""Resources, templates of them and prompts that a server is shown to have, of each."""
LIST_RESOURCES = "list_resources"
READ_RESOURCE = "read_resource"
GET_PROMPT = "get_prompt"


class ConnectionLost(Exception):
    """The server is gone. `sent`: whether the call may have reached it."""

    def __init__(self, sent: bool) -> None:
        super().__init__("the connection to the MCP server was lost")
        self.sent = sent


@dataclass(frozen=True, slots=True)
class ServerPrompt:
    """One of a server's prompts; `arguments` are (name, whether it must be given)."""

    name: str
    does: str
    arguments: tuple[tuple[str, bool], ...] = ()


@dataclass(slots=True)
class McpConnection:
    """`schemas` are what the server offers, `names` the server's own names of its tools by those that models are shown."""

    client: Client
    where: str
    process: ServerProcess | None
    keys: AccountKeys
    sampling: Sampling
    schemas: tuple[ToolSchema, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    prompts: tuple[ServerPrompt, ...] = ()
    shown: Shown | None = None
    lost: bool = False
    abandoned: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def alive(self) -> bool:
        return not self.lost and not (self.shown and self.shown.needed) and (self.process is None or self.process.alive)

    async def call(self, name: str, arguments: dict[str, Any], folder: Path, timeout: float, show: Callable[[str], None]) -> FunctionResult:
        """Raises TimeoutError, and ConnectionLost when the server is gone; all else that goes wrong is a result."""
        if name in self.names:

            async def showing(progress: float, total: float | None, message: str | None) -> None:
                share = text("engine.mcp.progress", done=f"{progress:g}", total=f"{total:g}") if total else f"{progress:g}"
                show(f"{share} {message or ''}".strip() + "\n")

            mark = uuid4().hex if self.shown is not None else ""
            meta: Any = {"convene/call": mark} if mark else None
            answer = await self._asked(self.client.call_tool(self.names[name], arguments, timeout, showing, meta=meta), timeout, mark)
            if isinstance(answer, FunctionResult):
                return answer
            return self._without_keys(await result_of(answer.content, answer.structured_content, answer.is_error, folder))
        if name == LIST_RESOURCES:
            return await self._resources(timeout)
        if name == READ_RESOURCE:
            return await self._resource(arguments, folder, timeout)
        if name == GET_PROMPT:
            return await self._prompt(arguments, folder, timeout)
        return FunctionResult(f"The server has no tool '{name}'.", is_error=True)

    async def _resources(self, timeout: float) -> FunctionResult:
        listed = await self._asked(self.client.list_resources(cache_mode="bypass"), timeout)
        if isinstance(listed, FunctionResult):
            return listed
        lines = [_line(each.uri, each.title or each.name, each.description) for each in listed.resources[:MAX_LISTED]]
        with contextlib.suppress(ConnectionLost, TimeoutError):  # few servers have templates, and some do not know the question
            templates = await self._asked(self.client.list_resource_templates(cache_mode="bypass"), timeout)
            if not isinstance(templates, FunctionResult):
                found = templates.resource_templates[:MAX_LISTED]
                lines += [_line(each.uri_template, each.title or each.name, each.description) for each in found]
        return FunctionResult(shortened("\n".join(lines) or "There are no resources.", 20_000))

    async def _resource(self, arguments: dict[str, Any], folder: Path, timeout: float) -> FunctionResult:
        uri = arguments.get("uri")
        if not isinstance(uri, str) or not uri.strip():
            return FunctionResult("The argument 'uri' is missing.", is_error=True)
        read = await self._asked(self.client.read_resource(uri, cache_mode="bypass"), timeout)
        if isinstance(read, FunctionResult):
            return read
        files: list[str] = []
        texts = [await resource_text(each, folder, files) for each in read.contents]
        found = FunctionResult(shortened("\n".join(texts), 64 * 1024), files=tuple(files))
        return self._without_keys(found)

    async def _prompt(self, arguments: dict[str, Any], folder: Path, timeout: float) -> FunctionResult:
        name, values = arguments.get("name"), arguments.get("arguments") or {}
        if not isinstance(name, str) or not isinstance(values, dict):
            return FunctionResult("Send the prompt's 'name', and its 'arguments' as an object.", is_error=True)
        texts = {str(key): value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for key, value in values.items()}
        prompt = await self._asked(self.client.get_prompt(name, texts), timeout)
        if isinstance(prompt, FunctionResult):
            return prompt
        return self._without_keys(await result_of((each.content for each in prompt.messages), None, False, folder))

    async def prompt_text(self, name: str, values: Mapping[str, str], folder: Path, timeout: float) -> str:
        """What one of its prompts says. Raises McpFailed, ConnectionLost and TimeoutError."""
        if name not in {prompt.name for prompt in self.prompts}:
            known = ", ".join(prompt.name for prompt in self.prompts)
            remedy = text("engine.mcp.no_prompt.remedy", known=known) if known else text("engine.mcp.no_prompt.none_known")
            raise McpFailed(self.where, text("engine.mcp.no_prompt", prompt=name), remedy)
        found = await self._prompt({"name": name, "arguments": dict(values)}, folder, timeout)
        if found.is_error:
            refused = text("engine.mcp.prompt_refused", prompt=name, why=found.output)
            raise McpFailed(self.where, refused, text("engine.mcp.prompt_refused.remedy"))
        return found.output

    async def _asked(self, asking: Coroutine[Any, Any, Got], timeout: float, mark: str = "") -> Got | FunctionResult:
        """What the server answers; its refusals are results. The SDK may take long to give up a request: it does so unattended.

        `mark` is in the request's body where it matters whether this one was refused, not another one at the same time.
        """
        from mcp import MCPError
        from mcp_types import CONNECTION_CLOSED, REQUEST_TIMEOUT

        task = asyncio.ensure_future(asking)
        with self.shown.refusal(mark) if self.shown is not None else contextlib.nullcontext(asyncio.Event()) as refused:
            told = asyncio.ensure_future(refused.wait())
            try:
                await asyncio.wait({task, told}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            finally:
                told.cancel()
                if not task.done():
                    task.cancel()
                self.abandoned.add(task)
                task.add_done_callback(self._gave_up)
        if refused.is_set():
            raise SignInNeeded(self.where)
        if not task.done():
            raise TimeoutError
        try:
            return task.result()
        except MCPError as mistake:
            if mistake.code == REQUEST_TIMEOUT:
                raise TimeoutError from None
            if mistake.code == CONNECTION_CLOSED or mistake.message == "Session terminated":
                self.lost = True
                raise ConnectionLost(sent=mistake.message != "Session terminated") from None
            return FunctionResult(self.keys.hidden(f"The server refused: {mistake.message}"), is_error=True)
        except asyncio.CancelledError:
            self.lost = True
            raise ConnectionLost(sent=True) from None
        except ValueError as mistake:  # an answer that MCP does not know
            return FunctionResult(f"The server's answer could not be read: {str(mistake).splitlines()[0][:300]}", is_error=True)
        except Exception:
            self.lost = True
            raise ConnectionLost(sent=True) from None

    def _gave_up(self, task: asyncio.Task[Any]) -> None:
        self.abandoned.discard(task)
        if not task.cancelled():
            task.exception()  # looked at: nobody waits for it any more

    def _without_keys(self, result: FunctionResult) -> FunctionResult:
        return FunctionResult(self.keys.hidden(result.output), result.is_error, result.seconds, result.files) if self.keys.given else result


def _line(address: str, title: str, description: str | None) -> str:
    return f"{address}  {title}" + (f": {' '.join(description.split())[:200]}" if description else "")
