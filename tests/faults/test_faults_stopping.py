"""Stopping in any phase: within a second, nothing left running, an end in the log, and the same team can run again at once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import outlines
import pytest
from misbehaving import Half, Hangs, LearningMemory, Log, ScriptedExecutor, ScriptedMemory, ScriptedModel, calls, place
from model_server import Fault, ModelServer, Raw, Said
from patience import within

from studio.engine.advance import Environment, advance
from studio.engine.agents.assistant import Assistant
from studio.engine.agents.code_runner import CodeRunner
from studio.engine.agents.human import Human
from studio.engine.agents.python_agent import PythonAgent
from studio.engine.code.local import LocalExecutor
from studio.engine.conditions.function import FunctionRule
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.context.summary import SummaryOfOld
from studio.engine.errors import AccountMissing
from studio.engine.events import YOU, Event, MessageSaid, PartialSaid, RunFinished, RunStarted
from studio.engine.fold import fold
from studio.engine.models.base import Account, ModelRequest
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.outlines.asking import DESIGNER
from studio.engine.teams.chat import Chat
from studio.engine.teams.function_choice import FunctionChoice
from studio.engine.teams.graph import Graph, GraphEdge
from studio.engine.teams.model_choice import ModelChoice
from studio.engine.teams.planner import Planner
from studio.engine.teams.society import Society
from studio.engine.teams.swarm import Swarm
from studio.engine.teams.team import Team
from studio.engine.tools.expert_team import NAME, ExpertTeam
from studio.engine.tools.function import FunctionTool
from studio.engine.tools.python_tool import PythonTool
from studio.engine.tools.team_tool import TeamTool


@dataclass
class Phase:
    """Something that hangs the first time and goes well the second: the same team is to run again."""

    begun: int = 0
    started: asyncio.Event = field(default_factory=asyncio.Event)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    over: threading.Event = field(default_factory=threading.Event)
    """Set when the test is: nothing of it is waited for any longer."""

    def first(self) -> bool:
        self.begun += 1
        self.loop.call_soon_threadsafe(self.started.set)
        return self.begun == 1

    def model(self, good: Any = "fine", purpose: str = "", before: Any = "well") -> ScriptedModel:
        """Hangs at its first request of a purpose, or at its first of all."""

        def say(request: ModelRequest) -> Any:
            if purpose and request.purpose != purpose:
                return before
            return Hangs("half a ") if self.first() else good

        return ScriptedModel(say=say)

    async def wait(self) -> str:
        """Wait for ever, the first time."""
        if self.first():
            await asyncio.Event().wait()
        return "waited"

    async def stubborn(self) -> str:
        """Not to be cancelled for three seconds, the first time."""
        end = time.monotonic() + 3
        if self.first():
            while time.monotonic() < end and not self.over.is_set():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(end - time.monotonic())
        return "waited"

    def block(self, *_: Any) -> Any:
        """Block a thread, the first time."""
        if self.first():
            self.over.wait(3)
        return None


@pytest.fixture
async def phase() -> AsyncIterator[Phase]:
    phase = Phase()
    yield phase
    phase.over.set()


def saying(*said: Any) -> ScriptedModel:
    return ScriptedModel(say=lambda request: said[min(request.earlier_calls, len(said) - 1)])


def team(*members: Any, **more: Any) -> Team:
    return Team(participants=members, **{"stop": MaxMessages(max_messages=3), "max_turns": 4} | more)


def ann(model: Any = None, **more: Any) -> Assistant:
    return Assistant(name="ann", model=model or saying("hello"), **more)


def bob(model: Any = None, **more: Any) -> Assistant:
    return Assistant(name="bob", model=model or saying("hi"), **more)


def tool(function: Callable[..., Any]) -> Assistant:
    return ann(saying(calls(("wait", "{}")), "done"), tools=(FunctionTool.of(function, name="wait"),))


def in_parallel(phase: Phase) -> Team:
    graph = Graph(edges=(GraphEdge(source="ann", target="bob"), GraphEdge(source="ann", target="cy")))
    return team(ann(), bob(phase.model()), Assistant(name="cy", model=phase.model()), selection=graph, stop=None)


def summing(phase: Phase) -> Team:
    return team(
        ann(phase.model("short", purpose="summary", before="a long text " * 60), context=SummaryOfOld(tokens=100, keep=1)), stop=None
    )


def led(phase: Phase, who: str, purpose: str = "reply") -> Team:
    """A captain who has a team made up; whoever is named hangs the first time that they are asked for this."""
    wanted = calls((NAME, '{"group_name": "poets", "building_task": "a writer", "execution_task": "Write a line."}'))
    said = {"captain": wanted, DESIGNER: outlines.written(outlines.outline()), "writer": "a line", "critic": "APPROVED"}

    def say(request: ModelRequest) -> Any:
        if request.agent == who and request.purpose == purpose and phase.first():
            return Hangs("half a ")
        if request.agent == "captain" and request.earlier_calls:
            return "done"
        return said.get(request.agent, "in short: a line")

    return team(Assistant(name="captain", model=ScriptedModel(say=say), tools=(ExpertTeam(),)))


PHASES: dict[str, Callable[[Phase], Team]] = {
    "a model that speaks": lambda phase: team(ann(phase.model())),
    "a model that chooses": lambda phase: team(
        ann(), bob(), Human(name="eve", input_mode="never"), selection=ModelChoice(), model=phase.model("bob")
    ),
    "a model that chooses after work": lambda phase: team(
        ann(), bob(), Human(name="eve", input_mode="never"), selection=Swarm(after_work="model"), model=phase.model("bob")
    ),
    "a model that plans": lambda phase: team(ann(), selection=Planner(max_rounds=1), model=phase.model(REPORT)),
    "a model that sums up": summing,
    "a model that sums a chat up": lambda phase: team(
        Chat(name="chat", participants=(bob(),), summarised="model", model=phase.model("sum"), max_turns=1)
    ),
    "a tool": lambda phase: team(tool(phase.wait)),
    "a tool that does not let itself be cancelled": lambda phase: team(tool(phase.stubborn)),
    "a tool in a thread": lambda phase: team(tool(lambda: phase.block())),
    "a memory": lambda phase: team(ann(memory=(ScriptedMemory(outcome=Hangs()),))),
    "a memory that learns": lambda phase: team(ann(memory=(LearningMemory(outcome=Hangs()),))),
    "code": lambda phase: team(ann(saying("```python\n1\n```")), CodeRunner(name="runner", executor=ScriptedExecutor(outcome=Hangs()))),
    "a function that answers": lambda phase: team(PythonAgent(name="py", function=phase.block)),
    "a function that answers and is not to be cancelled": lambda phase: team(PythonAgent(name="py", function=lambda _: phase.stubborn())),
    "a function that chooses": lambda phase: team(ann(), bob(), selection=FunctionChoice(function=phase.block)),
    "a function that says whether it is over": lambda phase: team(ann(), stop=FunctionRule(function=phase.block)),
    "a team in a team": lambda phase: team(team(bob(phase.model()), name="inner"), ann()),
    "a team in a team in a team": lambda phase: team(team(team(bob(phase.model()), name="low"), name="middle"), ann()),
    "a society that speaks": lambda phase: team(Society(name="we", participants=(bob(),), model=phase.model(), max_turns=1)),
    "a team as a tool": lambda phase: team(
        ann(saying(calls(("inner", '{"task": "go"}')), "done"), tools=(TeamTool(team=team(bob(phase.model()), name="inner")),))
    ),
    "a model that makes a team up": lambda phase: led(phase, DESIGNER),
    "a team that was made up": lambda phase: led(phase, "critic"),
    "a model that sums up what such a team said": lambda phase: led(phase, "poets", "summary"),
    "branches at the same time": in_parallel,
}
REPORT = (
    '{"is_request_satisfied": false, "is_in_loop": false, "is_progress_being_made": true, "next_speaker": "ann", '
    '"instruction": "go", "reason": "so"}'
)
HANG_EVERY_TIME = {"a memory", "a memory that learns", "code"}


async def until(holds: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(within(seconds)):
        while not holds():  # noqa: ASYNC110 - files and processes ring no bell
            await asyncio.sleep(0.02)


async def stop(work: asyncio.Task[Any]) -> None:
    began = time.monotonic()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert time.monotonic() - began < within(1)


def tasks_of_runs() -> set[str]:
    return {each.get_name() for each in asyncio.all_tasks() if each.get_name().startswith("step of")}


def check_end(drawn: Team, log: Log) -> None:
    assert [event.seq for event in log.events] == list(range(1, len(log.events) + 1))
    ends = [event for event in log.events if isinstance(event, RunFinished)]
    assert ends == log.events[-1:]
    assert ends[0].status == "stopped"
    assert fold(drawn, log.events) == fold(drawn, log.events)


@pytest.mark.parametrize("name", PHASES)
@pytest.mark.parametrize("immediate", [True, False])
async def test_stopping_in_this_phase(name: str, immediate: bool, phase: Phase, tmp_path: Path) -> None:
    drawn = PHASES[name](phase)
    log = Log(RunStarted(seq=1, source=YOU, task="go"), immediate=immediate)
    work = asyncio.create_task(advance(drawn, log.events, log, place(tmp_path)))
    if name in HANG_EVERY_TIME:
        await asyncio.sleep(0.1)
    else:
        async with asyncio.timeout(within(3)):
            await phase.started.wait()
        await asyncio.sleep(0.02)
    await stop(work)
    assert tasks_of_runs() == set()
    check_end(drawn, log)
    if any(getattr(event, "text", "") == "half a " for event in log.shown):
        assert any(isinstance(event, PartialSaid) and event.text == "half a " for event in log.events)
    if name in HANG_EVERY_TIME:
        return
    again = Log(RunStarted(seq=1, source=YOU, task="go"))
    async with asyncio.timeout(within(5)):
        assert await advance(drawn, again.events, again, place(tmp_path)) == "done", again.events[-1]


async def test_stopping_twice_still_writes_the_end(phase: Phase, tmp_path: Path) -> None:
    drawn = team(tool(phase.stubborn))
    log = Log(RunStarted(seq=1, source=YOU, task="go"), immediate=False)
    work = asyncio.create_task(advance(drawn, log.events, log, place(tmp_path)))
    await phase.started.wait()
    for _ in range(5):
        work.cancel()
        await asyncio.sleep(0.01)
    with pytest.raises(asyncio.CancelledError):
        await work
    check_end(drawn, log)


async def test_stopping_before_the_first_step_and_at_a_question(tmp_path: Path) -> None:
    for wait in (0.0, 0.05):
        drawn = team(Human(name="eve"), name="team")
        log = Log(RunStarted(seq=1, source=YOU, task="go"), immediate=False)
        work = asyncio.create_task(advance(drawn, log.events, log, place(tmp_path)))
        await asyncio.sleep(wait)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        assert (log.events[-1].type == "question") == (wait > 0)  # type: ignore[attr-defined]
        if not wait:
            check_end(drawn, log)


async def test_a_conversation_that_never_waits_can_be_stopped_as_well(tmp_path: Path) -> None:
    drawn = Team(
        participants=(
            Human(name="ann", input_mode="never", max_auto_replies=1000),
            Human(name="bob", input_mode="never", max_auto_replies=1000),
        ),
        max_turns=10_000,
    )
    log = Log(RunStarted(seq=1, source=YOU, task="go"))
    work = asyncio.create_task(advance(drawn, log.events, log, place(tmp_path)))
    await asyncio.sleep(0.01)
    assert not work.done(), "it gave nobody else a turn"
    await stop(work)
    check_end(drawn, log)


CODE = "import os, subprocess, sys, time\nopen('pid', 'w').write(str(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid))\ntime.sleep(60)"


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] != "Z" if Path(f"/proc/{pid}").exists() else False


@pytest.mark.parametrize("kind", ["code", "python tool"])
async def test_stopping_ends_the_children_of_code(kind: str, tmp_path: Path) -> None:
    executor = LocalExecutor(timeout=30)
    if kind == "code":
        drawn = team(ann(saying(f"```python\n{CODE}\n```")), CodeRunner(name="runner", executor=executor))
    else:
        source = "def wait() -> str:\n    " + CODE.replace("\n", "\n    ") + "\n    return ''"
        drawn = team(ann(saying(calls(("wait", "{}"))), tools=(PythonTool(source=source, executor=executor),)))
    log = Log(RunStarted(seq=1, source=YOU, task="go"))
    environment = place(tmp_path, allow_local_code=True)
    work = asyncio.create_task(advance(drawn, log.events, log, environment))
    await until(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text()))
    await stop(work)
    pid = int((tmp_path / "pid").read_text())
    await until(lambda: not alive(pid), 1)
    check_end(drawn, log)


class One:
    """One account."""

    def __init__(self, server: ModelServer, **limits: Any) -> None:
        self._account = Account("test", server.base_url, "sk-test-key-0123", default_model="test-model", **limits)

    def account(self, name: str) -> Account:
        if name != "test":
            raise AccountMissing(name, "")
        return self._account


@pytest.mark.parametrize(
    ("reply", "limits", "code"),
    [
        (Fault("status", status=429, retry_after="20"), {}, "retry"),
        (Fault("status", status=500), {}, "retry"),
        (Fault("stall"), {}, ""),
        (Said("slow " * 400, each=0.05), {}, ""),
        (Said("hello"), {"requests_per_minute": 1}, "rate_limit"),
    ],
    ids=["a retry after", "a retry", "a server that says nothing", "a stream", "a rate limit"],
)
async def test_stopping_a_wait_for_a_model_server(
    model_server: ModelServer, reply: Any, limits: dict[str, int], code: str, tmp_path: Path
) -> None:
    model_server.script({"*": reply})
    drawn = team(ann(OpenAIModel(model="test-model", account="test", retries=4)), stop=MaxMessages(max_messages=3))
    log = Log(RunStarted(seq=1, source=YOU, task="go"))
    work = asyncio.create_task(advance(drawn, log.events, log, Environment(One(model_server, **limits), tmp_path)))
    await until(lambda: bool(model_server.requests) and (not code or any(getattr(event, "code", "") == code for event in log.events)))
    await stop(work)
    check_end(drawn, log)
    model_server.script({"*": "hello"})
    again = Log(RunStarted(seq=1, source=YOU, task="go"))
    async with asyncio.timeout(within(10)):
        assert (
            await advance(drawn.replace(stop=MaxMessages(max_messages=1)), again.events, again, Environment(One(model_server), tmp_path))
            == "done"
        )


class Sticky(ScriptedModel):
    """One whose client fails to close."""

    kind: ClassVar[str] = "test_sticky"

    def connect(self, accounts: Any) -> Any:
        client = super().connect(accounts)

        async def close() -> None:
            raise OSError("it sticks")

        client.close = close  # type: ignore[method-assign]
        return client


async def test_a_stop_is_written_even_where_closing_fails(tmp_path: Path) -> None:
    drawn = team(ann(Sticky(say=lambda request: Hangs())))
    log = Log(RunStarted(seq=1, source=YOU, task="go"))
    work = asyncio.create_task(advance(drawn, log.events, log, place(tmp_path)))
    await asyncio.sleep(0.05)
    await stop(work)
    check_end(drawn, log)


def said(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, MessageSaid)]


async def test_a_stopped_answer_is_no_part_of_the_conversation(tmp_path: Path) -> None:
    drawn = team(ann(saying("one", Half("twoand"), Hangs("three "))))
    log = Log(RunStarted(seq=1, source=YOU, task="go"))
    assert await advance(drawn, log.events, log, place(tmp_path)) == "failed"
    assert said(log.events) == ["go", "one"]
    assert [event.text for event in log.events if isinstance(event, PartialSaid)] == ["twoand"]


async def test_a_server_that_never_finishes_its_answer_is_given_up(
    model_server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.engine.models.openai_client.LONGEST_ANSWER", 0.3)
    for kind in ("application/json", "text/event-stream"):
        model_server.script({"*": Raw((b" ",) * 2_000, content_type=kind, each=0.02)})
        drawn = team(ann(OpenAIModel(model="test-model", account="test", retries=0)))
        log = Log(RunStarted(seq=1, source=YOU, task="go"))
        async with asyncio.timeout(within(5)):
            assert await advance(drawn, log.events, log, Environment(One(model_server), tmp_path)) == "failed"
        assert log.events[-2].code == "model_unavailable"  # type: ignore[attr-defined]
