"""An agent that runs the code blocks which others wrote and says what came out."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.agents.agent import Agent
from studio.engine.code.auto import AutoExecutor
from studio.engine.code.base import Executor
from studio.engine.component import Widget


class CodeRunner(Agent):
    kind: ClassVar[str] = "code_runner"
    title: ClassVar[str] = "Code runner"
    summary: ClassVar[str] = "Runs the code that others write"

    executor: Annotated[Executor, Field(title="Where code runs")] = AutoExecutor()
    sources: Annotated[
        tuple[str, ...],
        Field(title="Only code from", description="Names of agents whose code it runs; empty means everybody's."),
        Widget("lines", advanced=True),
    ] = ()
    approval: Annotated[
        bool, Field(title="Ask before running", description="A person sees the code and says yes or no.")
    ] = False
