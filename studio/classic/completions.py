"""A model's answer in the shape of the OpenAI library, for filters and scripts that look into it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

from studio.engine.models.base import ModelReply
from studio.engine.usage import Usage


@dataclass(slots=True)
class Function:
    name: str
    arguments: str


@dataclass(slots=True)
class Call:
    id: str
    function: Function
    type: Literal["function"] = "function"


@dataclass(slots=True)
class Message:
    content: str | None
    tool_calls: list[Call] | None = None
    function_call: Function | None = None
    role: Literal["assistant"] = "assistant"

    def model_dump(self) -> dict[str, Any]:
        """As a message for another agent; what is not there is left out."""
        whole = asdict(self)
        return {name: value for name, value in whole.items() if value is not None or name == "content"}


@dataclass(slots=True)
class Choice:
    message: Message
    finish_reason: str = "stop"
    index: int = 0


@dataclass(slots=True)
class Tokens:
    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


@dataclass(slots=True)
class Completion:
    """`cost` is in US dollars, `config_id` the place in the config_list, `pass_filter` what filter_func said of it."""

    choices: list[Choice]
    usage: Tokens
    model: str
    cost: float = 0.0
    config_id: int = 0
    pass_filter: bool = True
    cached: bool = False
    reasoning: str = ""
    spent: Usage = field(default_factory=Usage)

    @classmethod
    def of(cls, reply: ModelReply, *, legacy: bool) -> Self:
        """With `legacy` the first call is a `function_call`, as models before tools made it."""
        calls = [Call(call.id, Function(call.name, call.arguments)) for call in reply.calls]
        message = Message(reply.text or (None if calls else ""))
        if calls and legacy:
            message.function_call = calls[0].function
        elif calls:
            message.tool_calls = calls
        usage = reply.usage
        tokens = Tokens(usage.prompt_tokens, usage.completion_tokens, usage.total_tokens)
        return cls([Choice(message, reply.finish)], tokens, reply.model, reasoning=reply.reasoning, spent=usage)

    def to_json(self) -> str:
        return json.dumps(asdict(self) | {"spent": self.spent.model_dump()}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ValueError, KeyError, TypeError for what is no stored answer."""
        whole = json.loads(text)
        said = whole["choices"][0]
        message = Message(**said["message"])
        if message.tool_calls:
            message.tool_calls = [Call(call["id"], Function(**call["function"])) for call in said["message"]["tool_calls"]]
        if message.function_call:
            message.function_call = Function(**said["message"]["function_call"])
        rest = {name: whole[name] for name in ("model", "cost", "reasoning")}
        spent = Usage.model_validate(whole["spent"])
        return cls([Choice(message, said["finish_reason"])], Tokens(**whole["usage"]), spent=spent, cached=True, **rest)
