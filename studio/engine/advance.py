"""The async shell: performs what `decide` asks for and writes what happened to the log, until the run ends or a person must answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, assert_never

from studio.engine.agents.agent import Ask, CallModel, Converse, ListTools, Perform, RunCode, RunTools, Say, StopRun
from studio.engine.conditions.condition import Met
from studio.engine.decide import Due, Finish, Hold, Wait, decide
from studio.engine.errors import ConveneError, FlowError, StaleEpoch
from studio.engine.events import (
    YOU,
    CodeFinished,
    CommandGiven,
    ErrorHappened,
    Event,
    PartialSaid,
    RunFinished,
    Status,
    Voided,
)
from studio.engine.fold import fold
from studio.engine.logs import run_id
from studio.engine.next_speaker import settled
from studio.engine.state import CANCELLED, Conversation, OpenTurn, RunState, code_step, outwards
from studio.engine.steps.conversation_step import close_conversation, open_conversation
from studio.engine.steps.performing import Key, Performer, TimeOver, rule_leaves
from studio.engine.steps.workplace import CLOSING, Environment, Workplace
from studio.engine.steps.writer import Sink, Writer
from studio.engine.teams.team import Team
from studio.engine.telemetry import spans_of
from studio.texts import text

log = logging.getLogger("studio.engine")

Commands = Callable[[], Iterable[Event]]


async def advance(
    team: Team,
    events: Sequence[Event],
    sink: Sink,
    environment: Environment,
    commands: Commands | None = None,
    knock: asyncio.Event | None = None,
    at_once: Commands | None = None,
) -> Status:
    """Go on with the run whose log is `events` until it is over, a person must answer, or a person paused it.

    Cancelling stops the run: what was under way is ended, the log gets what had been said and `run_finished`, and
    CancelledError is raised again. `commands` gives what a person wants since it was asked last (commands, messages put in):
    it is asked between any two steps, and when somebody sets `knock` while several are under way. It may also give the answer to
    the open question: those who still compute need not end for it. `at_once` gives, of the same, who is to speak next: it is asked
    also while one step is under way, when somebody sets `knock`. Raises StaleEpoch.
    """
    state = fold(team, events)
    spans = spans_of(state, environment.run, environment.redact)
    writer = Writer(state, sink, spans.event if spans is not None else None)
    about = run_id.set(environment.run)
    status: Status = "stopped"
    try:
        status = await _Advance(writer, Workplace(environment, writer, spans), commands, knock, at_once).go()
    finally:
        run_id.reset(about)
        if spans is not None:
            spans.close(status)
    return status


HOLDS_UP = 0.02
"""Seconds for which steps that wait for nothing may hold up everybody else, a stop included."""


@dataclass(slots=True)
class _Advance:
    """One execution of a run: the steps that are under way, and whoever performs them."""

    writer: Writer
    work: Workplace
    commands: Commands | None = None
    knock: asyncio.Event | None = None
    at_once: Commands | None = None
    running: dict[Key, tuple[Due, asyncio.Task[Exception | None]]] = field(default_factory=dict)
    performer: Performer = field(init=False)

    def __post_init__(self) -> None:
        self.performer = Performer(self.work)

    @property
    def state(self) -> RunState:
        return self.writer.state

    async def go(self) -> Status:
        status: Status = "stopped"
        try:
            try:
                status = await self._until_rest()
                return status
            except asyncio.CancelledError:
                await _whatever_happens(self._stop())
                raise
            finally:
                await _whatever_happens(self._let_go(rests=status in ("waiting", "paused")))
        except asyncio.CancelledError:
            # Stopped in the last moment, when it rested already: a stop is a stop, and the log says so.
            await _whatever_happens(self._write_stop())
            raise

    async def _until_rest(self) -> Status:
        clock = asyncio.get_running_loop().time
        others_waited_since = clock()
        while True:
            if clock() - others_waited_since > HOLDS_UP:
                await asyncio.sleep(0)
                others_waited_since = clock()
            if self.commands is not None:
                await self._take(self.commands())
            try:
                wanted = decide(self.state)
            except Exception as mistake:
                return await self._fail(self._in_words(mistake, "deciding"), self.state.main, self.state.speaker)
            match wanted:
                case Wait() | Hold() if self.running:
                    status = await self._one_of_several()
                case Wait():
                    return "waiting"
                case Hold():
                    return "paused"
                case Finish(reason, by):
                    return await self._finish("done", reason, by)
                case _:
                    status = await self._do(wanted)
            if status is not None:
                return status

    async def _take(self, given: Iterable[Event]) -> None:
        for event in given:
            if isinstance(event, CommandGiven) and event.command == "next_speaker":
                await self._name_next(event)
            else:
                await self.writer.append(event.scope if event.scope in self.state.conversations else None, event)

    async def _name_next(self, wish: CommandGiven) -> None:
        """Who has been chosen and has not begun gives way, and so does a model that chooses: what it is at is broken off."""
        meant = settled(self.state, wish, self._speaking)
        main = self.state.main
        dropped: list[Due] = []
        if meant.instead_of and meant.instead_of != wish.speaker:
            turn = main.open[meant.instead_of]
            dropped = await self._drop(main, lambda due: self._belongs(due, turn))
        elif not main.open:
            dropped = await self._drop(main, lambda due: due.talk is main and isinstance(due.step, CallModel))
        for due in dropped:
            self.work.show(Voided(source=due.source, scope=due.talk.scope))
        # What was to be broken off may have come to its end meanwhile.
        await self.writer.append(None, settled(self.state, wish, self._speaking))

    def _speaking(self, scope: str | None, name: str) -> bool:
        return any(self.performer.spoken.get((scope, name), ()))

    def _belongs(self, due: Due, turn: OpenTurn) -> bool:
        """Whether a step is one of a turn of the run's own conversation, or of the conversation that it holds."""
        if due.talk is self.state.main:
            return due.speaker == turn.speaker
        return any(each.scope == turn.conversation for each in outwards(due.talk))

    async def _do(self, due: Sequence[Due]) -> Status | None:
        """Do what takes no time at once, one after the other; of the rest, all that is not under way already.

        A person is asked when all others have begun: they need not wait for the answer.
        """
        asked: tuple[Due, Ask] | None = None
        for each in due:
            match each.step:
                case Say(said):
                    await self.writer.append(each.talk.scope, *said)
                    if each.speaker is not None:
                        await self._stepped()
                    return None
                case Ask():
                    asked = asked or (each, each.step)
                case Converse():
                    await open_conversation(self.writer, each, each.step)
                    return None
                case Finish(reason, by) | StopRun(reason, by):
                    return await self._end(each.talk, reason, by)
                case CallModel() | RunTools() | ListTools() | RunCode() | Perform():
                    pass
                case _:
                    assert_never(each.step)
        if len(due) == 1 and not self.running and asked is None:
            if self.knock is None or self.at_once is None:
                return await self._settle(due[0], await self.performer.perform(due[0]))
            return await self._one_alone(due[0], self.knock, self.at_once)
        for each in due:
            if each.key not in self.running and not isinstance(each.step, Ask):
                self.running[each.key] = each, asyncio.create_task(self.performer.perform(each), name=f"step of {each.source}")
        if asked is not None:
            await self.writer.append(asked[0].talk.scope, asked[1].question)
            return None
        if not self.running:
            team = self.state.main.team
            return await self._fail(FlowError(team.name, text("engine.run.stuck")), self.state.main, None)
        return await self._one_of_several()

    async def _one_alone(self, due: Due, knock: asyncio.Event, at_once: Commands) -> Status | None:
        """Do one step, and meanwhile hear who is to speak next: then it may be broken off."""
        task = asyncio.create_task(self.performer.perform(due), name=f"step of {due.source}")
        self.running[due.key] = due, task
        knocked = asyncio.create_task(knock.wait())
        try:
            while due.key in self.running:
                await asyncio.wait((task, knocked), return_when=asyncio.FIRST_COMPLETED)
                if task.done():
                    del self.running[due.key]
                    return await self._settle(due, task.result())
                knock.clear()
                knocked = asyncio.create_task(knock.wait())
                await self._take(at_once())
        finally:
            knocked.cancel()
        if task.done() and not task.cancelled() and task.exception() is None and task.result() is None:
            await self._stepped()  # it had come to its end when it was broken off
        return None

    async def _one_of_several(self) -> Status | None:
        """Wait until one of the steps under way is over, or somebody knocks, and go on from there."""
        steps = [task for _, task in self.running.values()]
        if self.knock is None:
            await asyncio.wait(steps, return_when=asyncio.FIRST_COMPLETED)
        else:
            knocked = asyncio.create_task(self.knock.wait())
            try:
                await asyncio.wait([*steps, knocked], return_when=asyncio.FIRST_COMPLETED)
            finally:
                knocked.cancel()
            self.knock.clear()
        for key, (due, task) in list(self.running.items()):
            if task.done() and key in self.running:
                del self.running[key]
                if (status := await self._settle(due, task.result())) is not None:
                    return status
        return None

    async def _settle(self, due: Due, mistake: Exception | None) -> Status | None:
        """What follows from how a step ended."""
        match mistake:
            case None:
                await self._stepped()
                return None
            case TimeOver():
                return await self._out_of_time(due)
            case _:
                return await self._fail(self._in_words(mistake, type(due.step).__name__), due.talk, due.speaker)

    def _in_words(self, mistake: Exception, what: str) -> ConveneError:
        if isinstance(mistake, ConveneError):
            return mistake
        log.error("run %s: %s failed", self.work.environment.run, what, exc_info=mistake)
        return ConveneError(f"{type(mistake).__name__}: {mistake}", text("engine.run.mistake.remedy"))

    async def _stepped(self) -> None:
        """After a step: one who goes step by step is paused again."""
        if self.state.stepping and self.state.finished is None:
            await self.writer.append(None, CommandGiven(source=YOU, command="pause"))

    # The end ----------------------------------------------------------------------------------------------------------

    async def _end(self, talk: Conversation, reason: str, by: str) -> Status | None:
        """The end of a conversation: of the run, or of one within it. Whoever else still speaks in it is broken off."""
        await self._drop(talk)
        if talk.opened is None:
            return await self._finish("done", reason, by)
        await close_conversation(self.writer, talk, reason, by)
        return None

    async def _finish(self, status: Literal["done", "stopped", "failed"], reason: str, by: str) -> Status:
        finished = self.state.finished
        if finished is None:
            team = self.state.main.team
            await self.writer.append(None, RunFinished(source=team.name, status=status, stop_reason=reason, by=by, usage=self.state.usage))
            return status
        return "done" if finished.status in ("waiting", "paused") else finished.status

    async def _fail(self, mistake: ConveneError, talk: Conversation, speaker: str | None) -> Status:
        source = speaker or talk.team.name
        account = getattr(mistake, "account", "")
        await self._drop_all()
        await self._partial()
        if self.state.finished is not None:
            return self.state.finished.status
        error = ErrorHappened(source=source, code=mistake.code, text=mistake.sentence, remedy=mistake.remedy, account=account)
        await self.writer.append(talk.scope if talk.scope in self.state.conversations else None, error)
        return await self._finish("failed", mistake.sentence, mistake.code)

    async def _out_of_time(self, due: Due) -> Status | None:
        """End the outermost conversation whose time is over."""
        for talk in reversed(list(outwards(due.talk))):
            met, stop = talk.met, talk.team.stop
            if met is None and stop is not None and (left := rule_leaves(self.work, talk)) is not None and left <= 0:
                talk.memory, met = stop.observe(self.state.progress(talk, at=self.writer.clock.now()), talk.memory)
                met = met or Met(text("engine.run.time_over"), "time_limit")
            if met is not None:
                await self._partial(due.key)
                return await self._end(talk, met.reason, met.by)
        await self._partial(due.key)
        return await self._end(due.talk, text("engine.run.time_over"), "time_limit")

    async def _partial(self, only: Key | None = None) -> None:
        """Write down what was being said when it was broken off."""
        for key in [only] if only is not None else list(self.performer.spoken):
            said = "".join(self.performer.spoken.pop(key, ()))
            scope, speaker = key
            if said and speaker and (scope is None or scope in self.state.conversations):
                await self.writer.append(scope, PartialSaid(source=speaker, text=said))

    async def _broken_off(self) -> None:
        """Write down that code was under way: how far it came is not known."""
        for scope, talk in list(self.state.conversations.items()):
            if code_step(scope) not in self.state.open_steps or talk.speaker is None:
                continue
            speaker = next((name for name, turn in talk.open.items() if turn.conversation is None), talk.speaker)
            await self.writer.append(scope, CodeFinished(source=speaker, exit_code=CANCELLED, output=text("engine.run.code_broken_off")))

    async def _stop(self) -> None:
        await self._drop_all()
        await self._write_stop()

    async def _let_go(self, rests: bool) -> None:
        await self._drop_all()
        self.performer.limits.close()
        await self.work.close(rests=rests)

    async def _write_stop(self) -> None:
        if self.state.finished is not None:
            return
        try:
            async with asyncio.timeout(CLOSING):
                await self._partial()
                await self._broken_off()
                await self._finish("stopped", text("engine.run.stopped"), "stop")
        except StaleEpoch:
            pass
        except Exception as mistake:
            log.warning("run %s: its stop could not be written: %s", self.work.environment.run, mistake)

    async def _drop(self, talk: Conversation, which: Callable[[Due], bool] = lambda due: True) -> list[Due]:
        """Break off the steps of a conversation and of those within it; of them, those that are meant. Returns which those are."""
        gone = [key for key, (due, _) in self.running.items() if _lies_within(self.state, key[0], talk) and which(due)]
        dropped = [self.running.pop(key) for key in gone]
        tasks = [task for _, task in dropped]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSING)
        return [due for due, _ in dropped]

    async def _drop_all(self) -> None:
        await self._drop(self.state.main)


async def _whatever_happens(work: Coroutine[Any, Any, None]) -> None:
    """Do what must be done at the end, however often whoever waits for it is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError


def _lies_within(state: RunState, scope: str | None, talk: Conversation) -> bool:
    inner = state.conversations.get(scope)
    return talk.scope is None or any(each is talk for each in outwards(inner))


__all__ = ["Commands", "Environment", "Sink", "advance"]
