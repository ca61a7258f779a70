"""What a model is asked and what it answers, and the interface that every model client keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Protocol

from pydantic import Field

from studio.engine.component import Component, Widget
from studio.engine.events import ThreadEvent, ToolCall
from studio.engine.usage import NOTHING, Usage

if TYPE_CHECKING:
    from studio.engine.guards import Guard


@dataclass(frozen=True, slots=True)
class ToolSchema:
    """A tool as a model sees it. `parameters` is a JSON Schema object; `strict` asks the server to hold the model to it."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    strict: bool = False


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One question to a model, seen by `agent`.

    `thread` is the agent's view in order: its own messages become role assistant, its own calls and results role
    assistant/tool, everybody else's messages role user with their name; other agents' calls are left out by the client.
    `extra` are further user texts after the thread (a selector's question, a correction). `choices`, when given, are the only
    answers that make sense: the practice model takes them in turn, a server is held to them where it can be, and always asked for
    them in words. `schema`, a JSON Schema object, is what the answer must be in JSON: a server is held to it where it can be.
    `earlier_calls` is how often this agent was answered before in its session. `reads` are the beginnings of the media types of files
    in the run's folder that its tools read: what a server is not sent of them is not lost.
    """

    agent: str
    system: str = ""
    thread: Sequence[ThreadEvent] = ()
    extra: tuple[str, ...] = ()
    tools: tuple[ToolSchema, ...] = ()
    choices: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None
    purpose: Literal["reply", "selection", "summary", "memory", "guard"] = "reply"
    earlier_calls: int = 0
    reads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of an answer while it streams."""

    text: str
    kind: Literal["text", "reasoning"] = "text"


@dataclass(frozen=True, slots=True)
class Retrying:
    """The client tries again: what was streamed so far is void. `instead` is the model that is asked now, if it is another one."""

    attempt: int
    why: str
    wait: float
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that a person should know about a call, which goes on: it waits for its turn, an image was left out.

    `usage` is what an answer that is not kept has cost, and `model` whose it was.
    """

    text: str
    code: str
    usage: Usage = NOTHING
    model: str = ""


@dataclass(frozen=True, slots=True)
class ModelReply:
    """A whole answer. `finish` is the server's word: stop, tool_calls, length, content_filter, refusal (the text says that it will not).

    `guard` is the one that kept the answer back.
    """

    text: str = ""
    reasoning: str = ""
    calls: tuple[ToolCall, ...] = ()
    finish: str = "stop"
    usage: Usage = NOTHING
    model: str = ""
    practice: bool = False
    guard: Guard | None = None

    def costing(self, usage: Usage) -> ModelReply:
        """The same answer with another usage."""
        return ModelReply(self.text, self.reasoning, self.calls, self.finish, usage, self.model, self.practice, self.guard)


Piece = Delta | Retrying | Told | ModelReply
"""What a model client yields."""


class ModelClient(Protocol):
    """An open connection to a model. Safe for concurrent use; cancelling the consumer closes the request."""

    def stream(self, request: ModelRequest) -> AsyncIterator[Piece]:
        """Deltas, then exactly one ModelReply. Raises ModelRefused, ModelUnavailable, ModelAnswerBroken."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Account:
    """Where a model is and the key to it. `key` never leaves the process: it is in no repr and in no error.

    `requests_per_minute`, `tokens_per_minute` and `requests_at_once` are shared by all runs in the process; 0 is no limit.
    """

    name: str
    base_url: str | None = None
    key: str | None = field(default=None, repr=False)
    provider: str = "openai"
    default_model: str = ""
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    requests_at_once: int = 0


class Accounts(Protocol):
    """Finds an account by its name."""

    def account(self, name: str) -> Account:
        """Raises AccountMissing."""
        ...


class Model(Component):
    """A model that agents can be given."""

    category: ClassVar[str] = "model"

    def connect(self, accounts: Accounts) -> ModelClient:
        """A client for this specification; cheap, nothing is sent yet. Raises AccountMissing."""
        raise NotImplementedError


KeepAnswers = Annotated[
    bool,
    Field(title="Keep answers", description="The same question is answered from this machine, at no cost, and the transcript says so."),
    Widget("", advanced=True),
]
"""The field of a model that says whether its answers are kept."""
