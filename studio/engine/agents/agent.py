"""What an agent is: a participant that decides, purely, what its turn needs next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from studio.engine.code.base import Executor
from studio.engine.component import Component, Widget
from studio.engine.events import (
    CodeBlock,
    CodeFinished,
    Event,
    Noticed,
    QuestionAnswered,
    QuestionAsked,
    ToolCall,
    ToolFinished,
    ToolsCalled,
)
from studio.engine.models.base import Model, ModelReply, ModelRequest
from studio.engine.tools.base import Tool

if TYPE_CHECKING:
    from studio.engine.events import ThreadEvent

Name = Annotated[
    str,
    Field(
        title="Name",
        description="How the others call it. Letters, digits, spaces, - and _.",
        pattern=r"^\w(?:[\w \-]{0,62}[\w\-])?$",
    ),
]

TurnEvent = ToolsCalled | ToolFinished | CodeFinished | QuestionAsked | QuestionAnswered | Noticed


@dataclass(frozen=True, slots=True)
class Turn:
    """What an agent knows when it decides.

    `thread` is the whole conversation, its own calls of this turn included; `so_far` is what happened in this turn.
    `names` are the participants; `auto_replies` counts its answers since a person last spoke for it; `model_calls` its model calls.
    """

    index: int
    thread: Sequence[ThreadEvent]
    so_far: Sequence[TurnEvent]
    model: Model | None
    names: tuple[str, ...]
    auto_replies: int = 0
    model_calls: int = 0


# What a turn can need next: performed by the shell, decided by the agent ------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallModel:
    """Ask a model; the reply comes back through the asker's `on_reply`."""

    model: Model
    request: ModelRequest


@dataclass(frozen=True, slots=True)
class RunTools:
    """Run these calls at the same time; each ends in a `tool_result`."""

    calls: tuple[ToolCall, ...]
    tools: tuple[Tool, ...]


@dataclass(frozen=True, slots=True)
class RunCode:
    """Run these blocks in order; they end in one `code_result`."""

    blocks: tuple[CodeBlock, ...]
    executor: Executor


@dataclass(frozen=True, slots=True)
class Ask:
    """Put a question to a person: the run waits until it is answered, and holds nothing meanwhile."""

    question: QuestionAsked


@dataclass(frozen=True, slots=True)
class Say:
    """Write these events and end the turn."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class StopRun:
    """End the run: a person said so, or the agent found the conversation over."""

    reason: str
    by: str


Step = CallModel | RunTools | RunCode | Ask | Say | StopRun


class Agent(Component):
    """Somebody who takes turns. Agents hold no state: everything is in the turn."""

    category: ClassVar[str] = "agent"

    name: Name
    description: Annotated[
        str, Field(title="What it is for", description="One line that the others, and a choosing model, read."), Widget("line")
    ] = ""

    def next_step(self, turn: Turn) -> Step:
        """What the turn needs now. Pure: the same turn gives the same step."""
        raise NotImplementedError

    def on_reply(self, turn: Turn, reply: ModelReply, seconds: float) -> tuple[Event, ...]:
        """The events that a model's answer becomes. Pure."""
        raise NotImplementedError
