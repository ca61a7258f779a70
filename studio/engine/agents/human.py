"""A person in the conversation, or somebody who stands in for one: asks, answers by rule, and runs the code that others wrote."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from studio.engine.agents.agent import Agent, Ask, RunCode, Say, Step, StopRun, Turn
from studio.engine.agents.code_turn import NOTHING_TO_RUN, as_message, blocks_to_run, finished_code, not_run
from studio.engine.answers import as_lines, object_in
from studio.engine.code.base import Executor
from studio.engine.component import Widget
from studio.engine.events import MessageSaid, QuestionAnswered, QuestionAsked
from studio.engine.guards import Guards
from studio.texts import counted, text

InputMode = Literal["always", "terminate", "never"]


GO_ON = "Please go on."
"""What it says to the others by itself, unless it is told what: models read it."""

EXIT = "exit"
"""The answer that ends the run, as in AutoGen 0.2."""

_QUESTIONS = {
    "approve": "engine.human.approve",
    "edit": "engine.human.edit",
    "choice": "engine.human.choice",
    "form": "engine.human.form",
    "text": "engine.human.say",
}


class Human(Agent):
    """AutoGen 0.2's human proxy. Order of its reply: the end of the conversation and the person first, then code, then the default.

    always: the person is asked every time; an empty answer ends the run at an end word and otherwise lets the rule answer. Whoever
    approves or rejects ends it there by approving without changes.
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
        Literal["text", "choice", "form", "approve", "edit"],
        Field(
            title="Answer with",
            description="Free text, one of several choices, a form; approve or reject what was said last, or change it as well.",
        ),
    ] = "text"
    choices: Annotated[
        tuple[str, ...], Field(title="Choices", description="What the person chooses from, one a line.", max_length=100), Widget("lines")
    ] = ()
    fields: Annotated[
        dict[str, Any] | None, Field(title="Fields of the form", description="What the person fills in: a JSON Schema."), Widget("shape")
    ] = None
    prompt: Annotated[
        str, Field(title="Question", description="What the person is asked."), Widget("line", placeholder="What do you say?")
    ] = ""
    timeout: Annotated[
        float | None,
        Field(
            title="Waits at most",
            description="Seconds after which the answer below counts; empty: as long as it takes.",
            gt=0,
            le=31_536_000,
        ),
        Widget("seconds"),
    ] = None
    timeout_answer: Annotated[
        str,
        Field(
            title="Answer when nobody answers",
            description="Text, a choice, yes or no, or a form's values as JSON. Empty: as if nothing was sent.",
        ),
        Widget("line"),
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
    guards: Guards = ()

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
            return Ask(self._asked(turn, ending))
        return self._answered(turn, answer, ending)

    def _asked(self, turn: Turn, ending: bool) -> QuestionAsked:
        last = self._last_of_others(turn)
        return QuestionAsked(
            source=self.name,
            text=self._question(turn, ending),
            form=self.form,
            choices=self.choices if self.form == "choice" else (),
            fields=self.fields if self.form == "form" else None,
            details=last.text if self.form == "edit" and last is not None else "",
            timeout=self.timeout,
            default=self.timeout_answer if self.timeout is not None else "",
        )

    def _answered(self, turn: Turn, answer: QuestionAnswered, ending: bool) -> Step:
        given = answer.text.strip()
        if self.form in ("approve", "edit"):
            if ending and answer.approved and (self.form == "approve" or not given):
                return self._stop(turn, True)
            return self._say(self._verdict(bool(answer.approved), given))
        if self.form == "form" and (data := object_in(given)) is not None:
            return self._say(as_lines(data, self.fields), data)
        if given.casefold() == EXIT:
            return StopRun(text("engine.stop.person_ended", agent=self.name), "human")
        if given:
            return self._say(given)
        return self._stop(turn, True) if ending else self._answer_by_rule(turn)

    def _verdict(self, approved: bool, given: str) -> str:
        """A yes or a no in words, with what was written beside it: a reason, or the proposal as it was changed."""
        if not approved:
            return text("engine.human.rejected_since", why=given) if given else text("engine.human.rejected")
        if not given:
            return text("engine.human.approved")
        return text("engine.human.changed", changed=given) if self.form == "edit" else text("engine.human.approved_since", why=given)

    def _say(self, words: str, data: Any = None) -> Say:
        return Say((MessageSaid(source=self.name, role="human", text=words, data=data),))

    def _proposes_to_end(self, turn: Turn) -> bool:
        last = self._last_of_others(turn)
        return bool(self.end_word) and last is not None and last.role != "task" and self.end_word in last.text

    def _last_of_others(self, turn: Turn) -> MessageSaid | None:
        return next((event for event in reversed(turn.thread) if isinstance(event, MessageSaid) and event.source != self.name), None)

    def _question(self, turn: Turn, ending: bool) -> str:
        if self.prompt:
            return self.prompt
        last = self._last_of_others(turn)
        if ending and last is not None and self.form in ("text", "approve", "edit"):
            return text("engine.human.proposes_end" if self.form == "text" else "engine.human.proposes_end.approve", agent=last.source)
        return text(_QUESTIONS[self.form])

    def _stop(self, turn: Turn, ending: bool) -> StopRun:
        if ending:
            last = self._last_of_others(turn)
            said = text("engine.stop.said", agent=last.source if last else self.name, words=self.end_word)
            return StopRun(said, "end_word")
        return StopRun(counted("engine.stop.without_person", turn.auto_replies, agent=self.name), "max_auto_replies")

    def _answer_by_rule(self, turn: Turn) -> Step:
        if self.executor is not None:
            blocks = blocks_to_run(turn, self.name)
            if blocks:
                return RunCode(blocks, self.executor)
            if said := not_run(turn, self.name):
                return Say((MessageSaid(source=self.name, role="code", text=said),))
        reply = self.default_reply or (NOTHING_TO_RUN if self.executor is not None else GO_ON)
        return Say((MessageSaid(source=self.name, text=reply),))
