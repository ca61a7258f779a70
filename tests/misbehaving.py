"""Models, tools, memories and executors that misbehave as they are told to, all within this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from studio.engine.advance import Environment
from studio.engine.agents.agent import Perform, Place, Turn
from studio.engine.code.base import CodeResult, CodeSession, Executor, FunctionResult, Sandbox
from studio.engine.events import Event, Recalled, Remembered, ToolCall
from studio.engine.memory.base import Memory
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.base import Accounts, Delta, Model, ModelReply, ModelRequest, Piece, Retrying, Told
from studio.engine.usage import Usage

SPENT = Usage(prompt_tokens=10, completion_tokens=2, calls=1, cost=0.001)


@dataclass(frozen=True)
class Half:
    """An answer that breaks off with `mistake` after some words; without one it just ends."""

    text: str = "half an answer"
    mistake: BaseException | None = None


@dataclass(frozen=True)
class Hangs:
    """An answer that begins and never goes on."""

    text: str = "well "


@dataclass(frozen=True)
class Again:
    """A first try that fails and is void, a word to the person, and then the answer."""

    text: str = "better"


def calls(*wanted: tuple[str, str], text: str = "") -> ModelReply:
    """A reply that calls tools: (name, arguments as the model wrote them). The ids repeat, as those of some servers do."""
    made = tuple(ToolCall(id="call_0", name=name, arguments=arguments) for name, arguments in wanted)
    return ModelReply(text=text, calls=made, finish="tool_calls", usage=SPENT, model="scripted")


class ScriptedModel(Model):
    """`say` gives for each request a text, a ModelReply, an exception to raise, or one of the above."""

    kind: ClassVar[str] = "test_scripted"
    drawable: ClassVar[bool] = False
    say: Any = None

    def connect(self, accounts: Accounts) -> ScriptedClient:
        return ScriptedClient(self.say)


@dataclass
class ScriptedClient:
    say: Callable[[ModelRequest], Any]

    async def stream(self, request: ModelRequest) -> AsyncIterator[Piece]:
        said = self.say(request)
        match said:
            case BaseException():
                raise said
            case Hangs():
                yield Delta(said.text)
                await asyncio.Event().wait()
            case Half():
                for word in said.text.split(" "):
                    yield Delta(word)
                if said.mistake is not None:
                    raise said.mistake
                return
            case Again():
                yield Delta("first tr")
                yield Retrying(1, "it broke", 0.0)
                yield Told("the second try is under way", "told", usage=SPENT)
                said = said.text
        if isinstance(said, str):
            said = ModelReply(text=said, usage=SPENT, model="scripted")
        for word in said.text.split(" "):
            yield Delta(word)
        yield said

    async def close(self) -> None:
        return


class ScriptedExecutor(Executor):
    """Code that has the outcome it is told: a text that it prints, an exception to raise, or Hangs. `consent` asks a person first."""

    kind: ClassVar[str] = "test_executor"
    drawable: ClassVar[bool] = False
    outcome: Any = "ran"
    consent: bool = False

    async def needs_consent(self) -> bool:
        return self.consent

    def open(self, sandbox: Sandbox) -> CodeSession:
        return ScriptedSession(self.outcome)


@dataclass
class ScriptedSession:
    outcome: Any
    where: str = "nowhere"

    async def _happen(self, on_output: Callable[[str], None]) -> str:
        on_output("working")
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        if isinstance(self.outcome, Hangs):
            await asyncio.Event().wait()
        return str(self.outcome)

    async def execute(self, blocks: Sequence[Any], on_output: Callable[[str], None]) -> CodeResult:
        return CodeResult(0, await self._happen(on_output))

    async def call(self, source: str, function: str, arguments: str, timeout: float) -> FunctionResult:
        return FunctionResult(await self._happen(lambda text: None))

    async def close(self) -> None:
        return


class ScriptedMemory(Memory):
    """Recalls a text, fails with an exception, or hangs."""

    kind: ClassVar[str] = "test_memory"
    drawable: ClassVar[bool] = False
    outcome: Any = "a fact"

    @property
    def key(self) -> str:
        return "test_memory"

    def recall(self, turn: Turn, agent: str) -> Perform | None:
        async def act(place: Place) -> Sequence[Event]:
            if isinstance(self.outcome, BaseException):
                raise self.outcome
            if isinstance(self.outcome, Hangs):
                await asyncio.Event().wait()
            return (Recalled(source=agent, memory=self.key, entries=({"text": str(self.outcome)},)),)

        return Perform("memory", act)


class LearningMemory(ScriptedMemory):
    """Learns a text after every answer, fails with an exception, or hangs; it recalls nothing."""

    kind: ClassVar[str] = "test_learning"
    learns: ClassVar[bool] = True

    @property
    def key(self) -> str:
        return "test_learning"

    def recall(self, turn: Turn, agent: str) -> Perform | None:
        return None

    def learn(self, turn: Turn, agent: str, said: str) -> Perform | None:
        async def act(place: Place) -> Sequence[Event]:
            if isinstance(self.outcome, BaseException):
                raise self.outcome
            if isinstance(self.outcome, Hangs):
                await asyncio.Event().wait()
            return (Remembered(source=agent, memory=self.key, text=str(self.outcome)),)

        return Perform("remembering", act)


class Log:
    """A sink in memory; `immediate` or through a task of its own, as one on a disk is."""

    def __init__(self, *events: Event, immediate: bool = True) -> None:
        self.events: list[Event] = list(events)
        self.shown: list[Any] = []
        self.immediate = immediate
        self.when: Callable[[], None] = lambda: None

    async def append(self, events: Sequence[Event]) -> None:
        if not self.immediate:
            await asyncio.sleep(0)
        self.events.extend(events)
        self.when()

    def show(self, event: Any) -> None:
        self.shown.append(event)
        self.when()


def place(folder: Path = Path("."), **more: Any) -> Environment:
    return Environment(EnvironmentAccounts(), folder, **more)
