"""AgentChat's assistant over the engine's: the same arguments, and its ways with tools and hand-overs."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import BaseModel, Field

from studio.engine.agentchat.agents.chat_agent import EngineAgent
from studio.engine.agentchat.base import Handoff
from studio.engine.agentchat.core.calls import FunctionCall
from studio.engine.agentchat.core.memory import Memory, MemoryContent
from studio.engine.agentchat.core.model_context import ChatCompletionContext, UnboundedChatCompletionContext
from studio.engine.agentchat.core.models import ChatCompletionClient, FunctionExecutionResult
from studio.engine.agentchat.messages import BaseChatMessage, HandoffMessage, StructuredMessage, TextMessage, ToolCallSummaryMessage
from studio.engine.agentchat.model_bridge import ClientModel, EngineClient, events_of
from studio.engine.agentchat.tools import HandoffTool, names_of, tool_of
from studio.engine.agentchat.workbenches import Workbench
from studio.engine.agents.agent import Perform, Place, Say, Step, Turn
from studio.engine.agents.assistant import Assistant, pictures_of
from studio.engine.component import Component as EngineComponent
from studio.engine.context.base import size
from studio.engine.errors import FlowError
from studio.engine.events import Event, HandedOff, MessageSaid, Recalled, ThreadEvent, ToolFinished, ToolsCalled
from studio.engine.memory import base as memories
from studio.engine.models.base import Model, ModelReply
from studio.engine.tools.base import Tool
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.agentchat.running import Run

DESCRIPTION = "An agent that provides assistance with ability to use tools."
SYSTEM = "You are a helpful assistant. Use your tools where they help. When the whole task is done, end with the word TERMINATE."


class AssistantAgent(EngineAgent):
    """`max_tool_iterations` rounds of tools; then their results are its message, or, with `reflect_on_tool_use`, what it says of them."""

    def __init__(
        self,
        name: str,
        model_client: ChatCompletionClient,
        *,
        tools: Sequence[Any] | None = None,
        workbench: Any = None,
        handoffs: Sequence[Handoff | str] | None = None,
        model_context: ChatCompletionContext | None = None,
        description: str = DESCRIPTION,
        system_message: str | None = SYSTEM,
        model_client_stream: bool = False,
        reflect_on_tool_use: bool | None = None,
        max_tool_iterations: int = 1,
        tool_call_summary_format: str = "{result}",
        tool_call_summary_formatter: Callable[[FunctionCall, FunctionExecutionResult], str] | None = None,
        output_content_type: type[BaseModel] | None = None,
        output_content_type_format: str | None = None,
        memory: Sequence[Memory] | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        """Raises ValueError for tools or hand-overs of the same name, and for tools of a model that can call none."""
        super().__init__(name, description)
        self.model_client = model_client
        self.streams = model_client_stream
        self.output_type, self.output_format = output_content_type, output_content_type_format
        self.metadata = dict(metadata or {})
        self._system = system_message or ""
        self._context = model_context or UnboundedChatCompletionContext()
        self._context.belong_to(name, lambda: self.memory_of_thread)
        self._reflects = output_content_type is not None if reflect_on_tool_use is None else reflect_on_tool_use
        self._rounds = max_tool_iterations
        self._formatter = tool_call_summary_formatter
        self._format = tool_call_summary_format
        if max_tool_iterations < 1:
            raise ValueError(f"Maximum number of tool iterations must be greater than or equal to 1, got {max_tool_iterations}")
        if memory is not None and not isinstance(memory, list | tuple):
            raise TypeError(f"Expected Memory, List[Memory], or None, got {type(memory)}")
        self._memory = tuple(memory or ())
        if workbench is not None and tools:
            raise ValueError("Tools cannot be used with a workbench.")
        self._tools = [*(tools or ()), *_of_workbenches(workbench)]
        self.handoffs = {each.name: each for each in (Handoff(target=each) if isinstance(each, str) else each for each in handoffs or ())}
        if (self._tools or self.handoffs) and model_client.model_info.get("function_calling") is False:
            raise ValueError("The model does not support function calling.")
        self._refuse_names(handoffs or ())

    def _refuse_names(self, handoffs: Sequence[Handoff | str]) -> None:
        names = [name for each in self._tools for name in names_of(each)]
        if len(names) != len(set(names)):
            raise ValueError(f"Tool names must be unique: {names}")
        if len(self.handoffs) != len(handoffs):
            raise ValueError("Handoff names must be unique.")
        targets = {each.target for each in self.handoffs.values()}
        if set(names) & (set(self.handoffs) | targets):
            raise ValueError("Handoff names must be unique from tool names")

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        return (TextMessage, ToolCallSummaryMessage, HandoffMessage, *((StructuredMessage,) if self.output_type is not None else ()))

    @property
    def model_context(self) -> ChatCompletionContext:
        return self._context

    def playing(self, run: Run) -> Assistant:
        model = self.model_client.component()
        if isinstance(model, ClientModel) and self.streams:
            model = model.model_copy(update={"streams": True})
        handing = [
            HandoffTool(name=each.name, description=each.description, message=each.message, target=each.target)
            for each in self.handoffs.values()
        ]
        initial = events_of(self._context.initial_messages, self.name)
        return Speaker(
            owner=self,
            before=(*initial, *run.apart(self.memory_of_thread)),
            memory=tuple(AskedMemory(owner=each, number=number) for number, each in enumerate(self._memory)),
            tools=(*(tool_of(each, run) for each in self._tools), *handing),
            **self._plain(model),
        )

    def _plain(self, model: Model) -> dict[str, Any]:
        return {
            "name": self.name,
            "description": self.description,
            "system_message": self._system,
            "model": model,
            "context": self._context.component(),
            "max_tool_rounds": min(self._rounds, 100),
            "after_tools": "answer" if self._reflects else "results",
            "output": self.output_type.model_json_schema() if self.output_type is not None else None,
        }

    def component(self) -> Assistant:
        """Raises FlowError for what only code can hold: tools that are functions, memories and clients of your own."""
        model = self.model_client.component()
        if isinstance(model, ClientModel):
            raise FlowError(self.name, text("engine.agentchat.own_client"), text("engine.agentchat.own_client.remedy"))
        return Assistant(
            tools=tuple(tool_of(each, None) for each in self._tools),
            handoffs=tuple(each.target for each in self.handoffs.values()),
            memory=tuple(each.component() for each in self._memory),
            **self._plain(model),
        )

    @classmethod
    def of_component(cls, component: EngineComponent) -> Self:
        if not isinstance(component, Assistant):
            raise FlowError(component.kind, text("engine.agentchat.no_assistant"))
        if component.model is None:
            raise FlowError(component.name, text("engine.agentchat.no_model"), text("engine.agentchat.no_model.remedy"))
        if component.memory:
            from studio.engine.agentchat.core.memory import ListMemory

            remembered: list[Memory] | None = [ListMemory.of_component(each) for each in component.memory]
        else:
            remembered = None
        loaded = cls(
            component.name,
            EngineClient(component.model),
            tools=list(component.tools),
            handoffs=list(component.handoffs),
            description=component.description,
            system_message=component.system_message or None,
            reflect_on_tool_use=component.after_tools == "answer",
            max_tool_iterations=component.max_tool_rounds,
            memory=remembered,
        )
        loaded._context = _Loaded(component.context)
        loaded._context.belong_to(loaded.name, lambda: loaded.memory_of_thread)
        return loaded

    def summary_of(self, call: FunctionCall, result: FunctionExecutionResult) -> str:
        """A line of the message that tools' results are."""
        if self._formatter is not None:
            return self._formatter(call, result)
        return self._format.format(tool_name=call.name, arguments=call.arguments, result=result.content, is_error=result.is_error)


class _Loaded(ChatCompletionContext):
    """A policy that came from JSON."""

    def __init__(self, context: Any) -> None:
        super().__init__()
        self._held = context

    def component(self) -> Any:
        return self._held


def _of_workbenches(workbench: Any) -> list[Any]:
    found: list[Any] = []
    for each in workbench if isinstance(workbench, list | tuple) else () if workbench is None else (workbench,):
        if not isinstance(each, Workbench):
            raise ValueError(f"Unsupported workbench type: {type(each)}")
        found.extend(each.tools_for_agents())
    return found


class Speaker(Assistant):
    """An AssistantAgent in a run. `before` is what it remembers from other runs than its team's."""

    kind: ClassVar[str] = Assistant.kind
    drawable: ClassVar[bool] = False
    owner: Annotated[Any, Field(exclude=True, repr=False)]
    before: Annotated[tuple[Any, ...], Field(exclude=True, repr=False)] = ()

    def next_step(self, turn: Turn) -> Step:
        turn = self._whole(turn)
        rounds = [event for event in turn.so_far if isinstance(event, ToolsCalled)]
        if rounds and self._open_calls(turn, rounds[-1]) is None:
            handed = next((call.name for call in rounds[-1].calls if call.name in self.owner.handoffs), None)
            if handed is not None:
                handoff: Handoff = self.owner.handoffs[handed]
                return Say((HandedOff(source=self.name, target=handoff.target, text=handoff.message),))
        step = super().next_step(turn)
        if rounds and isinstance(step, Say):
            pictures = pictures_of(turn, rounds[-1])
            return Say((MessageSaid(source=self.name, text=self._summary(turn, rounds[-1]), attachments=pictures),))
        return step

    def on_reply(self, turn: Turn, reply: ModelReply, seconds: float) -> tuple[Event, ...]:
        return super().on_reply(self._whole(turn), reply, seconds)

    def _whole(self, turn: Turn) -> Turn:
        turn = heard_before(turn, self.before)
        if not self.tools:
            return turn
        return replace(turn, thread=as_itself(turn.thread, self.name))

    def _summary(self, turn: Turn, called: ToolsCalled) -> str:
        results = {event.call: event for event in turn.so_far if isinstance(event, ToolFinished)}
        lines = []
        for call in called.calls:
            result = results[call.id]
            said = FunctionExecutionResult(content=result.output, name=call.name, call_id=call.id, is_error=result.is_error)
            lines.append(self.owner.summary_of(FunctionCall(id=call.id, arguments=call.arguments, name=call.name), said))
        return "\n".join(lines)


def as_itself(thread: Sequence[ThreadEvent], name: str) -> tuple[ThreadEvent, ...]:
    """A thread as AgentChat's assistant remembers it: what its calls gave it has read as their results, and not again as its message."""
    found: list[ThreadEvent] = []
    after_results = False
    for event in thread:
        if event.source == name:
            told = after_results and isinstance(event, MessageSaid) and not event.usage.calls
            after_results = isinstance(event, ToolFinished)
            if told or isinstance(event, HandedOff):
                continue
        found.append(event)
    return tuple(found)


def heard_before(turn: Turn, before: Sequence[ThreadEvent]) -> Turn:
    """A turn of somebody who remembers more than its conversation."""
    if not before:
        return turn
    return replace(turn, thread=(*before, *turn.thread), characters=turn.characters + sum(size(event) for event in before))


class AskedMemory(memories.Memory):
    """A memory of a script, asked by the newest message."""

    kind: ClassVar[str] = "agentchat_memory"
    drawable: ClassVar[bool] = False
    summary: ClassVar[str] = "A script's own memory"

    owner: Annotated[Any, Field(exclude=True, repr=False)]
    number: int

    def recall(self, turn: Turn, agent: str) -> Perform | None:
        said = next((event.text for event in reversed(turn.thread) if isinstance(event, MessageSaid | HandedOff)), "")
        return Perform("memory", partial(self._ask, said, agent))

    async def _ask(self, query: str, agent: str, place: Place) -> Sequence[Event]:
        """Raises FlowError for whatever the memory raises."""
        try:
            found = await self.owner.query(query)
        except Exception as mistake:
            raise FlowError(
                agent,
                text("engine.agentchat.memory_failed", kind=type(mistake).__name__, error=mistake),
                text("engine.agentchat.memory_failed.remedy"),
            ) from mistake
        results: list[MemoryContent] = found.results
        entries = tuple({**(each.metadata or {}), "text": each.text, "mime_type": _mime(each)} for each in results)
        return (Recalled(source=agent, memory=self.key, query=query[:2_000], entries=entries),)


def _mime(content: MemoryContent) -> str:
    return content.mime_type if isinstance(content.mime_type, str) else content.mime_type.value


async def called(function: Callable[..., Any] | Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
    """What a function of a script gives, whether it is async or not."""
    value = function(*arguments)
    return await value if inspect.isawaitable(value) else value


__all__ = ["AssistantAgent", "Speaker", "Tool", "called", "heard_before"]
