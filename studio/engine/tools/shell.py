"""A tool that lets agents run commands in a shell, where the run's code runs: in Docker, or on this machine after a person's yes."""

from __future__ import annotations

from functools import cache
from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.code.auto import AutoExecutor
from studio.engine.code.base import CodeSession, Executor, FunctionResult
from studio.engine.events import CodeBlock
from studio.engine.models.base import ToolSchema
from studio.engine.tools.approval import AskFirst, AskWhen, must_ask
from studio.engine.tools.base import Tool, ToolPlace
from studio.engine.tools.own_functions import CallFailed, call_function
from studio.engine.tools.schema import schema_of_function

MAX_COMMAND = 50_000
OUTER_LIMIT = 3_700.0
"""Seconds: an executor ends what takes longer than its own limit, which is at most an hour."""


class Shell(Tool):
    """One function, `run_shell`. Each command starts a shell of its own in the run's folder: files stay, variables do not."""

    kind: ClassVar[str] = "shell"
    title: ClassVar[str] = "Shell"
    summary: ClassVar[str] = "Runs commands in the sandbox"

    executor: Annotated[Executor, Field(title="Where it runs")] = AutoExecutor()
    approval: AskFirst = "always"
    approval_pattern: AskWhen = ()

    def schema_for_model(self) -> ToolSchema:
        return _schema()

    def needs_approval(self, name: str, arguments: str) -> bool:
        return must_ask(self.approval, self.approval_pattern, name, arguments)

    @property
    def runs_in(self) -> Executor:
        return self.executor

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        session = place.session
        if session is None:
            return FunctionResult("The shell has nowhere to run.", is_error=True)

        async def run_shell(command: str) -> str:
            return await _outcome(session, command, place)

        return await call_function(run_shell, arguments, OUTER_LIMIT)


async def run_shell(command: str) -> str:
    """Run a command in a POSIX shell and get its exit code and its output. Files stay for the next command, variables do not.

    Args:
        command: What to run; several lines are a script.
    """
    raise CallFailed("A shell runs where its tool says.")


@cache
def _schema() -> ToolSchema:
    return schema_of_function(run_shell)


async def _outcome(session: CodeSession, command: str, place: ToolPlace) -> str:
    if not command.strip() or len(command) > MAX_COMMAND or "\0" in command:
        raise CallFailed(f"The command must have 1 to {MAX_COMMAND:,} characters.")
    result = await session.execute((CodeBlock(language="sh", code=command),), place.show)
    made = f"\nFiles: {', '.join(result.files)}" if result.files else ""
    outcome = f"exit code: {result.exit_code}\n{result.output}{made}"
    if result.exit_code != 0:
        raise CallFailed(outcome)
    return outcome
