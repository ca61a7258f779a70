"""A script's stop rule within a run of the engine: asked between turns with what is new, its answer an event of the log."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.agentchat.base import TerminatedException
from studio.engine.agents.agent import Perform, Place
from studio.engine.conditions.condition import Condition, Met, Progress
from studio.engine.errors import FlowError
from studio.engine.events import Event, FunctionReturned
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.agentchat.running import Run


class RunRule(Condition):
    """`team` is the name of the team whose rule it is."""

    kind: ClassVar[str] = "agentchat_rule"
    drawable: ClassVar[bool] = False
    summary: ClassVar[str] = "A stop rule of a script"

    condition: Annotated[Any, Field(exclude=True, repr=False)]
    run: Annotated[Any, Field(exclude=True, repr=False)]
    team: str

    @property
    def _purpose(self) -> str:
        return f"stop:{self.team}"

    def observe(self, progress: Progress, memory: Any) -> tuple[Any, Met | None]:
        """The memory is whether something was said that the rule was not asked about yet."""
        unasked = bool(memory)
        for event in progress.new:
            if event.type in ("message", "handoff"):
                unasked = True
            elif event.type == "function_result" and event.purpose == self._purpose:
                unasked = False
                if isinstance(event.value, str):
                    return False, Met(event.value, event.name)
        stop = self.condition.out_of_time()
        return unasked, Met(stop.content, stop.source) if stop is not None else None

    def seconds_left(self, progress: Progress, memory: Any) -> float | None:
        seconds: float | None = self.condition.seconds_left()
        return seconds

    def pending(self, memory: Any, thread: Sequence[Any], source: str) -> Perform | None:
        return Perform("stop rule", partial(self._ask, source)) if memory else None

    async def _ask(self, source: str, place: Place) -> Sequence[Event]:
        """Raises FlowError when the rule does."""
        run: Run = self.run
        task, new = run.news_of(self.team)
        name = type(self.condition).__name__
        try:
            if run.opened_again(self.team):
                await self.condition.reset()
            stop = await self.condition.begin(task) if task is not None else None
            if stop is None and new:
                stop = await self.condition(new)
        except (Exception, TerminatedException) as mistake:
            raise FlowError(name, f"{type(mistake).__name__}: {mistake}", text("engine.agentchat.repair_stop_rule")) from mistake
        return (FunctionReturned(source=source, purpose=self._purpose, name=name, value=stop.content if stop is not None else None),)
