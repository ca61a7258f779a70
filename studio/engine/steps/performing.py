"""One step that takes time: done no longer than the stop rules allow, and what was answered in it counted, however it ends."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from studio.engine.agents.agent import CallModel, ListTools, Perform, RunCode, RunTools
from studio.engine.bill import NOT_USED, Bill, billed
from studio.engine.decide import Due
from studio.engine.errors import ConveneError, FlowError, StaleEpoch
from studio.engine.events import Event, Noticed, Recalled, Remembered, TeamOutlined, Working
from studio.engine.state import Conversation, outwards
from studio.engine.steps.code_step import run_code
from studio.engine.steps.model_step import call_model, priced
from studio.engine.steps.time_limits import TimeLimits
from studio.engine.steps.tool_step import list_tools, run_tools
from studio.engine.steps.workplace import Workplace
from studio.texts import text

Key = tuple[str | None, str | None]
"""A conversation by its scope, and a speaker of it or None where the step is of nobody's turn."""

LONGEST_STEP = 6 * 3600.0
"""Seconds after which a step is broken off that none of its own limits has ended."""


class TimeOver(Exception):
    """A stop rule's time was over while a step was under way."""


@dataclass(slots=True)
class Performer:
    """Does the steps of a run. `spoken` are the texts that are being said, by conversation and speaker."""

    work: Workplace
    spoken: dict[Key, list[str]] = field(default_factory=dict)
    limits: TimeLimits = field(default_factory=TimeLimits)

    async def perform(self, due: Due) -> Exception | None:
        """Do one step that takes time, and count what was answered, however it ends. Returns why it failed. Raises StaleEpoch."""
        with billed() as bill:
            try:
                return await self._attempt(due)
            finally:
                if bill.owed:
                    await self._count(due, bill)

    async def _count(self, due: Due, bill: Bill) -> None:
        """Write down what was answered in a step and nothing came of."""
        scope = due.talk.scope if due.talk.scope in self.work.state.conversations else None
        items, bill.owed = bill.owed, []
        notices = [
            Noticed(
                source=due.source,
                code=NOT_USED,
                text=text("engine.run.not_used", model=item.model) if item.model else text("engine.run.not_used_unnamed"),
                usage=priced(self.work, item.usage, item.model),
            )
            for item in items
        ]
        if self.work.state.finished is None:
            with contextlib.suppress(ConveneError):  # what ended the step is what is to be told
                await self.work.writer.append(scope, *notices)

    async def _attempt(self, due: Due) -> Exception | None:
        """Do one step, no longer than the stop rules allow."""
        try:
            left = self._seconds_left(due.talk)
            with self.limits.within(LONGEST_STEP if left is None else min(left, LONGEST_STEP)) as limit:
                await self._act(due)
        except TimeoutError as mistake:
            if not limit.expired:
                return mistake
            if left is not None and left <= LONGEST_STEP:
                return TimeOver()
            hours = f"{LONGEST_STEP / 3600:g}"
            return FlowError(due.source, text("engine.run.step_too_long", hours=hours), text("engine.run.step_too_long.remedy"))
        except StaleEpoch:
            raise
        except asyncio.CancelledError as mistake:
            if _is_being_cancelled():
                raise
            return FlowError(due.source, str(mistake) if mistake.args else text("engine.run.step_cancelled"))
        except Exception as mistake:
            return mistake
        return None

    async def _act(self, due: Due) -> None:
        match due.step:
            case CallModel():
                spoken = self.spoken[due.key] = []
                await call_model(self.work, due, due.step, spoken)
            case RunTools():
                await run_tools(self.work, due, due.step)
            case ListTools():
                await list_tools(self.work, due, due.step)
            case RunCode():
                await run_code(self.work, due, due.step)
            case Perform():
                await self._ask_and_act(due, due.step)
            case _:
                raise FlowError(due.source, text("engine.run.no_step", step=type(due.step).__name__))

    async def _ask_and_act(self, due: Due, step: Perform) -> None:
        if step.executor is not None:
            # With it come the executors, which most conversations never meet.
            from studio.engine.functions import named

            match await self.work.consent_to_code(due, step.executor, step.code or step.what, named(step.code) if step.code else None):
                case "asked":
                    return
                case "refused":
                    raise FlowError(due.source, text("engine.run.code_refused"))
                case "given":
                    pass
        self.work.show(Working(source=due.source, scope=due.talk.scope, what=step.what))
        events = [self._priced(event) for event in await step.act(self.work)]
        await self.work.writer.append(due.talk.scope, *events)

    def _priced(self, event: Event) -> Event:
        """With what a model has cost in a step: who performs one knows no prices."""
        if isinstance(event, Recalled | Remembered | TeamOutlined) and event.model:
            usage = priced(self.work, event.usage, event.model)
            return event if usage is event.usage else event.model_copy(update={"usage": usage})
        return event

    def _seconds_left(self, talk: Conversation) -> float | None:
        """The shortest time that the stop rules of a conversation and of those around it leave."""
        left = [seconds for each in outwards(talk) if each.team.stop is not None and (seconds := rule_leaves(self.work, each)) is not None]
        return min(left, default=None)


def rule_leaves(work: Workplace, talk: Conversation) -> float | None:
    """After how many seconds at the latest a conversation's stop rule has to be asked again; None when time does not matter to it."""
    stop = talk.team.stop
    return stop.seconds_left(work.state.progress(talk, at=work.writer.clock.now()), talk.memory) if stop is not None else None


def _is_being_cancelled() -> bool:
    """Whether somebody cancels this task. A tool or a library can raise the same error for reasons of its own."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
