"""What an agent is: a participant that decides, purely, what its turn needs next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Protocol

from pydantic import Field

from studio.engine.code.base import CodeSession, Executor
from studio.engine.component import Component, Widget
from studio.engine.errors import FlowError
from studio.engine.events import (
    CodeBlock,
    CodeFinished,
    ConversationClosed,
    Event,
    FunctionReturned,
    LedgerWritten,
    MessageSaid,
    Noticed,
    QuestionAnswered,
    QuestionAsked,
    Recalled,
    Remembered,
    Summarised,
    TeamOutlined,
    ToolCall,
    ToolFinished,
    ToolsCalled,
    TransientEvent,
    VariablesSet,
)
from studio.engine.models.base import Accounts, Model, ModelClient, ModelReply, ModelRequest, ToolSchema
from studio.engine.tools.base import Tool
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.events import ThreadEvent
    from studio.engine.guards import Guard
    from studio.engine.teams.team import Team

Name = Annotated[
    str,
    Field(
        title="Name",
        description="How the others call it. Letters, digits, spaces, - and _.",
        pattern=r"^\w(?:[\w \-]{0,62}[\w\-])?$",
    ),
]

TurnEvent = (
    ToolsCalled
    | ToolFinished
    | CodeFinished
    | QuestionAsked
    | QuestionAnswered
    | ConversationClosed
    | VariablesSet
    | Recalled
    | Remembered
    | FunctionReturned
    | Summarised
    | LedgerWritten
    | TeamOutlined
    | Noticed
)
"""What can happen in a turn before it ends."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What an agent knows when it decides.

    `thread` is the whole conversation, its own calls of this turn included; `so_far` is what happened in this turn.
    `names` are the participants; `auto_replies` counts its answers since a person last spoke for it; `model_calls` its model calls.
    `variables` are the context variables, `offered` the schemas that servers of tools told of, by the tool's key. `inner` is what
    was said in the conversations that it opened in this turn, by their ids; `summaries` are its own of this conversation, the
    latest last. `characters` is how long the thread is. `asked` is the request that a reply answers, in `on_reply`. `instructions`
    are what servers of tools tell those who use them, by the tool's key. `kept` are the attributes of an object that answers for it,
    as its last turn left them. `outlined` are the teams that were made up for its tools in this run, `approvals` what people
    answered to calls that they were asked about, by the call.
    """

    index: int
    thread: Sequence[ThreadEvent]
    so_far: Sequence[TurnEvent]
    model: Model | None
    names: tuple[str, ...]
    auto_replies: int = 0
    model_calls: int = 0
    variables: Mapping[str, Any] = field(default_factory=dict)
    offered: Mapping[str, tuple[ToolSchema, ...]] = field(default_factory=dict)
    inner: Mapping[str, Sequence[ThreadEvent]] = field(default_factory=dict)
    summaries: Sequence[Summarised] = ()
    characters: int = 0
    asked: ModelRequest | None = None
    instructions: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, Any] = field(default_factory=dict)
    outlined: Sequence[TeamOutlined] = ()
    approvals: Mapping[str, QuestionAnswered] = field(default_factory=dict)


# What a turn can need next: performed by the shell, decided by the agent ------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallModel:
    """Ask a model; the reply comes back through the asker's `on_reply`. `guards` look at what is heard and said before it counts.

    `judges` is the guard whose question it is: then the reply says whether it fires.
    """

    model: Model
    request: ModelRequest
    guards: tuple[Guard, ...] = ()
    judges: Guard | None = None


@dataclass(frozen=True, slots=True)
class RunTools:
    """Run these calls at the same time; each ends in a `tool_result`, in the order of the calls."""

    calls: tuple[ToolCall, ...]
    tools: tuple[Tool, ...]


@dataclass(frozen=True, slots=True)
class ListTools:
    """Ask a server of tools what it offers, once in a run; ends in `tools_offered`."""

    tool: Tool


@dataclass(frozen=True, slots=True)
class RunCode:
    """Run these blocks in order; they end in one `code_result`."""

    blocks: tuple[CodeBlock, ...]
    executor: Executor


@dataclass(frozen=True, slots=True)
class Converse:
    """Let a team talk among itself: a conversation within this one, whose end is a `conversation_closed`.

    `key` tells several teams of one agent apart: `Agent.conversation(key)` is the team. The other fields are those of
    ConversationOpened.
    """

    team: Team
    task: str = ""
    key: str = ""
    call: str | None = None
    hears: Literal["nothing", "all", "new"] = "nothing"
    keep: bool = False
    heard: bool = False


class Place(Protocol):
    """Where a step is performed: what it may use of the outside."""

    @property
    def accounts(self) -> Accounts: ...

    @property
    def folder(self) -> Path:
        """The run's work folder."""
        ...

    @property
    def memories(self) -> Path | None:
        """Where memories of all runs are kept, if anywhere."""
        ...

    @property
    def documents(self) -> Path | None:
        """Where files are kept that people dropped in, if anywhere."""
        ...

    @property
    def person(self) -> str:
        """Whom memories take notes about, where that is settled; empty where the conversation says it."""
        ...

    def client(self, model: Model) -> ModelClient:
        """The run's open client of a model."""
        ...

    def session(self, executor: Executor) -> CodeSession:
        """The run's sandbox of an executor."""
        ...

    def show(self, event: TransientEvent) -> None: ...


@dataclass(frozen=True, slots=True)
class Perform:
    """Anything else that takes time: it ends in the events that `act` returns, which are never none.

    `what` is what people are told meanwhile, `executor` where code will run: a person's consent is asked for before, and shown the
    `code`. `act` is cancelled with the run, and bounds its own waits.
    """

    what: str
    act: Callable[[Place], Awaitable[Sequence[Event]]]
    executor: Executor | None = None
    code: str = ""


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


Step = CallModel | RunTools | ListTools | RunCode | Converse | Perform | Ask | Say | StopRun


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

    @property
    def learns(self) -> bool:
        """Whether it may have something to do after it has spoken."""
        return False

    def afterwards(self, turn: Turn, said: MessageSaid) -> Perform | None:
        """What is to be done of a turn in which it said this, before anybody else speaks or the conversation ends. Pure."""
        return None

    def on_reply(self, turn: Turn, reply: ModelReply, seconds: float) -> tuple[Event, ...]:
        """The events that a model's answer to `turn.asked` becomes. Pure."""
        raise NotImplementedError

    def conversation(self, key: str) -> Team:
        """The team that it lets talk under a key of its own. Raises FlowError when it has none of that key."""
        raise FlowError(self.name, text("engine.agent.no_conversation", key=key))

    def outlined(self, made: TeamOutlined) -> Team:
        """The team that was made up for it, with what it lends it. Raises FlowError when no tool of its own had it made."""
        raise FlowError(self.name, text("engine.agent.no_such_outline", team=made.team))
