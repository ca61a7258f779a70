"""An agent that runs the code blocks which others wrote, or which its own model writes, and says what came out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.agents.agent import Agent, Ask, CallModel, RunCode, Say, Step, Turn
from studio.engine.agents.code_turn import NOTHING_TO_RUN, as_message, blocks_to_run, finished_code, not_run
from studio.engine.agents.wording import filled_in
from studio.engine.code.auto import AutoExecutor
from studio.engine.code.base import Executor
from studio.engine.code.fences import fenced, runnable_blocks
from studio.engine.component import Widget
from studio.engine.context.base import Context, told
from studio.engine.context.token_budget import TokenBudget
from studio.engine.events import (
    CodeBlock,
    CodeFinished,
    Event,
    MessageSaid,
    Noticed,
    QuestionAnswered,
    QuestionAsked,
    Summarised,
    ThreadEvent,
)
from studio.engine.guards import Guards
from studio.engine.models.base import Model, ModelReply, ModelRequest
from studio.texts import text

DRAFT = "code_draft"
"""The code of the notice that holds what the agent's own model wrote, before it runs."""

WRITES_CODE = (
    "You solve tasks by code that is run for you. Write complete Python in ```python blocks, or shell in ```sh blocks, and print what "
    "matters. When nothing needs to be run, answer in words."
)
REPAIR = (
    "The code failed. If it can be repaired, say in a sentence what was wrong and write all of it again, corrected. "
    "If it cannot, say why, without any code block."
)
REFLECT = "Answer now in words, from what the code printed. Write no more code."


@dataclass(frozen=True, slots=True)
class _Work:
    """What happened in a turn of a runner that writes its code itself: the drafts, and how each of them ran."""

    drafts: tuple[str, ...]
    results: tuple[CodeFinished, ...]

    @classmethod
    def of(cls, turn: Turn) -> _Work:
        drafts = tuple(event.text for event in turn.so_far if isinstance(event, Noticed) and event.code == DRAFT)
        return cls(drafts, tuple(event for event in turn.so_far if isinstance(event, CodeFinished)))

    def to_repair(self, repairs: int) -> bool:
        """Whether what ran last failed and may be written anew."""
        return bool(self.results) and self.results[-1].exit_code != 0 and not self.results[-1].refused and len(self.drafts) <= repairs

    def writes(self, repairs: int) -> bool:
        """Whether the model is to write code now, rather than to say what came of it."""
        return not self.drafts or self.to_repair(repairs)


class CodeRunner(Agent):
    """Without a model it runs what the others wrote. With one of its own it writes, runs, repairs and then says what came of it."""

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
    model: Annotated[Model | None, Field(title="Model", description="Writes the code itself; without one it runs what others wrote.")] = (
        None
    )
    system_message: Annotated[
        str, Field(title="System message", description="What its own model is told."), Widget("text", advanced=True)
    ] = WRITES_CODE
    repairs: Annotated[
        int,
        Field(title="Repairs", description="How often its own model may write failed code anew.", ge=0, le=20),
        Widget("", advanced=True),
    ] = 1
    context: Annotated[
        Context, Field(title="How much it reads", description="Its own model, of a long conversation."), Widget("", advanced=True)
    ] = TokenBudget()
    guards: Guards = ()

    def next_step(self, turn: Turn) -> Step:
        if self.model is not None:
            return self._next_of_writer(turn, self.model)
        if (result := finished_code(turn)) is not None:
            return Say((self.result_message(result),))
        blocks = self.blocks_of_others(turn)
        if not blocks:
            return Say((MessageSaid(source=self.name, role="code", text=self.nothing_to_run(turn)),))
        return self._run(turn, blocks, 0)

    def on_reply(self, turn: Turn, reply: ModelReply, seconds: float) -> tuple[Event, ...]:
        if turn.asked is not None and turn.asked.purpose == "summary":
            upto = self.context.covers(turn)
            summary = Summarised(
                source=self.name, text=reply.text, upto=upto, model=reply.model or None, usage=reply.usage, seconds=seconds
            )
            return (summary,)
        if _Work.of(turn).writes(self.repairs) and self.blocks_in(reply.text):
            return (Noticed(source=self.name, code=DRAFT, text=reply.text, usage=reply.usage),)
        said = MessageSaid(
            source=self.name,
            text=reply.text or text("engine.agent.nothing_said"),
            reasoning=reply.reasoning,
            model=reply.model or None,
            usage=reply.usage,
            seconds=seconds,
            practice=reply.practice,
        )
        return (said,)

    # How it reads to others: what a vocabulary with other words for the same changes ----------------------------------------

    def nothing_to_run(self, turn: Turn) -> str:
        """What it says when nobody wrote code that is run."""
        return not_run(turn, self.name, self.sources) or NOTHING_TO_RUN

    def blocks_of_others(self, turn: Turn) -> tuple[CodeBlock, ...]:
        """What it runs without a model of its own."""
        return blocks_to_run(turn, self.name, self.sources)

    def blocks_in(self, text: str) -> tuple[CodeBlock, ...]:
        """What it runs of a text."""
        return runnable_blocks(text)

    def result_message(self, result: CodeFinished) -> MessageSaid:
        """What the others hear of a result."""
        return as_message(self.name, result)

    # With a model of its own ------------------------------------------------------------------------------------------------

    def _next_of_writer(self, turn: Turn, model: Model) -> Step:
        work = _Work.of(turn)
        if len(work.results) < len(work.drafts):
            return self._run(turn, self.blocks_in(work.drafts[-1]), len(work.results))
        if (summary := self.context.summary_due(turn, self.name)) is not None:
            return CallModel(model, summary)
        prompt = () if not work.drafts else (REPAIR,) if work.to_repair(self.repairs) else (REFLECT,)
        request = ModelRequest(
            agent=self.name,
            system=filled_in(self.system_message, turn.variables),
            thread=self._view(turn, work),
            extra=prompt,
            earlier_calls=turn.model_calls,
        )
        return CallModel(model, request)

    def _view(self, turn: Turn, work: _Work) -> Sequence[ThreadEvent]:
        """The conversation, and after it this turn's drafts and what came of them."""
        thread = self.context.view(turn)
        if not work.drafts:
            return thread
        drafted: list[ThreadEvent] = []
        for draft, result in zip(work.drafts, work.results, strict=False):
            drafted += [MessageSaid(source=self.name, text=draft), told(self.result_message(result).text)]
        return (*thread, *drafted)

    def _run(self, turn: Turn, blocks: tuple[CodeBlock, ...], earlier: int) -> Step:
        """Run, after a person's yes where that is asked for; `earlier` is how many answers of this turn were for other code."""
        if self.approval:
            answers = [event for event in turn.so_far if isinstance(event, QuestionAnswered)]
            if len(answers) <= earlier:
                question = QuestionAsked(
                    source=self.name,
                    text=text("engine.code.may_run", agent=self.name),
                    form="approve",
                    details=fenced(blocks),
                )
                return Ask(question)
            if not answers[earlier].approved:
                why = answers[earlier].text
                told_so = text("engine.code.not_approved_since", why=why) if why else text("engine.code.not_approved")
                refused = CodeFinished(source=self.name, exit_code=1, output=told_so, refused=True)
                return Say((refused,) if self.model is not None else (refused, self.result_message(refused)))
        return RunCode(blocks, self.executor)
