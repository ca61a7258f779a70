"""A person in the conversation, or somebody who stands in for one: asks, answers by rule, and runs the code that others wrote."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from studio.engine.agents.agent import Agent, Ask, RunCode, Say, Step, StopRun, Turn
from studio.engine.agents.code_turn import NOTHING_TO_RUN, as_message, blocks_to_run, finished_code
from studio.engine.code.base import Executor
from studio.engine.component import Widget
from studio.engine.events import MessageSaid, QuestionAnswered, QuestionAsked

InputMode = Literal["always", "terminate", "never"]


EXIT = "exit"
"""The answer that ends the run, as in AutoGen 0.2."""


class Human(Agent):
    """AutoGen 0.2's human proxy. Order of its reply: the end of the conversation and the person first, then code, then the default.

    always: the person is asked every time; an empty answer ends the run at an end word and otherwise lets the rule answer.
    terminate: asked at an end word, or after `max_auto_replies`. never: both end the run without asking.
    """

    kind: ClassVar[str] = "human"
    title: ClassVar[str] = "Human"
    summary: ClassVar[str] = "You, or somebody who answers for you"

    input_mode: Annotated[
        InputMode,
        Field(title="Ask me", description="Always; only when the conversation is about to end; or never (answers by itself)."),
    ] = "always"
    form: Annotated[
        Literal["text", "approve"], Field(title="Answer with", description="Free text, or approve or reject with a reason.")
    ] = "text"
    prompt: Annotated[
        str, Field(title="Question", description="What the person is asked."), Widget("line", placeholder="What do you say?")
    ] = ""
    executor: Annotated[Executor | None, Field(title="Runs code", description="Runs the code that the others wrote before it answers.")] = (
        None
    )
    end_word: Annotated[str, Field(title="End word", description="A message that contains it proposes to end the conversation.")] = (
        "TERMINATE"
    )
    max_auto_replies: Annotated[
        int,
        Field(
            title="Answers without asking",
            description="How many in a row before the person is asked, or the run ends.",
            ge=0,
            le=1000,
        ),
        Widget("", advanced=True),
    ] = 100
    default_reply: Annotated[
        str,
        Field(title="Default answer", description="What it says by itself when there is nothing to run."),
        Widget("line", advanced=True),
    ] = ""

    def next_step(self, turn: Turn) -> Step:
        if (result := finished_code(turn)) is not None:
            return Say((as_message(self.name, result),))
        ending = self._proposes_to_end(turn)
        worn_out = turn.auto_replies >= self.max_auto_replies
        if self.input_mode == "never":
            if ending or worn_out:
                return self._stop(turn, ending)
            return self._answer_by_rule(turn)
        if self.input_mode == "terminate" and not ending and not worn_out:
            return self._answer_by_rule(turn)
        answer = next((event for event in turn.so_far if isinstance(event, QuestionAnswered)), None)
        if answer is None:
            return Ask(QuestionAsked(source=self.name, text=self._question(turn, ending), form=self.form, subject=""))
        return self._answered(turn, answer, ending)

    def _answered(self, turn: Turn, answer: QuestionAnswered, ending: bool) -> Step:
        if self.form == "approve":
            verdict = "Approved." if answer.approved else "Rejected."
            return Say((MessageSaid(source=self.name, role="human", text=f"{verdict} {answer.text}".strip()),))
        text = answer.text.strip()
        if text.casefold() == EXIT:
            return StopRun(f"{self.name} ended the conversation", "human")
        if text:
            return Say((MessageSaid(source=self.name, role="human", text=text),))
        return self._stop(turn, True) if ending else self._answer_by_rule(turn)

    def _proposes_to_end(self, turn: Turn) -> bool:
        last = self._last_of_others(turn)
        return bool(self.end_word) and last is not None and last.role != "task" and self.end_word in last.text

    def _last_of_others(self, turn: Turn) -> MessageSaid | None:
        return next((event for event in reversed(turn.thread) if isinstance(event, MessageSaid) and event.source != self.name), None)

    def _question(self, turn: Turn, ending: bool) -> str:
        if self.prompt:
            return self.prompt
        last = self._last_of_others(turn)
        if ending and last is not None:
            return f"{last.source} proposes to end the conversation. Answer to go on, or send nothing to end it."
        return "Do you approve?" if self.form == "approve" else "What do you say?"

    def _stop(self, turn: Turn, ending: bool) -> StopRun:
        if ending:
            last = self._last_of_others(turn)
            return StopRun(f"{last.source if last else self.name} said “{self.end_word}”", "end_word")
        return StopRun(f"{self.name} answered {turn.auto_replies} times without a person", "max_auto_replies")

    def _answer_by_rule(self, turn: Turn) -> Step:
        if self.executor is not None:
            blocks = blocks_to_run(turn, self.name)
            if blocks:
                return RunCode(blocks, self.executor)
        text = self.default_reply or (NOTHING_TO_RUN if self.executor is not None else "Please go on.")
        return Say((MessageSaid(source=self.name, text=text),))
