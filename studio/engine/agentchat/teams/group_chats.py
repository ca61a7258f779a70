"""AgentChat's teams in turns and by hand-overs, over the engine's strategies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from studio.engine.agentchat.agents.assistant import AssistantAgent
from studio.engine.agentchat.teams.base import BaseGroupChat
from studio.engine.errors import FlowError
from studio.engine.events import HandedOff
from studio.engine.teams.round_robin import RoundRobin
from studio.engine.teams.selection import Candidates, Choice, Selection
from studio.engine.teams.swarm import Swarm as HandOffs
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.agentchat.running import Run


class RoundRobinGroupChat(BaseGroupChat):
    """Everybody in turn; a run goes on after whoever spoke last in the one before."""

    NAME: ClassVar[str] = "RoundRobinGroupChat"

    def __init__(
        self, participants: Sequence[Any], termination_condition: Any = None, max_turns: int | None = None, **options: Any
    ) -> None:
        super().__init__(participants, termination_condition=termination_condition, max_turns=max_turns, **options)

    def selection(self, run: Run | None) -> Selection:
        return RoundRobin() if run is None else _Rounds(previous=self._previous)


class _Rounds(RoundRobin):
    """A round that goes on; `previous` spoke last before this run."""

    kind: ClassVar[str] = RoundRobin.kind
    drawable: ClassVar[bool] = False
    previous: str | None = None
    eager: ClassVar[bool] = True

    def choose(self, candidates: Candidates) -> Choice:
        order = [agent.name for agent in candidates.agents]
        if candidates.last is None and self.previous in order:
            return Choice(
                order[(order.index(self.previous) + 1) % len(order)], text("engine.choice.next_after", speaker=self.previous), self.kind
            )
        return super().choose(candidates)


class Swarm(BaseGroupChat):
    """Whoever was handed the conversation speaks, and goes on speaking until it hands over."""

    NAME: ClassVar[str] = "Swarm"

    def __init__(
        self, participants: Sequence[Any], termination_condition: Any = None, max_turns: int | None = None, **options: Any
    ) -> None:
        """Raises ValueError when the first participant can hand over to nobody."""
        super().__init__(participants, termination_condition=termination_condition, max_turns=max_turns, **options)
        first = self._participants[0]
        if isinstance(first, AssistantAgent) and not first.handoffs and len(self._participants) > 1:
            raise ValueError("The first participant must support a handoff messages.")

    def selection(self, run: Run | None) -> Selection:
        if run is None:
            return HandOffs(after_work="stay")
        return _HandOver(after_work="stay", current=self._current())

    def _current(self) -> str | None:
        """Whose turn it is before anything new is said."""
        names = [participant.name for participant in self._participants]
        for event in reversed(self._thread):
            if isinstance(event, HandedOff) and event.target in names:
                return event.target
            if isinstance(event, HandedOff) and event.source in names:
                return event.source  # it went to somebody outside, who has answered now
        return self._previous


class _HandOver(HandOffs):
    """A swarm that goes on with `current`."""

    kind: ClassVar[str] = HandOffs.kind
    drawable: ClassVar[bool] = False
    current: str | None = None

    def choose(self, candidates: Candidates) -> Any:
        """Raises FlowError for a hand-over to somebody who is not in the team."""
        names = [agent.name for agent in candidates.agents]
        target = candidates.handed_to
        if target is not None and target not in names:
            raise FlowError(
                candidates.team,
                text("engine.agentchat.handed_outside", target=target),
                text("engine.agentchat.handed_outside.remedy", target=repr(target), names=", ".join(names)),
            )
        if target is None and candidates.last is None and self.current in names and self.current is not None:
            return Choice(self.current, text("engine.agentchat.goes_on"), self.kind)
        return super().choose(candidates)
