"""What every team of a script shares: its participants, its stop rule, and what it remembers between runs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, ClassVar, Self

from studio.engine.agentchat.agents.chat_agent import STATE_VERSION, BaseChatAgent, EngineAgent, played
from studio.engine.agentchat.base import Said, Task, TaskResult, TerminationCondition
from studio.engine.agentchat.base import Team as AnyTeam
from studio.engine.agentchat.conditions import rule_of
from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.core.component import ComponentBase
from studio.engine.agentchat.messages import ModelClientStreamingChunkEvent
from studio.engine.agentchat.running import Run
from studio.engine.agentchat.saved_states import is_team_state, team_state
from studio.engine.agentchat.translation import messages_in
from studio.engine.agents.agent import Agent
from studio.engine.component import Component as EngineComponent
from studio.engine.conditions.condition import Condition
from studio.engine.errors import FlowError
from studio.engine.events import Event, RunFinished, ThreadEvent
from studio.engine.stored_events import event_from_json
from studio.engine.teams.selection import Selection
from studio.engine.teams.team import Team
from studio.texts import text

MOST_TURNS = 10_000
"""Turns of a run that nothing else ends: AutoGen would go on for ever."""


class BaseGroupChat(AnyTeam, ComponentBase):
    """Every run is a run of the engine; what was said in it is the history of the next one."""

    component_type = "team"
    NAME: ClassVar[str] = "Team"
    needs: ClassVar[int] = 1

    def __init__(
        self,
        participants: Sequence[Any],
        *,
        name: str | None = None,
        description: str | None = None,
        termination_condition: TerminationCondition | None = None,
        max_turns: int | None = None,
        emit_team_events: bool = False,
        runtime: Any = None,
        custom_message_types: Sequence[Any] | None = None,
    ) -> None:
        """Raises ValueError for too few participants, two of one name, or turns below one."""
        self._name = name or self.NAME
        self._description = description or "A team of agents."
        self._participants = list(participants)
        if len(self._participants) < self.needs:
            raise ValueError(f"At least {self.needs} participant{'s are' if self.needs > 1 else ' is'} required for {self.NAME}.")
        names = [participant.name for participant in self._participants]
        if len(set(names)) != len(names):
            raise ValueError("The participant names must be unique.")
        if max_turns is not None and max_turns < 1:
            raise ValueError("max_turns must be at least 1.")
        self._termination, self._max_turns, self._emits = termination_condition, max_turns, emit_team_events
        self._fresh()

    def _fresh(self) -> None:
        self._thread: list[ThreadEvent] = []
        self._said: list[Said] = []
        self._heard: dict[str, int] = {}
        self._last_seq = 0
        self._previous: str | None = None
        self._run: Run | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def description(self) -> str:
        return self._description

    def nested(self) -> Mapping[str, BaseChatAgent]:
        """Everybody who speaks in it, by name, those in teams within it too."""
        found: dict[str, BaseChatAgent] = {}
        for each in self._participants:
            if isinstance(each, EngineAgent | BaseGroupChat):
                found |= each.nested()
            elif isinstance(each, BaseChatAgent):
                found[each.name] = each
        return found

    # The engine's team --------------------------------------------------------------------------------------------------

    @abstractmethod
    def selection(self, run: Run | None) -> Selection:
        """Who speaks next; in a run, going on from the one before."""

    def model(self) -> Any:
        """The model that chooses or plans."""
        return None

    def playing(self, run: Run, within: str | None = None) -> Team:
        """The team in a run; `within` is the name of the agent that it speaks for."""
        name = within or self.name
        stop = run.rule(self._termination, name) if self._termination is not None else None
        return self._team(tuple(played(each, run) for each in self._participants), self.selection(run), stop, name)

    def component(self) -> Team:
        """Raises FlowError for what only code can hold."""
        stop = self._termination.component() if self._termination is not None else None
        return self._team(tuple(each.component() for each in self._participants), self.selection(None), stop, self.name)

    def _team(self, participants: tuple[Agent, ...], selection: Selection, stop: Condition | None, name: str) -> Team:
        given: dict[str, Any] = {"stop": stop} if stop is not None else {}
        model = self.model()
        return Team(
            name=name,
            description=self.description,
            participants=participants,
            selection=selection,
            max_turns=min(self._max_turns or MOST_TURNS, MOST_TURNS),
            **given,
            **({"model": model} if model is not None else {}),
        )

    @classmethod
    def of_component(cls, component: EngineComponent) -> Self:
        if not isinstance(component, Team):
            raise FlowError(component.kind, text("engine.agentchat.no_team"))
        try:
            rule = rule_of(component.stop) if component.stop is not None else None
        except FlowError:  # a rule of the engine that AgentChat has not: the engine asks it itself
            rule = None
        loaded = cls.__new__(cls)
        BaseGroupChat.__init__(
            loaded, component.participants, name=component.name, description=component.description, termination_condition=rule
        )

        def playing(run: Run, within: str | None = None) -> Team:
            return component if rule is None else component.model_copy(update={"stop": run.rule(rule, component.name)})

        loaded.__dict__["playing"] = playing
        loaded.__dict__["component"] = lambda: component
        return loaded

    # Running ------------------------------------------------------------------------------------------------------------

    async def run(
        self, *, task: Task = None, cancellation_token: CancellationToken | None = None, output_task_messages: bool = True
    ) -> TaskResult:
        stream = self.run_stream(task=task, cancellation_token=cancellation_token, output_task_messages=output_task_messages)
        async for each in stream:
            if isinstance(each, TaskResult):
                return each
        raise FlowError(self.name, text("engine.agentchat.no_result"))

    async def run_stream(
        self, *, task: Task = None, cancellation_token: CancellationToken | None = None, output_task_messages: bool = True
    ) -> AsyncGenerator[Said | TaskResult]:
        """What happens, as it happens, and last the TaskResult. Without a task it goes on with the next speaker.

        Raises ValueError when it is running already, RunFailed when the run failed, CancelledError when the token was cancelled.
        """
        if self._run is not None:
            raise ValueError("The team is already running, it cannot run again until it is stopped.")
        manager = f"{self.NAME}Manager" if self._emits else None
        run = Run(self.nested(), task, self._thread, self._said, self._first_seq(), cancellation_token, manager)
        run.heard = self._heard
        collected: list[Said] = []
        self._run = run
        try:
            team = self.playing(run)
            async with aclosing(run.play(team, self.opening(run))) as happening:
                async for each in happening:
                    if not output_task_messages and any(each is message for message in run.task):
                        continue
                    yield each
                    if not isinstance(each, ModelClientStreamingChunkEvent):
                        collected.append(each)
        finally:
            self._run = None
            self._keep(run)
            await run.reset_rules()
        yield TaskResult(messages=collected, stop_reason=self.stop_reason(run))

    def _first_seq(self) -> int:
        """Numbers go on from run to run: calls of tools are told apart by them."""
        seqs = [each._last_seq for each in self.nested().values() if isinstance(each, EngineAgent)]
        return max([self._last_seq, *seqs]) + 1

    def _keep(self, run: Run) -> None:
        """What the next run goes on from, however this one ended."""
        self._thread = list(run.thread)
        self._said = run.said
        self._last_seq = run.log[-1].seq
        for each in self._participants:
            if isinstance(each, EngineAgent):
                each.memory_of_thread.extend(run.new)
        if run.speakers:
            self._previous = run.speakers[-1]
        self.remember(run)

    def remember(self, run: Run) -> None:
        """What else the strategy keeps."""

    def opening(self, run: Run) -> Sequence[Event]:
        """Events before the task's messages."""
        return ()

    def stop_reason(self, run: Run) -> str | None:
        """Why it ended, in AgentChat's words."""
        finished = run.finished
        if finished is None:
            return None
        if finished.by == "max_turns":
            return f"Maximum number of turns {self._max_turns or MOST_TURNS} reached."
        return self.own_reason(finished, run)

    def own_reason(self, finished: RunFinished, run: Run) -> str:
        return finished.stop_reason

    # Between runs -------------------------------------------------------------------------------------------------------

    async def reset(self) -> None:
        """Forget everything that was said. Raises RuntimeError while it runs."""
        if self._run is not None:
            raise RuntimeError("The group chat is currently running. It must be stopped before it can be reset.")
        self._fresh()
        token = CancellationToken()
        for each in self._participants:
            if isinstance(each, BaseGroupChat):
                await each.reset()
            elif isinstance(each, BaseChatAgent):
                await each.on_reset(token)
        if self._termination is not None:
            await self._termination.reset()

    async def pause(self) -> None:
        """Hold the run between two steps until `resume`. What is under way is finished. Agents are told by `on_pause`."""
        if self._run is not None:
            self._run.hold()
        await self._tell("on_pause")

    async def resume(self) -> None:
        if self._run is not None:
            self._run.go_on()
        await self._tell("on_resume")

    async def _tell(self, what: str) -> None:
        token = CancellationToken()
        for each in self.nested().values():
            await getattr(each, what)(token)

    async def save_state(self) -> Mapping[str, Any]:
        """What was said and where it stands, as JSON: once, however many take part. Raises RuntimeError while it runs."""
        if self._run is not None:
            raise RuntimeError("The team cannot be saved while it is running.")
        known = {id(event) for event in self._thread}
        agents = {}
        for name, agent in self.nested().items():
            held = dict(await agent.save_state())
            if isinstance(agent, EngineAgent):
                held["thread"] = _written(event for event in agent.memory_of_thread if id(event) not in known)
            agents[name] = held
        return {
            "type": "TeamState",
            "version": STATE_VERSION,
            "thread": _written(self._thread),
            "seq": self._last_seq,
            "previous": self._previous,
            "selection": self.saved_selection(),
            "agents": agents,
        }

    async def load_state(self, state: Mapping[str, Any]) -> None:
        """Takes what `save_state` gave, here or in AutoGen 0.4 to 0.7.

        Raises RuntimeError while it runs, and ValueError for what no `save_state` gave.
        """
        if self._run is not None:
            raise RuntimeError("The team cannot be loaded while it is running.")
        if is_team_state(state):
            state = team_state(state, [each.name for each in self._participants], self.arrows())
        self._fresh()
        self._thread = [event_from_json(dict(each)) for each in state.get("thread", ())]
        agents = self.nested()
        self._said = messages_in(self._thread, agents)
        self._last_seq, self._previous = int(state.get("seq", 0)), state.get("previous")
        self.load_selection(state.get("selection"))
        for name, held in dict(state.get("agents", {})).items():
            if name in agents:
                await agents[name].load_state(held)
        for each in self._participants:
            if isinstance(each, EngineAgent):
                each.memory_of_thread.extend(self._thread)

    def arrows(self) -> Sequence[tuple[str, str, str]]:
        """Source, target and group of the arrows of a graph."""
        return ()

    def saved_selection(self) -> Any:
        return None

    def load_selection(self, saved: Any) -> None:
        return


def _written(events: Iterable[ThreadEvent]) -> list[dict[str, Any]]:
    return [event.model_dump(mode="json", exclude_none=True) for event in events]
