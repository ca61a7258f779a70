"""Runs: started, followed, answered, steered, forked, stopped, resumed and recovered. They belong to this process, never to a tab."""

from __future__ import annotations

import asyncio
import builtins
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, runtime_checkable
from weakref import WeakValueDictionary

from studio.engine.answers import IN_TIME
from studio.engine.errors import StaleEpoch
from studio.engine.events import YOU, Attachment, CodeStarted, CommandGiven, Event, MessageSaid, RunStarted, ToolStarted, now
from studio.engine.fold import fold
from studio.engine.models.base import Accounts
from studio.engine.models.prices import Prices
from studio.engine.session_thread import thread_of
from studio.engine.teams.team import Team
from studio.engine.tools.mcp_sign_in import SignIns
from studio.engine.tools.resources import let_go
from studio.flow.document import FlowDocument
from studio.flow.recorded import Recorded
from studio.runs import commands, recovery, rows
from studio.runs.attached import carried, check_attachments, write_attachments
from studio.runs.commands import Added, Wish
from studio.runs.deadlines import keep_answering
from studio.runs.errors import RunRefused, SessionMissing
from studio.runs.executions import Executions, installation_labels
from studio.runs.follow import frames_of
from studio.runs.forks import copy_files, forked
from studio.runs.guests import Guest
from studio.runs.live import Frame, Page
from studio.runs.lives import Lives
from studio.runs.override import GivenAddress, check_named, team_of
from studio.runs.owner import is_gone
from studio.runs.recording import write_down
from studio.runs.rows import NewRun, Options
from studio.runs.sink import RunSink
from studio.runs.spending import Spent, spending
from studio.runs.summary import RunSummary, summary_of
from studio.runs.tasks import MAX_TASK, check_task
from studio.settings import Settings
from studio.store.database import Database
from studio.store.event_log import EventLog
from studio.store.ids import new_id
from studio.store.redaction import Redactor

Command = Literal["pause", "resume", "step", "next_speaker"]

MAX_RUNS = 200
"""Runs that one process works on at once."""

MAX_LISTED = 10_000
"""Runs of one list."""

RECOVERY = 0.3
"""Seconds that a start waits for abandoned runs; the rest of them follows."""


@runtime_checkable
class Discreet(Protocol):
    """Accounts that know their keys well enough to take them out of texts."""

    @property
    def redactor(self) -> Redactor: ...


@dataclass(frozen=True, slots=True)
class Started:
    """The ids of a new run and of the session it belongs to."""

    run: str
    session: str


class Runs:
    """All runs of an installation. Its coroutines belong to one event loop; reading works from anywhere."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        settings: Settings,
        prices: Callable[[], Prices] = Prices,
        sign_ins: SignIns | None = None,
    ) -> None:
        redactor = accounts.redactor if isinstance(accounts, Discreet) else Redactor()
        self._database = database
        self._settings = settings
        self._log = EventLog(database, redactor.redact)
        self._lives = Lives(database, redactor)
        self._accounts = accounts
        self._executions = Executions(database, self._log, self._lives, accounts, redactor, settings, prices, sign_ins)
        self._chores: set[asyncio.Task[None]] = set()
        self._timekeeper: asyncio.Task[None] | None = None
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._closed = False

    # Starting ---------------------------------------------------------------------------------------------------------

    async def start(
        self,
        document: FlowDocument,
        task: str,
        *,
        flow_id: str | None = None,
        session: str | None = None,
        model: str | None = None,
        base_url: str | None = None,
        allow_local_code: bool = False,
        attachments: Sequence[Attachment] = (),
        commands: Sequence[Wish] = (),
        guest: Guest | None = None,
    ) -> Started:
        """Run a drawing on a task; returns as soon as the run is stored. A `session` makes it hear what was said there before.

        `attachments` belong to the task and lie in the run's work folder; `commands` are given before its first step. `model` and
        `base_url` replace the model of every agent. A `guest` starts it on terms of theirs. Raises FlowError, RunRefused and
        SessionMissing; then nothing is stored.
        """
        self._check_room()
        check_attachments(attachments)
        options = Options(model or None, base_url or None, allow_local_code or rows.has_consent(self._database, flow_id))
        begun = session or new_id()
        if guest is not None:
            options = replace(options, allow_local_code=False, money=guest.money, seconds=guest.seconds, person=f"guest {begun}")
        team = team_of(document, options)
        check_task(team, task)
        if options.base_url:
            check_named(team, GivenAddress(self._accounts, options.base_url))
        history: tuple[Any, ...] = () if guest is None else guest.history
        if session is not None:
            if (last := rows.newest_of_session(self._database, session)) is None:
                raise SessionMissing(session)
            history = (*thread_of(await asyncio.to_thread(self._log.read, last)), *history)
        new = NewRun(new_id(), begun, session is None, flow_id, document, task, options, self._executions.owner)
        events = (
            RunStarted(
                seq=1,
                time=now(),
                source=YOU,
                task=task,
                flow=document.name,
                history=history,
                attachments=tuple(attachments),
                via="" if guest is None else guest.via,
            ),
        )
        await self._insert(new, events)
        await asyncio.to_thread(write_attachments, self._settings.work_dir / new.id, carried(history, attachments))
        self._begin(new, events, team)
        for wish in commands:
            self._executions.wish(new.id, wish)
        return Started(new.id, new.session_id)

    async def fork(self, run: str, seq: int) -> Started:
        """A new run that goes on from event `seq` of another one, with a copy of its log up to there, in a session of its own.

        Raises RunRefused, NoSuchEvent, FlowError and RunMissing.
        """
        self._check_room()
        row = rows.row_of(self._database, run)
        document, options = await asyncio.to_thread(rows.document_of, self._database, run)
        team = team_of(document, options)
        fork = forked(team, await asyncio.to_thread(self._log.read, run), run, seq)
        new = NewRun(new_id(), new_id(), True, row.flow_id, document, row.task, options, self._executions.owner)
        folder = self._settings.work_dir
        left = await asyncio.to_thread(copy_files, folder / run, folder / new.id)
        events = fork.events
        if left is not None:
            events = (*events, left.model_copy(update={"seq": len(events) + 1}))
        await self._insert(new, events)
        if fork.computes:
            self._begin(new, events, team)
        else:
            self._lives.leave(self._lives.of(new.id))
            await asyncio.to_thread(self._executions.deadlines.find, self._database)
            self._keep_time()
        return Started(new.id, new.session_id)

    async def record(self, recorded: Recorded, document: FlowDocument, flow_id: str | None, session: str | None = None) -> Started:
        """Keep a run that was held elsewhere, as it happened. Its events must end with `run_finished`. Raises DatabaseUnusable."""
        new = NewRun(new_id(), session or new_id(), session is None, flow_id, document, recorded.task, Options(), self._executions.owner)
        entries = self._log.entries(recorded.events)
        await self._log.soon(lambda connection: write_down(connection, new, recorded.events, entries, recorded.started))
        return Started(new.id, new.session_id)

    def allow_local_code(self, flow_id: str, yes: bool) -> None:
        """Remember that this flow may always run code on this machine, or forget it."""
        rows.set_consent(self._database, flow_id, yes)

    # Following --------------------------------------------------------------------------------------------------------

    async def follow(self, run: str, after: int = 0) -> AsyncGenerator[Frame]:
        """The frames of the run channel: all events after a number, what is being spoken, then everything as it happens.

        Ends only when the reader or the service closes. A slow reader misses nothing. Raises RunMissing.
        """
        async with aclosing(self._follow(run, after)) as told:
            async for piece in told:
                yield piece.frame() if isinstance(piece, Page) else piece

    async def follow_text(self, run: str, after: int = 0) -> AsyncGenerator[str]:
        """The same frames as JSON, ready to be sent: stored events are passed on as they are, which makes long logs open quickly."""
        async with aclosing(self._follow(run, after)) as told:
            async for piece in told:
                yield piece.text() if isinstance(piece, Page) else json.dumps(piece, ensure_ascii=False)

    # Answering, steering, stopping, resuming, recovering ----------------------------------------------------------------------------

    async def answer(self, run: str, question: str, text: str, approved: bool | None = None, by: str = YOU) -> None:
        """Answer an open question, once, whoever asked and wherever it is answered; the run goes on.

        Raises AnswerRefused when it was answered already, was never asked or is not open any more, FlowError and RunMissing.
        """
        self._check_room(run)
        team, options = await self._team(run)
        owner = self._executions.owner
        async with self._turn(run):
            if run in self._executions:
                fitting = await self._log.soon(lambda connection: commands.fitting(connection, run, question, text, approved, by))
                if await self._executions.answer(run, fitting):
                    return
            added = await self._log.soon(
                lambda connection: commands.answer(connection, self._log, owner, run, question, text, approved, by)
            )
            await self._take_over(run, added, team, options)

    async def limit_money(self, run: str, most: float) -> None:
        """Let a run that waits cost at most so many US dollars, what it has cost included, from when it goes on. Raises RunMissing."""
        await self._log.soon(lambda connection: rows.set_money(connection, run, most))

    async def command(self, run: str, command: Command, speaker: str = "") -> None:
        """Pause a run, let it go on, let it do one step, or name who speaks next: between two of its steps.

        Raises RunRefused, FlowError and RunMissing.
        """
        wish = CommandGiven(source=YOU, command=command, speaker=speaker if command == "next_speaker" else "")
        if command == "next_speaker":
            team, _ = await self._team(run)
            if speaker not in {agent.name for agent in team.participants}:
                raise RunRefused("no_such_speaker", speaker=speaker[:100])
        await self._steer(run, wish)

    async def say(self, run: str, words: str, by: str = YOU) -> None:
        """Put a message into a run that computes, waits or is paused; all hear it. Raises RunRefused, FlowError and RunMissing."""
        if not words.strip():
            raise RunRefused("nothing_said")
        if len(words) > MAX_TASK:
            raise RunRefused("task_too_long", size=len(words), limit=MAX_TASK)
        await self._steer(run, MessageSaid(source=by, role="human", text=words))

    async def _steer(self, run: str, wish: Wish) -> None:
        if self._executions.wish(run, wish):
            return
        async with self._turn(run):
            if self._executions.wish(run, wish):
                return
            self._check_room(run)
            await self._executions.rest(run)
            team, options = await self._team(run)
            owner = self._executions.owner
            added = await self._log.soon(lambda connection: commands.steer(connection, self._log, owner, run, wish, team))
            if added is None:
                raise RunRefused("elsewhere")
            if added.goes_on:
                await self._take_over(run, added, team, options)
                return
            live = self._lives.of(run)
            live.appended(added.events, added.entries)
            self._lives.leave(live)

    async def stop(self, run: str) -> None:
        """End a run: what is under way is broken off within a second. One that is at its end stays as it is. Raises RunMissing."""
        await self._executions.end(run)
        await let_go(self._settings.work_dir / run)
        added = await self._log.soon(lambda connection: commands.stop(connection, self._log, self._executions.owner, run))
        if added is not None:
            self._lives.of(run).appended(added.events, added.entries)
            self._lives.leave(self._lives.of(run))

    async def resume(self, run: str) -> None:
        """Go on with a run that was interrupted, failed or was stopped. Raises RunRefused, FlowError and RunMissing."""
        self._check_room(run)
        async with self._turn(run):
            known = self._log.head(run)
            if known.status == "running" and run in self._executions:
                raise RunRefused("still_running")
            team, options = await self._team(run)
            dead = known.owner if known.owner is not None and is_gone(known.owner) else None
            try:
                added = await self._log.soon(lambda connection: commands.resume(connection, self._log, self._executions.owner, run, dead))
            except StaleEpoch:
                raise RunRefused("still_running") from None
            await self._take_over(run, added, team, options)

    async def recover(self) -> None:
        """Take up what a process that is gone left behind, now and whenever another one goes; called once, at the start.

        A run goes on from its last completed step. If a tool or code was under way, nobody knows how far it came: then the run is
        interrupted and offers to be resumed. Runs that wait for a person go on waiting.
        """
        rooms = (self._database, self._log, self._lives, self._executions)
        broken_off = any(row.status in ("running", "interrupted") for row in self.list())
        first = self._keep(recovery.take_up_all(*rooms))
        await asyncio.wait({first}, timeout=RECOVERY)
        self._keep(recovery.keep_looking(*rooms))
        self._keep_time()
        if broken_off:
            # Only they can have left containers; Docker's own package is not loaded for nothing.
            self._keep(self._remove_left_containers())

    async def _remove_left_containers(self) -> None:
        """Containers end with the process that began them; this is for what a machine that stopped hard left in its engine."""
        from studio.engine.code.docker_engine import remove_orphans

        computing = {row.id for row in self.list() if row.status == "running"}
        await remove_orphans(installation_labels(self._settings), computing)

    # Reading ----------------------------------------------------------------------------------------------------------

    def list(self, limit: int = 100, flow_id: str | None = None) -> builtins.list[RunSummary]:
        """The newest runs first, of one flow if it is named."""
        return [summary_of(row) for row in rows.newest(self._database, max(1, min(limit, MAX_LISTED)), flow_id)]

    def spending(self) -> builtins.list[Spent]:
        """What all runs have cost, by account and model. Blocks: call it in a thread."""
        return spending(self._database)

    def get(self, run: str) -> RunSummary:
        """Raises RunMissing."""
        return summary_of(rows.row_of(self._database, run))

    def here(self) -> frozenset[str]:
        """The runs that this process works on, those that wait for one answer and compute elsewhere among them."""
        return frozenset(self._executions)

    def newest_of(self, session: str) -> RunSummary | None:
        """The last run of a session, None where there is no such session."""
        run = rows.newest_of_session(self._database, session)
        return None if run is None else self.get(run)

    def events(self, run: str, after: int = 0) -> builtins.list[Event]:
        """The log of a run. Raises RunMissing and LogBroken."""
        self._log.head(run)
        return self._log.read(run, after)

    def document(self, run: str) -> FlowDocument:
        """The drawing as it ran. Raises RunMissing."""
        return rows.document_of(self._database, run)[0]

    async def close(self) -> None:
        """Leave everything so that the next process goes on with it: runs that compute are not stopped but left at their last step."""
        if self._closed:
            return
        self._closed = True
        for chore in self._chores:
            chore.cancel()
        if self._chores:
            await asyncio.wait(self._chores, timeout=1)
        await self._executions.abandon()
        await let_go(self._settings.work_dir)
        self._lives.close()
        await asyncio.to_thread(self._log.close)

    # ------------------------------------------------------------------------------------------------------------------

    async def _insert(self, new: NewRun, events: Sequence[Event]) -> None:
        entries = self._log.entries(events)
        await self._log.soon(lambda connection: rows.insert(connection, new, events, entries))
        live = self._lives.new(new.id, new.session_id, new.flow_id)
        live.appended(events, entries)

    def _begin(self, new: NewRun, events: Sequence[Event], team: Team) -> None:
        self._keep_time()
        self._executions.go_on(self._lives.of(new.id), 1, team, new.options, events)

    def _keep_time(self) -> None:
        """Let questions answer themselves when their time is over."""
        if self._timekeeper is None or self._timekeeper.done():
            self._timekeeper = self._keep(keep_answering(self._executions.deadlines, self._database, self._answer_in_time))

    async def _answer_in_time(self, run: str, question: str, text: str, approved: bool | None) -> None:
        await self.answer(run, question, text, approved, by=IN_TIME)

    async def _follow(self, run: str, after: int) -> AsyncGenerator[Page | Frame]:
        live = self._lives.of(run)
        try:
            async with aclosing(frames_of(live, self._log, after)) as told:
                async for piece in told:
                    yield piece
        finally:
            self._lives.leave(live)

    def _turn(self, run: str) -> asyncio.Lock:
        """Of those who answer, steer or resume one run here, the next begins when the one before has let the run go on."""
        return self._turns.setdefault(run, asyncio.Lock())

    async def _take_over(self, run: str, added: Added, team: Team, options: Options) -> None:
        """Go on with a run after a person did something to it, when the execution before has let go of it.

        Where it was asked while a tool or code was under way elsewhere in it, and their process is gone, it is interrupted instead:
        nobody knows how far they came, and nothing is done twice that nobody wanted twice.
        """
        left = await self._executions.rest(run)
        live = self._lives.of(run)
        live.appended(added.events, added.entries)
        events = await asyncio.to_thread(self._log.read, run)
        if any(isinstance(event, ToolStarted | CodeStarted) for event in events):
            state = await asyncio.to_thread(fold, team, events)
            if state.open_steps:
                await recovery.interrupt(state, live, RunSink(live, self._log, added.epoch), self._lives)
                return
        self._executions.go_on(live, added.epoch, team, options, events, left)

    async def _team(self, run: str) -> tuple[Team, Options]:
        document, options = await asyncio.to_thread(rows.document_of, self._database, run)
        return team_of(document, options), options

    def _keep(self, chore: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)
        return task

    def _check_room(self, run: str = "") -> None:
        if self._closed:
            raise RunRefused("closing")
        if run not in self._executions and len(self._executions) >= MAX_RUNS:
            raise RunRefused("too_many", count=MAX_RUNS)
