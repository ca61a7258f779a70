"""Where code runs: the specification of an executor and the session that executes blocks for one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from studio.engine.component import Component
from studio.engine.events import Attachment, CodeBlock

MAX_OUTPUT = 64 * 1024
"""Characters of output that are kept of one execution; the middle of more is left out and said so."""


@dataclass(frozen=True, slots=True)
class CodeResult:
    """`exit_code` 0 success, 124 time-out; `output` is stdout and stderr as they came; `files` are new or changed names."""

    exit_code: int
    output: str
    files: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """What a tool returned, as text, or the error it raised.

    `files` are names of pictures and the like that came with it, in the run's folder; `variables` are context variables that it
    sets; `target` is the participant that it hands the conversation over to. `is_text` says that it is a text that was returned, not
    a value that the output tells in JSON. `attachments` are pictures that a model which called is shown.
    """

    output: str
    is_error: bool = False
    seconds: float = 0.0
    files: tuple[str, ...] = ()
    variables: Mapping[str, Any] | None = None
    target: str = ""
    is_text: bool = False
    attachments: tuple[Attachment, ...] = ()


class CodeSession(Protocol):
    """One run's sandbox, made lazily, reused within the run and always removed.

    Cancelling `execute` or `call` ends every process that it started, within a second.
    """

    @property
    def where(self) -> str:
        """For people: `Docker`, `this machine`; empty while that is not decided."""
        ...

    async def execute(self, blocks: Sequence[CodeBlock], on_output: Callable[[str], None]) -> CodeResult:
        """Run the blocks in order until one fails. Raises CodeExecutionError when nothing could be started."""
        ...

    async def call(self, source: str, function: str, arguments: str, timeout: float) -> FunctionResult:
        """Call one function of a Python source with JSON arguments. Errors of the function are results, not exceptions.

        `Writer.reply` is a method of a new object, whose attributes are the argument `self`; the result's variables are what it keeps.
        """
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What an executor needs from the outside: the run's id, its work folder, the installation's image.

    `environments` is where virtual environments are kept for all runs; without it, among the user's caches.
    """

    run: str
    folder: Path
    docker_image: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    environments: Path | None = None


class Executor(Component):
    """Where code runs."""

    category: ClassVar[str] = "executor"

    async def needs_consent(self) -> bool:
        """Whether code would run without a sandbox on this machine, so that a person must say yes first."""
        raise NotImplementedError

    async def why_consent(self) -> str:
        """Why there is no sandbox, as a sentence; empty when a person chose to have none."""
        return ""

    def open(self, sandbox: Sandbox) -> CodeSession:
        raise NotImplementedError
