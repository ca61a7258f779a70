"""The runs that this process works on: one task each, kept alive, kept ours, and ended so that the log says how."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from studio.engine.advance import Environment, advance
from studio.engine.errors import ConveneError, StaleEpoch
from studio.engine.events import CommandGiven, ErrorHappened, Event, QuestionAnswered, RunFinished, now
from studio.engine.models.base import Account, Accounts
from studio.engine.models.prices import Prices
from studio.engine.teams.team import Team
from studio.engine.tools.mcp_sign_in import SignIns
from studio.runs import rows
from studio.runs.deadlines import Deadlines
from studio.runs.errors import RunRefused
from studio.runs.live import Live
from studio.runs.lives import Lives
from studio.runs.override import GivenAddress
from studio.runs.owner import new_owner
from studio.runs.rows import Options
from studio.runs.sink import RunSink
from studio.settings import Settings
from studio.store.database import Database
from studio.store.event_log import EventLog
from studio.store.log_rows import LEASE
from studio.store.redaction import Redactor
from studio.texts import text

log = logging.getLogger("studio.runs")

STOPPING = 8.0
"""Seconds after which a run that does not end is left to itself; what it still writes is refused."""

MOST_WISHES = 100
"""What people may want of a run between two of its steps."""

WATCH = 1.0
"""Seconds between looks whether another process took a run of ours over."""


@dataclass(slots=True)
class Execution:
    """`ending` is set once somebody stopped it: to cancel it again would interrupt the writing of its end."""

    task: asyncio.Task[None]
    live: Live
    sink: RunSink
    wishes: Wishes
    ending: bool = False


@dataclass(slots=True)
class Wishes:
    """What people want of a run that computes, until it takes them between two steps. Once `closed` it takes no more.

    `knock` tells the execution that there is something; an `answer` comes before all else, and `answered` is set when it stands in
    the log.
    """

    given: list[Event] = field(default_factory=list)
    closed: bool = False
    knock: asyncio.Event = field(default_factory=asyncio.Event)
    answer: QuestionAnswered | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self) -> Iterator[Event]:
        """One after the other; each is kept until the next is asked for: then it stands in the log."""
        if self.answer is not None:
            yield self.answer
            self.answer = None
            self.answered.set()
        while self.given:
            yield self.given[0]
            del self.given[0]

    def take_at_once(self) -> Iterator[Event]:
        """Of what was given, who is to speak next: that may hold while somebody has the turn."""
        while (wish := next((each for each in self.given if isinstance(each, CommandGiven) and each.speaker), None)) is not None:
            yield wish
            self.given.remove(wish)

    @property
    def any(self) -> bool:
        return bool(self.given) or self.answer is not None


def installation_labels(settings: Settings) -> dict[str, str]:
    """What tells the containers of one data directory from those of another."""
    return {"convene.data": hashlib.sha256(str(settings.data_dir).encode()).hexdigest()[:16]}


class Executions:
    """Belongs to one event loop. `owner` is what the database calls this process."""

    def __init__(
        self,
        database: Database,
        event_log: EventLog,
        lives: Lives,
        accounts: Accounts,
        redactor: Redactor,
        settings: Settings,
        prices: Callable[[], Prices] = Prices,
        sign_ins: SignIns | None = None,
    ) -> None:
        self.owner = new_owner()
        self._database = database
        self._log = event_log
        self._lives = lives
        self._accounts = accounts
        self._redactor = redactor
        self._settings = settings
        self._prices = prices
        self._sign_ins = sign_ins
        self._running: dict[str, Execution] = {}
        self._watching: asyncio.Task[None] | None = None
        self.deadlines = Deadlines()

    def __len__(self) -> int:
        return len(self._running)

    def __iter__(self) -> Iterator[str]:
        return iter(self._running)

    def __contains__(self, run: str) -> bool:
        return run in self._running

    def go_on(self, live: Live, epoch: int, team: Team, options: Options, events: Sequence[Event], left: Sequence[Event] = ()) -> None:
        """Work on a run from where its log stands, as the holder of this epoch; `left` is what the execution before did not take."""
        sink = RunSink(live, self._log, epoch, self.owner, self.deadlines.note)
        live.here, live.status = True, "running"
        wishes = Wishes(list(left))
        task = asyncio.create_task(self._work(live, sink, team, options, events, wishes), name=f"run {live.run}")
        self._running[live.run] = Execution(task, live, sink, wishes)
        task.add_done_callback(partial(self._rested, live, sink))
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch(), name="keep runs")

    def wish(self, run: str, event: Event) -> bool:
        """Hand a command or a message to the execution of a run. False when there is none here that takes it. Raises RunRefused."""
        execution = self._running.get(run)
        if execution is None or execution.wishes.closed or execution.live.status not in ("running", "waiting", "paused"):
            return False
        if execution.live.status == "waiting" and isinstance(event, CommandGiven) and event.command in ("resume", "step"):
            raise RunRefused("still_waiting")
        if len(execution.wishes.given) >= MOST_WISHES:
            raise RunRefused("too_many_wishes", count=MOST_WISHES)
        execution.wishes.given.append(event)
        execution.wishes.knock.set()
        return True

    async def answer(self, run: str, answer: QuestionAnswered) -> bool:
        """Hand an answer to the execution that asked and still computes elsewhere in the run; returns when it stands in the log.

        False when there is none here that takes it. Of those who answer one run, one at a time may call this.
        """
        execution = self._running.get(run)
        if execution is None or execution.wishes.closed or execution.ending:
            return False
        wishes = execution.wishes
        wishes.answer = answer
        wishes.answered.clear()
        wishes.knock.set()
        taken = asyncio.create_task(wishes.answered.wait())
        try:
            await asyncio.wait({taken, execution.task}, timeout=STOPPING, return_when=asyncio.FIRST_COMPLETED)
        finally:
            taken.cancel()
            wishes.answer = None
        return wishes.answered.is_set()

    async def end(self, run: str) -> None:
        """Break off what is under way, if this process works on the run."""
        if (execution := self._running.get(run)) is not None:
            _cancel(execution)
            await self._gone(execution)

    async def rest(self, run: str) -> Sequence[Event]:
        """Wait until the execution that asked a question has let go of the run. Returns what people want of the run and it did not take."""
        if (execution := self._running.get(run)) is None:
            return ()
        await self._gone(execution)
        return execution.wishes.given

    async def abandon(self) -> None:
        """Drop everything without a word in the logs, so that the next process goes on where they stand."""
        for execution in self._running.values():
            execution.sink.cut_off = True
            _cancel(execution)
        tasks = {execution.task for execution in self._running.values()}
        if self._watching is not None:
            self._watching.cancel()
            tasks.add(self._watching)
        if tasks:
            await asyncio.wait(tasks, timeout=STOPPING)
        try:
            await self._log.soon(partial(rows.let_go, owner=self.owner))
        except ConveneError as problem:
            log.warning("the runs of this process stay its own until their leases end: %s", problem)

    async def broke(self, live: Live, sink: RunSink, problem: Exception) -> None:
        """Write into the log why a run cannot go on."""
        sink.failure = None
        what = problem.sentence if isinstance(problem, ConveneError) else f"{type(problem).__name__}: {problem}"
        code = problem.code if isinstance(problem, ConveneError) else "unforeseen"
        sentence = text("runs.broken", what=what.rstrip("."))
        try:
            last = self._log.head(live.run).last_seq
            error = ErrorHappened(seq=last + 1, time=now(), code=code, text=sentence, remedy=text("runs.broken.remedy"))
            await sink.append([error, RunFinished(seq=last + 2, time=now(), status="failed", stop_reason=sentence, by=code)])
        except ConveneError as again:
            log.warning("run %s: its end could not be written: %s", live.run, again)
            live.status = "interrupted"
            live.ring()

    async def _gone(self, execution: Execution) -> None:
        await asyncio.wait({execution.task}, timeout=STOPPING)
        # One that does not let itself be ended may go on for itself, but nothing that it writes counts any more.
        execution.sink.cut_off = True

    async def _work(self, live: Live, sink: RunSink, team: Team, options: Options, events: Sequence[Event], wishes: Wishes) -> None:
        """One execution, from wherever the log stands to the next rest."""
        environment = self._environment(live.run, options)
        try:
            while True:
                status = await advance(team, events, sink, environment, wishes.take, wishes.knock, wishes.take_at_once)
                if status in ("waiting", "paused") and live.status != status:
                    await self._log.soon(partial(rows.set_rest, run=live.run, epoch=sink.epoch, status=status))
                    live.status = status
                if not wishes.any or status not in ("waiting", "paused"):
                    break
                # They came after the last step. A run that waits goes on waiting: it may be answered at any time.
                if status == "paused":
                    await self._log.soon(partial(rows.set_running, run=live.run, epoch=sink.epoch, owner=self.owner))
                    live.status = "running"
                events = await asyncio.to_thread(self._log.read, live.run)
            wishes.closed = True
        except asyncio.CancelledError:
            log.info("run %s was broken off", live.run)
        except StaleEpoch:
            log.info("run %s was taken over by another process, or ended there", live.run)
        except Exception as problem:
            log.exception("run %s broke", live.run)
            await self.broke(live, sink, problem)

    def _rested(self, live: Live, sink: RunSink, task: asyncio.Task[None]) -> None:
        """A task that was cancelled before its first step never gets to a `finally` of its own: this is called for every one."""
        if (mine := self._running.get(live.run)) is not None and mine.sink is sink:
            del self._running[live.run]
            live.here = False
            live.hush()
            live.ring()
            self._lives.leave(live)
        if not task.cancelled() and (problem := task.exception()) is not None:
            log.error("run %s: %s", live.run, problem)

    def _environment(self, run: str, options: Options) -> Environment:
        folder = self._settings.work_dir / run
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        accounts: Accounts = GivenAddress(self._accounts, options.base_url) if options.base_url else self._accounts
        return Environment(
            accounts=_Learning(accounts, self._redactor),
            folder=folder,
            run=run,
            docker_image=self._settings.docker_image,
            allow_local_code=options.allow_local_code,
            prices=self._prices(),
            labels={"convene.run": run, **installation_labels(self._settings)},
            environments=self._settings.data_dir / "environments",
            memories=self._settings.data_dir / "memories",
            documents=self._settings.data_dir / "documents",
            person=options.person,
            redact=self._redactor.redact,
            sign_ins=self._sign_ins,
        )

    async def _watch(self) -> None:
        """Renew our leases, and let go of what somebody else took."""
        clock = asyncio.get_running_loop().time
        renewed = clock()
        while self._running:
            await asyncio.sleep(WATCH)
            mine = {run: execution.sink.epoch for run, execution in self._running.items()}
            try:
                newest = await asyncio.to_thread(rows.epochs, self._database, list(mine))
                for run, epoch in mine.items():
                    execution = self._running.get(run)
                    if execution is not None and execution.sink.epoch == epoch and newest.get(run) != epoch:
                        execution.sink.cut_off = True
                        _cancel(execution)
                if clock() - renewed > LEASE.total_seconds() / 3:
                    renewed = clock()
                    await self._log.soon(partial(rows.renew, owner=self.owner, runs=list(mine)))
            except Exception:
                log.exception("the runs of this process could not be looked after")


def _cancel(execution: Execution) -> None:
    if not execution.ending:
        execution.ending = True
        execution.task.cancel()


class _Learning:
    """Accounts whose keys are taken out of everything from the moment that they are used."""

    def __init__(self, accounts: Accounts, redactor: Redactor) -> None:
        self._accounts = accounts
        self._redactor = redactor

    def account(self, name: str) -> Account:
        """Raises AccountMissing."""
        account = self._accounts.account(name)
        self._redactor.know(account.key)
        return account
