"""One run of a script's team or agent: the engine's run, its log, and what of it goes out to the script as it happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from studio.engine.advance import advance
from studio.engine.agentchat.base import Said, Task, TerminationCondition
from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.environment import script_environment
from studio.engine.agentchat.errors import RunFailed
from studio.engine.agentchat.messages import BaseChatMessage, CodeExecutionEvent, CodeGenerationEvent, TextMessage, UserInputRequestedEvent
from studio.engine.agentchat.stop_rule import RunRule
from studio.engine.agentchat.translation import Translation, event_of
from studio.engine.events import (
    YOU,
    CommandGiven,
    ConversationClosed,
    ConversationOpened,
    ErrorHappened,
    Event,
    LedgerWritten,
    QuestionAnswered,
    QuestionAsked,
    RunFinished,
    RunStarted,
    SpeakerChosen,
    TextDelta,
    ThreadEvent,
    TransientEvent,
    Voided,
)
from studio.engine.session_thread import thread_of
from studio.engine.subjects import CONSENT
from studio.engine.teams.team import Team

if TYPE_CHECKING:
    from studio.engine.agentchat.agents.chat_agent import BaseChatAgent

UNHEARD = (CodeGenerationEvent, CodeExecutionEvent, UserInputRequestedEvent)
"""Events that are shown, but that stop rules are not asked about: AutoGen's choice, kept."""


def task_messages(task: Task) -> list[BaseChatMessage]:
    """What a script gave as a task, as messages. Raises ValueError for an empty list and for what is no message."""
    if task is None:
        return []
    if isinstance(task, str):
        return [TextMessage(content=task, source="user")]
    if isinstance(task, BaseChatMessage):
        return [task]
    messages = list(task)
    if not messages:
        raise ValueError("Task list cannot be empty.")
    for message in messages:
        if not isinstance(message, BaseChatMessage):
            raise ValueError("All messages in task list must be valid BaseChatMessage types")
    return messages


class Run:
    """`history` is what was said before, `earlier` the same in AgentChat's words; `first` is the number of the log's first event."""

    def __init__(
        self,
        agents: Mapping[str, BaseChatAgent],
        task: Task,
        history: Sequence[ThreadEvent] = (),
        earlier: Iterable[Said] = (),
        first: int = 1,
        token: CancellationToken | None = None,
        manager: str | None = None,
    ) -> None:
        self.agents = dict(agents)
        self.task = task_messages(task)
        self.token = token or CancellationToken()
        self.said: list[Said] = list(earlier)
        self.heard: dict[str, int] = {}
        self.log: list[Event] = [RunStarted(seq=first, source=YOU, history=tuple(history))]
        self.words = Translation(self.agents, list(self.task), manager=manager)
        self.main = ""
        self._new: dict[str, list[Said]] = {}
        self._tasks: dict[str, list[Said]] = {}
        self._rules: list[TerminationCondition] = []
        self._begun: set[str] = set()
        self._inner: set[int] = set()
        self._again: set[str] = set()
        self._teams: dict[str | None, tuple[str, ...]] = {}
        self._queue: asyncio.Queue[Said | None] = asyncio.Queue()
        self._history = len(history)
        self._known = {id(event) for event in history}
        self._commands: list[Event] = []
        self._resumed = asyncio.Event()
        self._resumed.set()

    # What steers it ----------------------------------------------------------------------------------------------------

    def hold(self) -> None:
        """Pause between two steps."""
        self._commands.append(CommandGiven(source=YOU, command="pause"))
        self._resumed.clear()

    def go_on(self) -> None:
        if not self._resumed.is_set():
            self._commands.append(CommandGiven(source=YOU, command="resume"))
            self._resumed.set()

    def _given(self) -> Sequence[Event]:
        given, self._commands = self._commands, []
        return given

    # What others of this run ask ---------------------------------------------------------------------------------------

    def news_of(self, team: str) -> tuple[list[Said] | None, list[Said]]:
        """What a team's stop rule was not asked about yet: the task's messages, None after the first time, and what was said since."""
        task: list[Said] | None = None
        if team not in self._begun:
            self._begun.add(team)
            task = list(self.task) if team == self.main else self._tasks.pop(team, [])
        return task, self._new.pop(team, [])

    def rule(self, condition: TerminationCondition, team: str) -> RunRule:
        """A script's stop rule as the engine asks it in this run."""
        self._rules.append(condition)
        return RunRule(condition=condition, run=self, team=team)

    async def reset_rules(self) -> None:
        """After the run: its rules can be met again."""
        for condition in self._rules:
            await condition.reset()

    def opened_again(self, team: str) -> bool:
        """Whether a team within begins anew, so that its stop rule must too."""
        again = team in self._again
        self._again.discard(team)
        return again

    def unheard(self, name: str) -> list[BaseChatMessage]:
        """What the others said since an agent spoke last."""
        since, self.heard[name] = self.heard.get(name, 0), len(self.said)
        new = self.said[since:]
        return [each for each in new if isinstance(each, BaseChatMessage) and each.source != name and id(each) not in self._inner]

    def emit(self, message: Said, scope: str | None = None) -> None:
        """Something that an agent of the script's own class shows while it works."""
        self._inner.add(id(message))
        self._take(message, scope)

    def apart(self, remembered: Sequence[ThreadEvent]) -> tuple[ThreadEvent, ...]:
        """What an agent remembers besides what the run's conversation holds anyway."""
        return tuple(event for event in remembered if id(event) not in self._known)

    @property
    def thread(self) -> tuple[ThreadEvent, ...]:
        """What was said before and in this run."""
        return thread_of(self.log)

    @property
    def new(self) -> tuple[ThreadEvent, ...]:
        """What was said in this run."""
        return self.thread[self._history :]

    @property
    def speakers(self) -> list[str]:
        """Who was chosen to speak, in order, in the run's own conversation."""
        return [event.speaker for event in self.log if isinstance(event, SpeakerChosen) and event.scope is None]

    # The engine's sink -------------------------------------------------------------------------------------------------

    immediate = True

    async def append(self, events: Sequence[Event]) -> None:
        """Keep the events, and let whoever listens see what was said before anything else happens."""
        before = len(self.said)
        self._append(events)
        if len(self.said) > before:
            await asyncio.sleep(0)

    def _append(self, events: Sequence[Event]) -> None:
        for event in events:
            self.log.append(event)
            match event:
                case ConversationOpened():
                    outer = self._teams.get(event.scope, (self.main,))
                    self._teams[event.id] = (*(outer if event.heard or event.call is None else ()), event.team)
                    if event.call is not None:
                        self.words.called.add(event.id)
                    else:
                        self._tasks[event.team] = list(self.unheard(event.source))
                    if event.team in self._begun:
                        self._begun.discard(event.team)
                        self._again.add(event.team)
                        self._new.pop(event.team, None)
                case ConversationClosed():
                    self._teams.pop(event.id, None)
                case _:
                    for message in self.words.take(event):
                        self._take(message, event.scope)

    def show(self, event: TransientEvent) -> None:
        if isinstance(event, TextDelta) and (piece := self.words.chunk(event)) is not None:
            self._queue.put_nowait(piece)
        elif isinstance(event, Voided):
            self.words.void(event.source)

    def _take(self, message: Said, scope: str | None) -> None:
        self._queue.put_nowait(message)
        self.said.append(message)
        if isinstance(message, UNHEARD) or any(message is task for task in self.task):
            return
        if scope in self.words.called and message.source == "user":
            self._tasks[self._teams[scope][-1]] = [message]
            return
        for team in self._teams.get(scope, (self.main,)):
            self._new.setdefault(team, []).append(message)

    # The run -----------------------------------------------------------------------------------------------------------

    async def play(self, team: Team, extra: Sequence[Event] = ()) -> AsyncGenerator[Said]:
        """What happens, as it happens. Raises RunFailed, and CancelledError when the token is cancelled."""
        self.main = team.name
        if self.token.is_cancelled():
            raise asyncio.CancelledError
        seq = self.log[-1].seq
        opening = [*extra, *(event_of(message, "task") for message in self.task)]
        self._append([event.model_copy(update={"seq": seq + number}) for number, event in enumerate(opening, 1)])
        work = asyncio.ensure_future(self._converse(team))
        self.token.link_future(work)
        work.add_done_callback(lambda _: self._queue.put_nowait(None))
        try:
            while (message := await self._queue.get()) is not None:
                yield message
            await work
        finally:
            work.cancel()
            await asyncio.wait([work])
            if not work.cancelled():
                work.exception()  # looked at: a run that nobody listens to any more may fail
        self._raise_failure()

    async def _converse(self, team: Team) -> None:
        with script_environment() as environment:
            while (status := await advance(team, self.log, self, environment, self._given)) in ("waiting", "paused"):
                if status == "paused":
                    await self._resumed.wait()
                    continue
                question = next(event for event in reversed(self.log) if isinstance(event, QuestionAsked))
                text, approved = await self._answer(question)
                seq = self.log[-1].seq + 1
                await self.append([QuestionAnswered(seq=seq, source=question.source, question=question.id, text=text, approved=approved)])

    async def _answer(self, question: QuestionAsked) -> tuple[str, bool | None]:
        if question.subject.startswith(CONSENT):
            return "", True  # the script names the program or the address itself
        agent = self.agents.get(question.source)
        if agent is not None and not question.subject and (answer := await agent.answer(question, self)) is not None:
            return answer
        from studio.engine.terminal import Terminal

        typed = await Terminal().answer(question)
        return typed.text, typed.approved

    def _raise_failure(self) -> None:
        last = self.log[-1]
        if isinstance(last, RunFinished) and last.status == "failed":
            told = next((event for event in reversed(self.log) if isinstance(event, ErrorHappened)), None)
            raise RunFailed(told.text if told is not None else last.stop_reason, told.remedy if told is not None else "")

    @property
    def finished(self) -> RunFinished | None:
        last = self.log[-1]
        return last if isinstance(last, RunFinished) else None

    @property
    def last_ledger(self) -> LedgerWritten | None:
        """The newest report of a planner's progress."""
        return next((event for event in reversed(self.log) if isinstance(event, LedgerWritten) and event.page == "progress"), None)
