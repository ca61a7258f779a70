"""Teams, models and folders for tests of conversations: a model in this process that says what a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from studio.engine.advance import Environment
from studio.engine.agents.assistant import Assistant
from studio.engine.conditions.condition import Condition
from studio.engine.events import Event, MessageSaid, QuestionAsked, ToolCall
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.base import Accounts, Delta, Model, ModelReply, ModelRequest, Retrying
from studio.engine.script import Answer
from studio.engine.teams.team import Team
from studio.engine.usage import Usage

Saying = Callable[[ModelRequest], Any]


class SpokenModel(Model):
    """Says what its function says: a text, a ModelReply, an exception to raise, or seconds to wait for ever in."""

    kind: ClassVar[str] = "test_spoken"
    drawable: ClassVar[bool] = False
    number: int = 0
    say: Any = None

    def connect(self, accounts: Accounts) -> SpokenClient:
        return SpokenClient(self.say)


class SpokenClient:
    def __init__(self, say: Saying) -> None:
        self.say = say

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta | Retrying | ModelReply]:
        said = self.say(request)
        if isinstance(said, BaseException):
            raise said
        if isinstance(said, float):
            yield Delta("half a ")
            await asyncio.sleep(said)
        if isinstance(said, str):
            said = ModelReply(text=said, usage=Usage(prompt_tokens=10, completion_tokens=2, calls=1), model="spoken")
        for word in said.text.split(" "):
            yield Delta(word)
        yield said

    async def close(self) -> None:
        return


def saying(*texts: Any) -> SpokenModel:
    """A model that says these in turn, counted by each agent's own calls, the last one for ever."""
    return SpokenModel(say=lambda request: texts[min(request.earlier_calls, len(texts) - 1)])


def calling(*calls: tuple[str, str]) -> ModelReply:
    """A reply that calls tools: (name, arguments as JSON)."""
    wanted = tuple(ToolCall(id=f"c{number}", name=name, arguments=arguments) for number, (name, arguments) in enumerate(calls))
    return ModelReply(calls=wanted, finish="tool_calls", usage=Usage(prompt_tokens=10, completion_tokens=5, calls=1), model="spoken")


def two(first: Any, second: Any, stop: Condition | None = None, **more: Any) -> Team:
    """Two assistants, ann and bob, in turn."""
    return Team(participants=(Assistant(name="ann", model=first), Assistant(name="bob", model=second)), stop=stop, **more)


def environment(folder: Path, **more: Any) -> Environment:
    return Environment(EnvironmentAccounts(), folder, **more)


class Typed:
    """People who type prepared lines, and remember what they were asked."""

    def __init__(self, *answers: Answer | str) -> None:
        self.answers = list(answers)
        self.asked: list[QuestionAsked] = []

    async def answer(self, question: QuestionAsked) -> Answer:
        self.asked.append(question)
        answer = self.answers.pop(0)
        return Answer(answer) if isinstance(answer, str) else answer


def lines(events: Sequence[Event]) -> list[tuple[str, str]]:
    """Who said what, without the task."""
    return [(event.source, event.text) for event in events if isinstance(event, MessageSaid) and event.role != "task"]
