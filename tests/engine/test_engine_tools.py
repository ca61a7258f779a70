"""Tools in a conversation: approval with changed arguments, context variables, and MCP servers that start only after a yes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from conversation import Typed, calling, environment, lines, saying
from patience import within

from studio.engine import Assistant, FunctionTool, HandOffTo, MaxTurns, McpServer, Stdio, Team, ToolReply, Variables
from studio.engine.events import HandedOff, RunFinished, ToolFinished, ToolsCalled, ToolsOffered, VariablesSet
from studio.engine.fold import fold
from studio.engine.script import Answer, run

PROGRAM = str(Path(__file__).parent / "tools" / "mcp_test_server.py")
SHOP = McpServer(transport=Stdio(command=sys.executable, args=(PROGRAM, "stdio")), allow=("add", "where", "sleep"))


def alone(model: Any, *tools: Any, **more: Any) -> Team:
    return Team(participants=(Assistant(name="ann", model=model, tools=tools),), stop=MaxTurns(max_turns=1), **more)


def results(events: Any) -> list[tuple[str, bool]]:
    return [(event.output, event.is_error) for event in events if isinstance(event, ToolFinished)]


# Approval -------------------------------------------------------------------------------------------------------------


def pay(amount: int, to: str) -> str:
    """Pay somebody."""
    return f"{amount} to {to}"


async def test_a_person_may_change_the_arguments_before_agreeing(tmp_path: Path) -> None:
    team = alone(saying(calling(("pay", '{"amount":900,"to":"Bob"}')), "done"), FunctionTool.of(pay, approval="always"))
    people = Typed(Answer('{"amount": 9, "to": "Bob"}', True))
    done = await run(team, "Pay Bob.", people=people, environment=environment(tmp_path))
    (question,) = people.asked
    assert question.form == "edit"
    assert json.loads(question.details) == {"amount": 900, "to": "Bob"}
    assert "\n" in question.details, "a person reads them"
    assert results(done.events) == [("9 to Bob", False)]
    (called,) = (event for event in done.events if isinstance(event, ToolsCalled))
    assert called.calls[0].arguments == '{"amount":900,"to":"Bob"}', "the log keeps what the model wanted"


async def test_a_rule_asks_only_for_the_calls_that_matter(tmp_path: Path) -> None:
    tool = FunctionTool.of(pay, approval="matching", approval_pattern=("amount > 100",))
    both = calling(("pay", '{"amount": 50, "to": "Ann"}'), ("pay", '{"amount": 500, "to": "Bob"}'))
    people = Typed(Answer("too much", False))
    done = await run(alone(saying(both, "done"), tool), "Pay both.", people=people, environment=environment(tmp_path))
    assert len(people.asked) == 1
    assert results(done.events) == [("50 to Ann", False), ("A person refused this call. Reason: too much", True)]


# Context variables ----------------------------------------------------------------------------------------------------


async def test_what_a_function_sets_is_there_for_the_next_one_and_in_a_replay(tmp_path: Path) -> None:
    def count(variables: Variables) -> ToolReply:
        """Count."""
        variables["count"] = variables.get("count", 0) + 1
        return ToolReply(str(variables["count"]), target="boss" if variables["count"] == 2 else "")

    model = saying(calling(("count", "{}")), calling(("count", "{}")), "done")
    team = Team(participants=(Assistant(name="ann", model=model, tools=(count,)),), stop=HandOffTo(target="boss") | MaxTurns(max_turns=3))
    done = await run(team, "Count.", environment=environment(tmp_path))
    assert [event.values for event in done.events if isinstance(event, VariablesSet)] == [{"count": 1}, {"count": 2}]
    assert [event.target for event in done.events if isinstance(event, HandedOff)] == ["boss"]
    assert fold(team, done.events).variables == {"count": 2}


# MCP ------------------------------------------------------------------------------------------------------------------


async def test_a_server_starts_after_a_yes_to_its_command_and_serves_the_run(tmp_path: Path) -> None:
    model = saying(calling(("add", '{"a": 2, "b": 3}')), calling(("add", '{"a": 1}')), "six")
    people = Typed(Answer("", True))
    team = alone(model, SHOP)
    done = await run(team, "Add.", people=people, environment=environment(tmp_path))
    (question,) = people.asked
    assert f"{sys.executable} {PROGRAM} stdio" in question.details
    assert results(done.events) == [("5", False), ("2", False)]
    assert lines(done.events) == [("ann", "six")]
    (offered,) = (event for event in done.events if isinstance(event, ToolsOffered))
    assert offered.key == SHOP.key
    seen = SHOP.schemas(fold(team, done.events).offered)
    assert {schema.name for schema in seen} == {"add", "sleep", "where"}


async def test_without_a_yes_nothing_starts_and_the_conversation_goes_on(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    server = McpServer(transport=Stdio(command="touch", args=(str(mark),)))
    people = Typed(Answer("no", False))
    done = await run(alone(saying("without it"), server), "Add.", people=people, environment=environment(tmp_path))
    assert lines(done.events) == [("ann", "without it")]
    assert not mark.exists()


async def test_a_server_that_does_not_start_ends_the_run_with_the_reason(tmp_path: Path) -> None:
    server = McpServer(transport=Stdio(command="no-such-program-anywhere"))
    done = await run(alone(saying("hello"), server), "Add.", people=Typed(Answer("", True)), environment=environment(tmp_path))
    last = done.events[-1]
    assert isinstance(last, RunFinished)
    assert last.status == "failed"
    assert "there is no such program" in last.stop_reason


async def test_stopping_a_run_ends_its_servers_within_a_second(tmp_path: Path) -> None:
    model = saying(calling(("where", "{}")), calling(("sleep", '{"seconds": 30}')), "done")
    task = asyncio.create_task(run(alone(model, SHOP), "Go.", people=Typed(Answer("", True)), environment=environment(tmp_path)))
    pid = await _server_of(tmp_path)
    await asyncio.sleep(0.3)
    began = time.monotonic()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert time.monotonic() - began < within(1.2)
    assert not Path(f"/proc/{pid}").exists()  # noqa: ASYNC240


async def _server_of(folder: Path) -> int:
    """The process whose working directory the run's folder is."""
    for _ in range(500):
        if found := _processes_in(folder):
            return found[0]
        await asyncio.sleep(0.02)
    raise AssertionError("no server was started")


def _processes_in(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "cwd").resolve() == folder.resolve():
                found.append(int(entry.name))
    return found
