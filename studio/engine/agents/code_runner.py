"""An agent that runs the code blocks which others wrote and says what came out."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.agents.agent import Agent, Ask, RunCode, Say, Step, Turn
from studio.engine.agents.code_turn import NOTHING_TO_RUN, as_message, blocks_to_run, finished_code
from studio.engine.code.auto import AutoExecutor
from studio.engine.code.base import Executor
from studio.engine.code.fences import fenced
from studio.engine.component import Widget
from studio.engine.events import CodeFinished, MessageSaid, QuestionAnswered, QuestionAsked


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
    approval: Annotated[bool, Field(title="Ask before running", description="A person sees the code and says yes or no.")] = False

    def next_step(self, turn: Turn) -> Step:
        if (result := finished_code(turn)) is not None:
            return Say((as_message(self.name, result),))
        blocks = blocks_to_run(turn, self.name, self.sources)
        if not blocks:
            return Say((MessageSaid(source=self.name, role="code", text=NOTHING_TO_RUN),))
        if self.approval:
            answer = next((event for event in turn.so_far if isinstance(event, QuestionAnswered)), None)
            if answer is None:
                question = QuestionAsked(
                    source=self.name,
                    text=f"May {self.name} run this code?",
                    form="approve",
                    details=fenced(blocks),
                )
                return Ask(question)
            if not answer.approved:
                why = f" Reason: {answer.text}" if answer.text else ""
                refused = CodeFinished(source=self.name, exit_code=1, output=f"Code execution was not approved.{why}", refused=True)
                return Say((refused, as_message(self.name, refused)))
        return RunCode(blocks, self.executor)
