"""What an agent of a script is: alone it answers a task, and in a team it is a participant of the engine's run."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.agentchat.base import ChatAgent, Response, Said, Task, TaskResult
from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.core.component import ComponentBase
from studio.engine.agentchat.messages import BaseChatMessage, ModelClientStreamingChunkEvent, TextMessage
from studio.engine.agentchat.running import UNHEARD, Run, task_messages
from studio.engine.agentchat.saved_states import agent_state, is_agent_state
from studio.engine.agentchat.translation import event_of
from studio.engine.agents.agent import Agent, Perform, Place, Step, Turn
from studio.engine.errors import FlowError
from studio.engine.events import Event, QuestionAsked
from studio.engine.stored_events import event_from_json
from studio.engine.teams.team import Team
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.events import ThreadEvent

STATE_VERSION = 1
"""Of what `save_state` gives."""


class BaseChatAgent(ChatAgent, ComponentBase, ABC):
    """An agent of your own needs `on_messages`, or `on_messages_stream`, and `produced_message_types`."""

    component_type = "agent"
    streams: bool = False
    shows_code: bool = False
    asks_people: bool = False
    output_type: Any = None
    output_format: str | None = None

    def __init__(self, name: str, description: str) -> None:
        """Raises ValueError for a name that is no identifier."""
        if not name.isidentifier():
            raise ValueError("The agent name must be a valid Python identifier.")
        self._name, self._description = name, description
        self.memory_of_thread: list[ThreadEvent] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def description(self) -> str:
        return self._description

    @property
    @abstractmethod
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]: ...

    async def on_messages(self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken) -> Response:
        async for each in self.on_messages_stream(messages, cancellation_token):
            if isinstance(each, Response):
                return each
        raise FlowError(self.name, text("engine.agentchat.no_response"), text("engine.agentchat.no_response.remedy"))

    async def on_messages_stream(
        self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken
    ) -> AsyncGenerator[Said | Response]:
        response = await self.on_messages(messages, cancellation_token)
        for each in response.inner_messages or ():
            yield each
        yield response

    @abstractmethod
    async def on_reset(self, cancellation_token: CancellationToken) -> None: ...

    async def on_pause(self, cancellation_token: CancellationToken) -> None:
        return

    async def on_resume(self, cancellation_token: CancellationToken) -> None:
        return

    async def save_state(self) -> Mapping[str, Any]:
        return {"type": "BaseState", "version": STATE_VERSION}

    async def load_state(self, state: Mapping[str, Any]) -> None:
        return

    async def close(self) -> None:
        return

    async def answer(self, question: QuestionAsked, run: Run) -> tuple[str, bool | None] | None:
        """Its own answer to a question that the engine asks in its name; None: a person at the terminal is asked."""
        return None

    async def run(
        self, *, task: Task = None, cancellation_token: CancellationToken | None = None, output_task_messages: bool = True
    ) -> TaskResult:
        given = task_messages(task)
        response = await self.on_messages(given, cancellation_token or CancellationToken())
        before = given if output_task_messages else []
        return TaskResult(messages=[*before, *(response.inner_messages or ()), response.chat_message])

    async def run_stream(
        self, *, task: Task = None, cancellation_token: CancellationToken | None = None, output_task_messages: bool = True
    ) -> AsyncGenerator[Said | TaskResult]:
        """The task's messages, what happens, the answer, and last the TaskResult of all of them but the pieces."""
        given = task_messages(task)
        said: list[Said] = []
        if output_task_messages:
            for message in given:
                said.append(message)
                yield message
        async with aclosing(self.on_messages_stream(given, cancellation_token or CancellationToken())) as answering:
            async for each in answering:
                shown = each.chat_message if isinstance(each, Response) else each
                yield shown
                if not isinstance(shown, ModelClientStreamingChunkEvent):
                    said.append(shown)
        yield TaskResult(messages=said)

    def playing(self, run: Run) -> Agent:
        """The engine's participant that stands for it in a run."""
        return OwnAgent(name=self.name, description=self.description, owner=self, run=run)


class OwnAgent(Agent):
    """An agent of a script's own class, or one that changed how its class answers: a turn is one call of it."""

    kind: ClassVar[str] = "agentchat_agent"
    drawable: ClassVar[bool] = False
    summary: ClassVar[str] = "A script's own agent"

    owner: Annotated[Any, Field(exclude=True, repr=False)]
    run: Annotated[Any, Field(exclude=True, repr=False)]

    def next_step(self, turn: Turn) -> Step:
        return Perform("thinking", partial(self._answer))

    async def _answer(self, place: Place) -> Sequence[Event]:
        """Raises FlowError for whatever the agent raises."""
        owner: BaseChatAgent = self.owner
        run: Run = self.run
        token = CancellationToken()
        try:
            async for each in owner.on_messages_stream(run.unheard(self.name), token):
                if isinstance(each, Response):
                    run.words.given[self.name] = each.chat_message
                    event = event_of(each.chat_message)
                    return (event.model_copy(update={"source": self.name}),)
                run.emit(each)
        except asyncio.CancelledError:
            token.cancel()
            raise
        except Exception as mistake:
            raise FlowError(self.name, f"{type(mistake).__name__}: {mistake}", text("engine.agentchat.repair_agent")) from mistake
        raise FlowError(self.name, text("engine.agentchat.no_response"), text("engine.agentchat.no_response.remedy"))


class EngineAgent(BaseChatAgent):
    """An agent that the engine plays. Alone it is a team of one that answers once; it remembers what it took part in."""

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, description)
        self._last_seq = 0
        self._running = False

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        return (TextMessage,)

    def nested(self) -> Mapping[str, BaseChatAgent]:
        """Those who speak within it, by name, itself among them."""
        return {self.name: self}

    @abstractmethod
    def playing(self, run: Run) -> Agent: ...

    async def on_reset(self, cancellation_token: CancellationToken) -> None:
        """Forget everything."""
        self.memory_of_thread = []

    async def on_messages_stream(
        self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken
    ) -> AsyncGenerator[Said | Response]:
        """Raises RunFailed, and RuntimeError when it is answering already."""
        if self._running:
            raise RuntimeError(f"{self.name} is answering already.")
        self._running = True
        history = list(self.memory_of_thread)
        run = Run(self.nested(), list(messages) or None, history, first=self._last_seq + 1, token=cancellation_token)
        self.memory_of_thread = []  # it is the run's history meanwhile
        inner: list[Said] = []
        answer: Said | None = None  # the newest: the last one is the response
        try:
            team = Team(name=f"{self.name} alone", participants=(self.playing(run),), max_turns=1)
            async with aclosing(run.play(team)) as happening:
                async for each in happening:
                    if any(each is message for message in messages):
                        continue
                    if answer is not None:
                        inner.append(answer)
                        yield answer
                        answer = None
                    if isinstance(each, BaseChatMessage):
                        answer = each
                        continue
                    if not isinstance(each, ModelClientStreamingChunkEvent):
                        inner.append(each)
                    yield each
        finally:
            self._running = False
            self.memory_of_thread = [*history, *run.new]
            self._last_seq = run.log[-1].seq
            await run.reset_rules()
        if not isinstance(answer, BaseChatMessage):
            raise FlowError(self.name, text("engine.agentchat.no_answer"))
        yield Response(chat_message=answer, inner_messages=[each for each in inner if not isinstance(each, UNHEARD)])

    async def save_state(self) -> Mapping[str, Any]:
        """What it remembers, as JSON."""
        thread = [event.model_dump(mode="json", exclude_none=True) for event in self.memory_of_thread]
        return {"type": type(self).__name__, "version": STATE_VERSION, "thread": thread, "seq": self._last_seq}

    async def load_state(self, state: Mapping[str, Any]) -> None:
        """Takes what `save_state` gave, here or in AutoGen 0.4 to 0.7. Raises pydantic.ValidationError for anything else."""
        if is_agent_state(state):
            state = agent_state(state, self.name)
        self.memory_of_thread = [event_from_json(dict(each)) for each in state.get("thread", ())]
        self._last_seq = int(state.get("seq", 0))


def played(agent: Any, run: Run) -> Agent:
    """The participant of a run that stands for an agent or a team of a script.

    An agent whose class answers in its own way is asked itself. Raises FlowError for what can take no part.
    """
    own = isinstance(agent, EngineAgent) and (
        type(agent).on_messages_stream is not EngineAgent.on_messages_stream or type(agent).on_messages is not BaseChatAgent.on_messages
    )
    if own:
        return OwnAgent(name=agent.name, description=agent.description, owner=agent, run=run)
    if isinstance(agent, Agent):
        return agent
    if not hasattr(agent, "playing"):
        raise FlowError(type(agent).__name__, text("engine.agentchat.no_participant"), text("engine.agentchat.no_participant.remedy"))
    found: Agent = agent.playing(run)
    return found
