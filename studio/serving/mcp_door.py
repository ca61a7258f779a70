"""The flow as a tool of the Model Context Protocol, by streamable HTTP: a task in, the answer out, what is said on the way as progress."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from studio import __version__
from studio.flow.document import FlowDocument
from studio.serving.answers import refusal, refused_of, whole_body
from studio.serving.door import Door, Pace
from studio.serving.errors import GuestRefused
from studio.serving.inputs import input_schema
from studio.serving.reception import Reached, Reception
from studio.serving.talk import model_name, reply_of
from studio.serving.told import AT_REST, Outcome
from studio.texts import text

if TYPE_CHECKING:
    import mcp_types
    from mcp.server import ServerRequestContext
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

VIA = "MCP"
LONGEST_PROGRESS = 2_000
"""Characters of what somebody said that progress tells."""

log = logging.getLogger("convene.serving")

OUTPUT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": sorted(AT_REST)},
        "answer": {"type": "string"},
        "question": {"type": ["object", "null"], "description": "What has to be answered by another call in the same conversation."},
        "conversation": {"type": "string", "description": "Give it with the next call to go on, or to answer the question."},
    },
    "required": ["status", "answer", "question", "conversation"],
}


class McpDoor:
    """One server for all doors of a process: each request is whole in itself, and its scope names the door. Begins when first asked."""

    def __init__(self, desk: Reception) -> None:
        self._desk = desk
        self._beginning = asyncio.Lock()
        self._manager: StreamableHTTPSessionManager | None = None
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            manager = await self._begun()
            body = await whole_body(Request(scope, receive))
        except ImportError:
            await refusal(GuestRefused("mcp_missing"))(scope, receive, send)
            return
        except GuestRefused as refused:
            await refusal(refused)(scope, receive, send)
            return
        await manager.handle_request(scope, _again(body, receive), send)

    async def close(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _begun(self) -> StreamableHTTPSessionManager:
        """Raises ImportError where the library is not installed."""
        async with self._beginning:
            if self._manager is None:
                manager = self._made()
                ready = asyncio.Event()
                self._running = asyncio.create_task(_run(manager, ready), name="mcp")
                await ready.wait()
                self._manager = manager
            return self._manager

    def _made(self) -> StreamableHTTPSessionManager:
        from mcp.server import Server
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
        from mcp.server.transport_security import TransportSecuritySettings

        server: Server[Any] = Server("convene", version=__version__, on_list_tools=self._list_tools, on_call_tool=self._call_tool)
        # The gate has looked at Host, Origin and size already.
        settings = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        return StreamableHTTPSessionManager(server, stateless=True, security_settings=settings)

    async def _list_tools(
        self, context: ServerRequestContext[Any], params: mcp_types.PaginatedRequestParams | None
    ) -> mcp_types.ListToolsResult:
        from mcp_types import ListToolsResult, Tool

        door, _ = _door_of(context)
        document = await self._desk.flow(door)
        return ListToolsResult(
            tools=[
                Tool(
                    name=tool_name(document),
                    title=document.name,
                    description=_description(document),
                    input_schema=tool_schema(document),
                    output_schema=OUTPUT,
                )
            ]
        )

    async def _call_tool(self, context: ServerRequestContext[Any], params: mcp_types.CallToolRequestParams) -> mcp_types.CallToolResult:
        door, pace = _door_of(context)
        try:
            document = await self._desk.flow(door)
            if params.name != tool_name(document):
                raise GuestRefused("no_such_model", model=params.name[:100], served=tool_name(document))
            reached = await self._begin(door, pace, document, dict(params.arguments or {}))
            outcome = await self._follow(door, reached, context)
            return _result(outcome, reached)
        except GuestRefused as refused:
            return _mistake(refused_of(refused).sentence)

    async def _begin(self, door: Door, pace: Pace, document: FlowDocument, given: dict[str, Any]) -> Reached:
        conversation = given.pop("conversation", None)
        if conversation is None:
            return await self._desk.start(door, pace, given, VIA)
        if not isinstance(conversation, str) or set(given) != {"task"} or not isinstance(given["task"], str):
            raise GuestRefused("input", where="arguments", what=text("guest.input.arguments"))
        return await self._desk.say(door, pace, given["task"], VIA, conversation)

    async def _follow(self, door: Door, reached: Reached, context: ServerRequestContext[Any]) -> Outcome:
        """Tells as progress what is said, until the run is at rest. A call that is cancelled stops a run that computes."""
        said = 0
        try:
            async with aclosing(self._desk.hear(door, reached.run, reached.after)) as heard:
                async for told in heard:
                    if told["type"] == "message" and told["role"] in ("agent", "code"):
                        said += 1
                        words = f"{told['source']}: {told['text']}"[:LONGEST_PROGRESS]
                        with contextlib.suppress(Exception):  # whoever asked for progress may be gone
                            await context.session.report_progress(said, None, words)
                    if told["type"] == "status" and told["status"] in AT_REST:
                        break
        except asyncio.CancelledError:
            self._desk.leave_soon(door, reached.run)
            raise
        return await self._desk.outcome(reached.run)


def _again(body: bytes, receive: Receive) -> Receive:
    """A request that is received once more, whose body is known: the library waits for one without an end."""
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def tool_name(document: FlowDocument) -> str:
    """The flow's name as a tool's: plain letters and lines below."""
    return model_name(document).replace("-", "_")


def tool_schema(document: FlowDocument) -> dict[str, Any]:
    """What the tool takes: what the flow takes, and the conversation to go on with."""
    schema = input_schema(document)
    conversation = {"type": "string", "maxLength": 64, "description": text("guest.mcp.conversation")}
    return schema | {"properties": {**schema["properties"], "conversation": conversation}}


def _description(document: FlowDocument) -> str:
    return "\n\n".join(part for part in (document.description, text("guest.mcp.about")) if part)


def _result(outcome: Outcome, reached: Reached) -> mcp_types.CallToolResult:
    from mcp_types import CallToolResult, TextContent

    reply = reply_of(outcome, reached.after)
    told = {
        "status": outcome.status,
        "answer": outcome.answer,
        "question": outcome.open_question,
        "conversation": reached.session,
    }
    words = reply if outcome.question is None else f"{reply}\n\n{text('guest.mcp.answer_with', conversation=reached.session)}"
    return CallToolResult(content=[TextContent(type="text", text=words)], structured_content=told)


def _mistake(sentence: str) -> mcp_types.CallToolResult:
    from mcp_types import CallToolResult, TextContent

    return CallToolResult(content=[TextContent(type="text", text=sentence)], is_error=True)


def _door_of(context: ServerRequestContext[Any]) -> tuple[Door, Pace]:
    """The door that the gate let the request through, which every message of it carries."""
    scope = context.request.scope  # type: ignore[union-attr]
    return scope["door"], scope["pace"]


async def _run(manager: StreamableHTTPSessionManager, ready: asyncio.Event) -> None:
    async with manager.run():
        ready.set()
        await asyncio.Event().wait()
