"""Agents that call tools of their own until they have something to say, and the engine's tools for them."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import weakref
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from contextvars import Context
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from studio.classic.chat_log import hold, record
from studio.classic.conversable import ANYBODY, ConversableAgent
from studio.classic.loops import Steps, await_apart, call, drive, drive_async, of_method
from studio.classic.messages import Message, calls_in, content_str
from studio.classic.speaker import Agent
from studio.classic.wrapper import OpenAIWrapper
from studio.classic.wrapper_client import WrapperClient
from studio.engine.code.base import CodeSession, Executor, FunctionResult, Sandbox
from studio.engine.events import CodeBlock, Noticed, ToolsCalled
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.base import ModelReply, ModelRequest, ToolSchema
from studio.engine.tools.base import Tool, ToolPlace
from studio.engine.tools.resources import Resources
from studio.texts import text

MOST_ROUNDS = 20
"""Rounds of calls before an agent must speak."""

ASKED = "model_asked"
"""The code of a notice that a tool asked a model."""

SPENT = "(I have called my tools as often as I may in one answer. Ask me to go on.)"


@dataclass(eq=False, slots=True, weakref_slot=True)
class Workshop:
    """Where the tools of an agent work: a folder, open connections, sandboxes. What is open is let go at the end of a chat."""

    folder: Path | None = None
    resources: Resources = field(default_factory=Resources)
    sessions: dict[str, CodeSession] = field(default_factory=dict)
    documents: Path | None = None
    asked: OpenAIWrapper | None = None
    spent: list[ModelReply] = field(default_factory=list)

    def asks(self, llm_config: Any) -> None:
        """Let tools ask a model. Raises ConfigUnusable for a configuration that is none."""
        self.asked = OpenAIWrapper(**llm_config) if isinstance(llm_config, Mapping) else None

    def place(self, session: CodeSession | None = None) -> ToolPlace:
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="convene-"))
            weakref.finalize(self, shutil.rmtree, self.folder, True)
        ask = self._ask if self.asked is not None else None
        return ToolPlace(self.folder, EnvironmentAccounts(), self.resources, session, documents=self.documents, ask=ask)

    async def _ask(self, request: ModelRequest) -> ModelReply:
        """What the model answers a tool, asked beside the loop of the tools: its connection ends with the answer."""
        assert self.asked is not None
        whole = partial(call, _answer(WrapperClient(self.asked), request))
        reply: ModelReply = await asyncio.get_running_loop().run_in_executor(None, Context().run, whole)
        self.spent.append(reply)
        return reply

    def session(self, executor: Executor, folder: Path) -> CodeSession:
        key = executor.model_dump_json()
        if key not in self.sessions:
            folder.mkdir(parents=True, exist_ok=True)
            self.sessions[key] = executor.open(Sandbox("classic", folder.resolve()))
        return self.sessions[key]

    async def let_go(self) -> None:
        await await_apart(self._close())

    async def _close(self) -> None:
        sessions, self.sessions = list(self.sessions.values()), {}
        for session in sessions:
            await session.close()
        await self.resources.close()


class TooledAgent(ConversableAgent):
    """Runs the calls of its own model itself: whoever talks with it hears what it says then, and nothing of the calls."""

    def __init__(self, name: str, *rest: Any, **options: Any) -> None:
        super().__init__(name, *rest, **options)
        self.workshop = Workshop()
        own = TooledAgent
        self._replies = [entry for entry in self._replies if entry.function is not ConversableAgent.generate_oai_reply]
        self.register_reply(ANYBODY, own.generate_worked_reply, len(self._replies), twin=own.a_generate_worked_reply)

    def generate_worked_reply(
        self, messages: list[Message] | None = None, sender: Agent | None = None, config: Any = None
    ) -> tuple[bool, Any]:
        """What the model says once its calls are done; (False, None) without a model. Raises ModelError."""
        return drive(self._work(messages, sender))

    async def a_generate_worked_reply(
        self, messages: list[Message] | None = None, sender: Agent | None = None, config: Any = None
    ) -> tuple[bool, Any]:
        """The same in an async chat."""
        return await drive_async(self._work(messages, sender))

    def _work(self, messages: list[Message] | None, sender: Agent | None) -> Steps[tuple[bool, Any]]:
        heard = list(messages if messages is not None else self._heard[sender] if sender is not None else ())
        for _ in range(MOST_ROUNDS):
            answered, said = yield of_method(self.generate_oai_reply, self.a_generate_oai_reply, heard, sender)
            if not answered or not isinstance(said, dict) or not (calls := calls_in(said)):
                return answered, said
            record(ToolsCalled(source=self.name, calls=calls, text=content_str(said.get("content")), **self._about))
            self._about.clear()
            heard.append({"content": None, **said, "role": "assistant"})
            _, results = yield of_method(self.generate_tool_calls_reply, self.a_generate_tool_calls_reply, heard, sender)
            heard.append(results)
        return True, SPENT

    def give(self, tool: Tool) -> None:
        """Let its model call a tool of the engine's. Raises ConfigUnusable when it has no model."""
        for schema in tool.schemas({}):
            self.offer(schema, _calling(self.workshop, tool, schema.name, self.name))

    def offer(self, schema: ToolSchema, function: Callable[..., Awaitable[str]]) -> None:
        """Let its model call a function by its schema."""
        told = {"name": schema.name, "description": schema.description, "parameters": dict(schema.parameters)}
        self.update_tool_signature({"type": "function", "function": told}, False)
        self.register_function({schema.name: function})

    def give_code(self, executor: Executor, folder: Path, name: str, description: str) -> None:
        """Let its model run Python, which is kept in a folder."""

        async def run(**arguments: Any) -> str:
            hold(self.workshop)
            return await await_apart(_ran(self.workshop, executor, folder, str(arguments.get("code") or "")))

        code = {"type": "string", "description": "A whole Python program that prints what is wanted."}
        self.offer(ToolSchema(name, description, {"type": "object", "properties": {"code": code}, "required": ["code"]}), run)


async def _answer(client: WrapperClient, request: ModelRequest) -> ModelReply:
    reply = ModelReply()
    async with aclosing(client.stream(request)) as pieces:
        async for piece in pieces:
            if isinstance(piece, ModelReply):
                reply = piece
    return reply


def _calling(workshop: Workshop, tool: Tool, name: str, who: str) -> Callable[..., Awaitable[str]]:
    async def called(**arguments: Any) -> str:
        hold(workshop)
        try:
            result: FunctionResult = await await_apart(_called(workshop, tool, name, arguments))
        finally:
            spent, workshop.spent = workshop.spent, []
            for reply in spent:
                told = text("classic.tool.asked", tool=name, model=reply.model or text("classic.model"))
                record(Noticed(source=who, code=ASKED, text=told, usage=reply.usage))
        if result.is_error:
            raise RuntimeError(result.output)
        return result.output

    return called


async def _called(workshop: Workshop, tool: Tool, name: str, arguments: Mapping[str, Any]) -> FunctionResult:
    session = workshop.session(tool.runs_in, workshop.place().folder) if tool.runs_in is not None else None
    return await tool.call(name, json.dumps(arguments, default=str), workshop.place(session))


async def _ran(workshop: Workshop, executor: Executor, folder: Path, code: str) -> str:
    result = await workshop.session(executor, folder).execute((CodeBlock(language="python", code=code),), lambda text: None)
    files = f"\nFiles: {', '.join(result.files)}" if result.files else ""
    return f"exit code {result.exit_code}\n{result.output}{files}"
