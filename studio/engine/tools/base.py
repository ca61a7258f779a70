"""What a tool is: schemas that a model sees and calls that end in text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from studio.engine.code.base import CodeSession, Executor, FunctionResult
from studio.engine.component import Component
from studio.engine.models.base import Accounts, ModelReply, ModelRequest, Told, ToolSchema
from studio.engine.tools.resources import Resources

if TYPE_CHECKING:
    from studio.engine.tools.mcp_sign_in import SignIns

Offered = Mapping[str, tuple[ToolSchema, ...]]
"""What tools that had to be asked offer, by their `key`."""


Ask = Callable[[ModelRequest], Awaitable[ModelReply]]


COMPARED = "compared"
"""The code of a notice that a model compared texts for a tool, which is no answer of the agent that called it."""

HEARD = "heard"
"""The code of one that a model wrote down speech for a tool, which is none either."""


def _unseen(text: str) -> None:
    """For calls that nobody watches."""


def _untold(told: Told) -> None:
    """For calls of which nobody is told."""


@dataclass(frozen=True, slots=True)
class ToolPlace:
    """Where a call happens.

    `folder` is the run's work folder; `resources` are the connections that tools opened in this run; `session` is a session of
    `runs_in`; `show` shows what a tool prints while it works; `variables` are the conversation's context variables; `memories` and
    `documents` are where those of all runs are kept, if anywhere; `ask` asks the model of the agent that calls, and raises
    ConveneError; `tell` takes what a person should know of the call, and what it has cost. `sign_ins` is where it is kept how a
    person signed in at servers; without it nobody can.
    """

    folder: Path
    accounts: Accounts
    resources: Resources = field(default_factory=Resources)
    session: CodeSession | None = None
    show: Callable[[str], None] = _unseen
    variables: Mapping[str, Any] = field(default_factory=dict)
    memories: Path | None = None
    documents: Path | None = None
    ask: Ask | None = None
    tell: Callable[[Told], None] = _untold
    sign_ins: SignIns | None = None


class Tool(Component):
    """Something that agents can be given to call. Most are one function; a server of tools is several, under one specification."""

    category: ClassVar[str] = "tool"
    reads_files: ClassVar[tuple[str, ...]] = ()
    """Beginnings of the media types of files that it reads in the run's folder, for models that take no such files."""

    def schemas(self, offered: Offered) -> tuple[ToolSchema, ...]:
        """What a model sees, in order. Raises FlowError when the specification has nothing usable in it."""
        return (self.schema_for_model(),)

    def schema_for_model(self) -> ToolSchema:
        """The one schema of a tool that is one function. Raises FlowError when the tool's source has no usable function."""
        raise NotImplementedError

    @property
    def key(self) -> str:
        """Who it is within a team: equal specifications are one tool, in every replay."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return f"{self.kind}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    @property
    def must_list(self) -> bool:
        """Whether what it offers is only known after `list_tools`, which is asked once in a run."""
        return False

    async def list_tools(self, place: ToolPlace) -> tuple[ToolSchema, ...]:
        """What it offers now. Raises ToolServerError when it cannot be asked."""
        return ()

    async def instructions(self, place: ToolPlace) -> str:
        """What those who use it are told before they speak, asked after `list_tools`. Raises ToolServerError when it cannot be asked."""
        return ""

    @property
    def may_ask_model(self) -> int:
        """How often in a run it may ask the model of the agents that call it."""
        return 0

    def needs_approval(self, name: str, arguments: str) -> bool:
        """Whether a person must agree to this call. `arguments` is JSON text as a model wrote it."""
        raise NotImplementedError

    def needs_consent(self) -> str | None:
        """What a person must say yes to before anything is started for this tool, once in a run; None when there is nothing."""
        return None

    @property
    def runs_in(self) -> Executor | None:
        """The executor that `call` needs a session of; None when it runs in this process."""
        return None

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        """`name` is one of its schemas. Mistakes of the model or of the tool are results with `is_error`, never exceptions.

        Only where a person must sign in before the call can be made does it raise SignInNeeded.
        """
        raise NotImplementedError


def by_name(tools: Iterable[Tool], offered: Offered) -> dict[str, Tool]:
    """The tool behind every name that a model may call. Raises FlowError."""
    named: dict[str, Tool] = {}
    for tool in tools:
        for schema in tool.schemas(offered):
            named.setdefault(schema.name, tool)
    return named


def schemas_of(tools: Iterable[Tool], offered: Offered) -> tuple[ToolSchema, ...]:
    """What a model sees of several tools: of two of one name the first, as `by_name` has it. Raises FlowError."""
    named: dict[str, ToolSchema] = {}
    for tool in tools:
        for schema in tool.schemas(offered):
            named.setdefault(schema.name, schema)
    return tuple(named.values())
