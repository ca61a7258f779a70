"""A person in the conversation, or somebody who stands in for one: asks, answers by rule, and runs the code that others wrote."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from studio.engine.agents.agent import Agent
from studio.engine.code.base import Executor
from studio.engine.component import Widget

InputMode = Literal["always", "terminate", "never"]


class Human(Agent):
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
    executor: Annotated[
        Executor | None, Field(title="Runs code", description="Runs the code that the others wrote before it answers.")
    ] = None
    end_word: Annotated[
        str, Field(title="End word", description="A message that contains it proposes to end the conversation.")
    ] = "TERMINATE"
    max_auto_replies: Annotated[
        int, Field(title="Answers without asking", description="How many in a row before the person is asked, or the run ends.", ge=0, le=1000),
        Widget("", advanced=True),
    ] = 100
    default_reply: Annotated[
        str, Field(title="Default answer", description="What it says by itself when there is nothing to run."), Widget("line", advanced=True)
    ] = ""
