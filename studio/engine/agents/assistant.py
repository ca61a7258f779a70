"""An agent that a model speaks for: it may call tools until it has something to say."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from studio.engine.agents.agent import Agent, CallModel, ListTools, RunTools, Step, Turn
from studio.engine.component import Widget
from studio.engine.errors import FlowError, ModelAnswerBroken, ModelRefused
from studio.engine.events import Event, HandedOff, MessageSaid, Noticed, ToolsCalled
from studio.engine.models.base import Model, ModelReply, ModelRequest, ToolSchema
from studio.engine.tools.base import Tool

EMPTY = "empty_answer"
"""The code of the notice that a model answered nothing and is asked once more."""


class Assistant(Agent):
    kind: ClassVar[str] = "assistant"
    title: ClassVar[str] = "Assistant"
    summary: ClassVar[str] = "A model with a role"

    system_message: Annotated[
        str,
        Field(title="System message", description="Who it is, what it does, and how it says that it is finished."),
        Widget("text", placeholder="You are a careful Python programmer …"),
    ] = "You are a helpful assistant."
    model: Annotated[Model | None, Field(title="Model", description="Without one of its own it uses the team's.")] = None
    tools: Annotated[tuple[Tool, ...], Field(title="Tools")] = ()
    handoffs: Annotated[
        tuple[str, ...],
        Field(title="May hand over to", description="Names of participants, or of somebody outside such as user."),
        Widget("lines", advanced=True),
    ] = ()
    max_tool_rounds: Annotated[
        int,
        Field(title="Tool rounds", description="How often it may call tools before it must speak.", ge=1, le=100),
        Widget("", advanced=True),
    ] = 10

    @field_validator("tools", mode="before")
    @classmethod
    def _functions_are_tools(cls, value: Any) -> Any:
        if isinstance(value, list | tuple) and any(callable(each) and not isinstance(each, Tool) for each in value):
            from studio.engine.tools.function import as_tool

            return tuple(as_tool(each) for each in value)
        return value

    def next_step(self, turn: Turn) -> Step:
        if turn.model is None:
            raise FlowError(self.name, "has no model, and neither has its team.", "Give one of them a model.")
        for tool in self.tools:
            if tool.must_list and tool.key not in turn.offered:
                return ListTools(tool)
        rounds = [event for event in turn.so_far if isinstance(event, ToolsCalled)]
        if rounds:
            done = {event.call for event in turn.so_far if event.type == "tool_result"}
            open_calls = tuple(call for call in rounds[-1].calls if call.id not in done)
            if open_calls:
                return RunTools(open_calls, self.tools)
        extra: tuple[str, ...] = ()
        if any(event.type == "notice" and event.code == EMPTY for event in turn.so_far):
            extra = ("Your last answer had no words in it. Please answer in words now.",)
        request = ModelRequest(
            agent=self.name,
            system=self.system_message,
            thread=turn.thread,
            extra=extra,
            tools=self._schemas(turn) if self._may_call(turn) else (),
            earlier_calls=turn.model_calls,
        )
        return CallModel(turn.model, request)

    def on_reply(self, turn: Turn, reply: ModelReply, seconds: float) -> tuple[Event, ...]:
        """Raises ModelAnswerBroken when the model answers nothing twice, ModelRefused when a filter withheld the answer."""
        model = reply.model or None
        handoffs = {_transfer(target): target for target in self.handoffs}
        others = tuple(call for call in reply.calls if call.name not in handoffs)
        if others and not self._may_call(turn):
            # Some models call tools that they were not offered; once more without, or a turn would never end.
            reply, others = replace(reply, calls=()), ()
        if others:
            called = ToolsCalled(
                source=self.name,
                calls=others,
                text=reply.text,
                reasoning=reply.reasoning,
                model=model,
                usage=reply.usage,
                seconds=seconds,
                practice=reply.practice,
            )
            return (called,)
        if reply.calls:
            call = reply.calls[0]
            target = handoffs[call.name]
            text = reply.text or f"{self.name} hands over to {target}."
            handed = HandedOff(
                source=self.name,
                target=target,
                text=text,
                call=call.id,
                model=model,
                usage=reply.usage,
                seconds=seconds,
                practice=reply.practice,
            )
            return (handed,)
        if not reply.text.strip():
            if reply.finish == "content_filter":
                raise ModelRefused(f"The model's filter withheld the answer of {self.name}.", "Change the task or the system message.")
            if any(event.type == "notice" and event.code == EMPTY for event in turn.so_far):
                raise ModelAnswerBroken(f"The model of {self.name} answered nothing, twice.", "Try another model.")
            return (Noticed(source=self.name, code=EMPTY, text=f"{self.name} answered nothing and is asked once more.", usage=reply.usage),)
        said = MessageSaid(
            source=self.name,
            text=reply.text,
            reasoning=reply.reasoning,
            model=model,
            usage=reply.usage,
            seconds=seconds,
            practice=reply.practice,
        )
        if reply.finish == "length":
            return (Noticed(source=self.name, code="cut_short", text=f"{self.name} was cut short by the limit of its model."), said)
        return (said,)

    def _may_call(self, turn: Turn) -> bool:
        return sum(isinstance(event, ToolsCalled) for event in turn.so_far) < self.max_tool_rounds

    def _schemas(self, turn: Turn) -> tuple[ToolSchema, ...]:
        transfers = tuple(
            ToolSchema(_transfer(target), f"Hand the conversation over to {target}.", {"type": "object", "properties": {}})
            for target in self.handoffs
        )
        return (*(schema for tool in self.tools for schema in tool.schemas(turn.offered)), *transfers)


def _transfer(target: str) -> str:
    """The name of the tool that hands over to a target: AutoGen's `transfer_to_<target>` in lower case."""
    return "transfer_to_" + re.sub(r"\W+", "_", target.lower())
