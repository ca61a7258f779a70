"""An open connection to an MCP server: what it offers as tools, and calls that always end."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import logging
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from studio.engine.code.base import FunctionResult
from studio.engine.code.calling import shortened
from studio.engine.code.threads import in_thread
from studio.engine.errors import ConveneError
from studio.engine.models.base import Accounts, ToolSchema
from studio.engine.tools.account_keys import AccountKeys
from studio.engine.tools.docstrings import MAX_DESCRIPTION
from studio.engine.tools.mcp_errors import McpFailed, McpMissing, SignInNeeded
from studio.engine.tools.mcp_process import ServerProcess, started
from studio.engine.tools.mcp_results import resource_text, result_of
from studio.engine.tools.mcp_sampling import Sampling
from studio.engine.tools.mcp_sign_in import SignIns
from studio.engine.tools.mcp_token import Shown, signed_in
from studio.engine.tools.mcp_transport import Remote, Sse, Stdio, StreamableHttp, Transport
from studio.texts import text

if TYPE_CHECKING:
    from mcp import Client

Got = TypeVar("Got")

MAX_TOOLS = 256
MAX_PAGES = 20
MAX_SCHEMA = 64_000
"""Characters of the JSON Schema of one tool; a larger one is left out, so that any arguments are taken."""
LIST_RESOURCES = "list_resources"
READ_RESOURCE = "read_resource"
GET_PROMPT = "get_prompt"
_NOTHING: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}


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
        match name:
            case "list_resources":
                return await self._resources(timeout)
            case "read_resource":
                return await self._resource(arguments, folder, timeout)
            case "get_prompt":
                return await self._prompt(arguments, folder, timeout)
        return FunctionResult(f"The server has no tool '{name}'.", is_error=True)

    async def _resources(self, timeout: float) -> FunctionResult:
        listed = await self._asked(self.client.list_resources(cache_mode="bypass"), timeout)
        if isinstance(listed, FunctionResult):
            return listed
        lines = [_line(each.uri, each.title or each.name, each.description) for each in listed.resources[:MAX_TOOLS]]
        with contextlib.suppress(ConnectionLost, TimeoutError):  # few servers have templates, and some do not know the question
            templates = await self._asked(self.client.list_resource_templates(cache_mode="bypass"), timeout)
            if not isinstance(templates, FunctionResult):
                found = templates.resource_templates[:MAX_TOOLS]
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


@contextlib.asynccontextmanager
async def connected(
    transport: Transport, folder: Path, accounts: Accounts, timeout: float, sampling: Sampling, sign_ins: SignIns | None = None
) -> AsyncIterator[McpConnection]:
    """Start or reach a server and ask what it offers; `sampling` answers what it asks. Only after a person's yes.

    Raises McpFailed, McpMissing, AccountMissing, SignInNeeded.
    """
    if importlib.util.find_spec("mcp") is None:
        raise McpMissing
    if transport.missing:
        missing = text("engine.mcp.field_missing", field=transport.missing)
        raise McpFailed(transport.where, missing, text("engine.mcp.field_missing.remedy"))
    await in_thread(_load)
    keys = AccountKeys(accounts)
    shown = signed_in(transport.url, sign_ins) if sign_ins is not None and isinstance(transport, Remote) and transport.may_sign_in else None
    async with contextlib.AsyncExitStack() as stack:
        process: list[ServerProcess] = []
        try:
            async with asyncio.timeout(timeout):
                connection = await _opened(transport, folder, accounts, keys, stack, process, timeout, sampling, shown)
                await _ask_what_it_offers(connection)
        except ConveneError:
            raise
        except TimeoutError:
            if shown is not None and shown.needed:
                raise SignInNeeded(transport.where) from None
            words, seconds = _last_words(process, keys), f"{timeout:g}"
            slow = text("engine.mcp.too_slow.said", seconds=seconds, words=words) if words else text("engine.mcp.too_slow", seconds=seconds)
            raise McpFailed(transport.where, slow, text("engine.mcp.unusable.remedy")) from None
        except Exception as mistake:
            if shown is not None and shown.needed:
                raise SignInNeeded(transport.where) from None
            words, why = _last_words(process, keys), keys.hidden(_innermost(mistake))
            broken = text("engine.mcp.broken.said", why=why, words=words) if words else text("engine.mcp.broken", why=why)
            raise McpFailed(transport.where, broken, text("engine.mcp.unusable.remedy")) from None
        yield connection


def _load() -> None:
    """Import the SDK, which takes a second in which everything else would stand still."""
    importlib.import_module("mcp")
    logger = logging.getLogger("mcp")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.CRITICAL)  # it logs with a traceback what becomes a result or an error here


async def _opened(
    transport: Transport,
    folder: Path,
    accounts: Accounts,
    keys: AccountKeys,
    stack: contextlib.AsyncExitStack,
    process: list[ServerProcess],
    timeout: float,
    sampling: Sampling,
    shown: Any,
) -> McpConnection:
    from mcp import Client
    from mcp_types import Implementation

    streams: Any
    match transport:
        case Stdio():
            program, pair = await stack.enter_async_context(started(transport.argv, transport.variables(folder, accounts, keys), folder))
            process.append(program)
            streams = contextlib.nullcontext(pair)
        case StreamableHttp():
            import httpx2
            from mcp.client.streamable_http import streamable_http_client

            http = httpx2.AsyncClient(auth=shown, headers=transport.headers_sent(keys), timeout=httpx2.Timeout(timeout, read=None))
            await stack.enter_async_context(http)
            streams = streamable_http_client(transport.url, http_client=http)
        case Sse():
            from mcp.client.sse import sse_client

            streams = sse_client(transport.url, transport.headers_sent(keys), timeout, sse_read_timeout=24 * 3600, auth=shown)
        case _:
            raise McpFailed(transport.where, text("engine.mcp.no_way", way=transport.kind))
    answers = sampling if sampling.allowed else None
    client = Client(streams, client_info=Implementation(name="convene", version="1"), cache=None, sampling_callback=answers)
    await stack.enter_async_context(client)
    return McpConnection(client, transport.where, process[0] if process else None, keys, sampling, shown=shown)


async def _ask_what_it_offers(connection: McpConnection) -> None:
    client, capabilities = connection.client, connection.client.server_capabilities
    schemas: list[ToolSchema] = []
    if capabilities.tools is not None:
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            page = await client.list_tools(cursor=cursor)
            for tool in page.tools[: MAX_TOOLS - len(schemas)]:
                shown = _shown_name(tool.name, connection.names)
                connection.names[shown] = tool.name
                schemas.append(ToolSchema(shown, _limited(tool.description or tool.title or ""), _parameters(tool.input_schema)))
            cursor = page.next_cursor
            if cursor is None or len(schemas) >= MAX_TOOLS:
                break
    if capabilities.resources is not None:
        one: dict[str, Any] = {"type": "string", "description": "As list_resources shows it."}
        by_uri = {"type": "object", "properties": {"uri": one}, "required": ["uri"], "additionalProperties": False}
        schemas += [
            ToolSchema(LIST_RESOURCES, "List what can be read with read_resource.", _NOTHING),
            ToolSchema(READ_RESOURCE, "Read a resource of the server.", by_uri),
        ]
    if capabilities.prompts is not None and (prompts := (await client.list_prompts()).prompts[:MAX_TOOLS]):
        connection.prompts = tuple(_server_prompt(prompt) for prompt in prompts)
        schemas.append(ToolSchema(GET_PROMPT, _limited(_prompts(prompts)), _prompt_parameters(prompts)))
    first: dict[str, ToolSchema] = {}
    for schema in schemas:
        first.setdefault(schema.name, schema)  # a tool of its own that is called list_resources stays that
    connection.schemas = tuple(first.values())


def _shown_name(name: str, taken: Mapping[str, str]) -> str:
    """A name that every model server takes, one of a kind."""
    plain = re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:56] or "tool"
    shown, number = plain, 2
    while shown in taken:
        shown, number = f"{plain}_{number}", number + 1
    return shown


def _parameters(schema: Mapping[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in schema.items() if key != "$schema"} | {"type": "object"}
    plain.setdefault("properties", {})
    return plain if len(json.dumps(plain, default=str)) <= MAX_SCHEMA else {"type": "object", "properties": {}}


def _server_prompt(prompt: Any) -> ServerPrompt:
    arguments = tuple((each.name, bool(each.required)) for each in prompt.arguments or ())
    return ServerPrompt(prompt.name, prompt.description or prompt.title or "", arguments)


def _prompts(prompts: list[Any]) -> str:
    lines = ["Get one of the server's prepared instructions:"]
    for prompt in prompts:
        names = ", ".join(f"{each.name}{'' if each.required else '?'}" for each in prompt.arguments or ())
        lines.append(f"{prompt.name}({names}): {(prompt.description or prompt.title or '')[:120]}")
    return "\n".join(lines)


def _prompt_parameters(prompts: list[Any]) -> dict[str, Any]:
    values = {"type": "object", "additionalProperties": {"type": "string"}}
    properties = {"name": {"type": "string", "enum": [prompt.name for prompt in prompts]}, "arguments": values}
    return {"type": "object", "properties": properties, "required": ["name"], "additionalProperties": False}


def _line(address: str, title: str, description: str | None) -> str:
    return f"{address}  {title}" + (f": {' '.join(description.split())[:200]}" if description else "")


def _limited(description: str) -> str:
    return description if len(description) <= MAX_DESCRIPTION else description[: MAX_DESCRIPTION - 1].rstrip() + "…"


def _last_words(process: list[ServerProcess], keys: AccountKeys) -> str:
    return keys.hidden(process[0].last_words)[-400:] if process else ""


def _innermost(mistake: BaseException) -> str:
    """What the first of nested groups of errors says."""
    while isinstance(mistake, BaseExceptionGroup):
        mistake = mistake.exceptions[0]
    said = str(mistake).split("\n")[0].rstrip(".")
    return said[:300] or type(mistake).__name__
