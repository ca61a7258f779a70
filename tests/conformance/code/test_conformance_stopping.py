"""Stopping: cancelled in every phase, a sandbox ends within a second and leaves nothing. Every executor joins."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from patience import within
from sandboxes import LINUX, Bench, containers, gone, living, run_python, until

from studio.engine.code import session
from studio.engine.code.docker_engine import connect, remove_orphans
from studio.engine.code.work_folder import Snapshot, snapshot
from studio.engine.events import CodeBlock

BUSY = """
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "child-of-test"], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    time.sleep(60)
open("begun", "w")
while True:
    print("working", flush=True)
    time.sleep(0.05)
"""
STUDIO = """
import asyncio, sys
from pathlib import Path
from studio.engine.code.base import Sandbox
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.code.local import LocalExecutor
from studio.engine.events import CodeBlock

async def main():
    executor = DockerExecutor(timeout=60) if sys.argv[1] == "docker" else LocalExecutor(timeout=60)
    session = executor.open(Sandbox(sys.argv[3], Path(sys.argv[2])))
    await session.execute([CodeBlock(language="python", code=sys.argv[4])], lambda text: print(text, flush=True))

asyncio.run(main())
"""


async def stopped(bench: Bench, task: asyncio.Task[object]) -> float:
    """Cancel, and see that nothing is left; the seconds that the cancelling took."""
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    seconds = time.monotonic() - began
    assert await gone(bench.processes, 3.0) == []
    assert await gone(bench.containers, 3.0) == []
    return seconds


@pytest.mark.parametrize("after", [0.0, 0.02, 0.1, 0.3, 0.6])
async def test_stopping_while_the_sandbox_starts_or_has_just_started(bench: Bench, after: float) -> None:
    task: asyncio.Task[object] = asyncio.create_task(bench.python(BUSY))
    await asyncio.sleep(after)
    assert await stopped(bench, task) < within(1)


async def test_stopping_between_the_start_of_the_sandbox_and_the_first_block(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, goes_on = threading.Event(), threading.Event()

    def slowly(folder: Path) -> Snapshot:
        looks.set()
        goes_on.wait(20)
        return snapshot(folder)

    monkeypatch.setattr(session, "snapshot", slowly)
    task: asyncio.Task[object] = asyncio.create_task(bench.python(BUSY))
    try:
        await until(looks.is_set)
        assert await stopped(bench, task) < within(1)
    finally:
        goes_on.set()
    assert (await bench.python("print('again')")).output == "again\n"


async def test_stopping_code_that_runs_with_daemons_of_its_own(bench: Bench) -> None:
    task: asyncio.Task[object] = asyncio.create_task(bench.python(BUSY))
    await until((bench.folder / "begun").exists)
    assert await stopped(bench, task) < within(1)
    assert (await bench.python("print('again')")).output == "again\n"


async def test_stopping_code_that_prints_all_the_time(bench: Bench) -> None:
    first = asyncio.Event()
    block = bench.session.execute([CodeBlock(language="python", code="while True: print('x' * 20)")], lambda text: first.set())
    task: asyncio.Task[object] = asyncio.create_task(block)
    await first.wait()
    assert await stopped(bench, task) < within(1)


async def test_stopping_calls_of_functions(bench: Bench) -> None:
    source = "import time\ndef f():\n    open('called', 'w')\n    time.sleep(60)"
    tasks = [asyncio.create_task(bench.session.call(source, "f", "{}", 30)) for _ in range(3)]
    await until((bench.folder / "called").exists)
    began = time.monotonic()
    for task in tasks:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert time.monotonic() - began < within(1.5)
    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
    assert await gone(bench.containers, 2.0) == []
    assert await gone(bench.processes, 2.0) == []


async def test_stopping_one_call_leaves_the_others_alone(bench: Bench) -> None:
    slow = "import time\ndef f(n: float):\n    time.sleep(n)\n    return 'done'"
    await bench.session.call(slow, "f", '{"n": 0}', 5)
    kept = asyncio.create_task(bench.session.call(slow, "f", '{"n": 1.5}', 9))
    ended = asyncio.create_task(bench.session.call(slow, "f", '{"n": 60}', 90))
    await asyncio.sleep(0.5)
    began = time.monotonic()
    ended.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ended
    assert time.monotonic() - began < within(1)
    assert (await kept).output == "done"


async def test_stopping_twice_is_as_good_as_once(bench: Bench) -> None:
    task: asyncio.Task[object] = asyncio.create_task(bench.python(BUSY))
    await asyncio.sleep(0.5)
    task.cancel()
    await asyncio.sleep(0)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < within(1)
    await bench.session.close()
    assert bench.processes() == []
    assert bench.containers() == []


async def test_an_outer_time_limit_stops_the_code(bench: Bench) -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.2):
            await bench.python(BUSY)
    assert time.monotonic() - began < within(2.2)
    assert await gone(bench.processes, 2.0) == []


@pytest.mark.skipif(not LINUX, reason="looks for processes in /proc")
async def test_nothing_outlives_a_studio_that_is_killed(bench: Bench) -> None:
    run = bench.sandbox.run + "-killed"
    process = run_python(STUDIO, "docker" if bench.in_docker else "local", str(bench.folder), run, BUSY)
    try:
        assert process.stdout is not None
        assert (await asyncio.to_thread(process.stdout.readline)).strip() == "working"
        assert containers(run) if bench.in_docker else living(run)
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)
    assert await gone(lambda: living(run), 2.0) == []
    if bench.in_docker:
        assert await gone(lambda: containers(run), 5.0) == []


@pytest.mark.docker
async def test_containers_of_dead_runs_are_removed_and_those_of_living_ones_kept(docker_engine: str) -> None:
    labels = {"convene.test": f"orphans-{time.monotonic_ns()}"}

    def make() -> None:
        client = connect()
        for run in ("dead", "alive"):
            client.containers.create(docker_engine, ["sleep", "60"], labels={**labels, "convene.run": run})
        client.close()

    await asyncio.to_thread(make)
    assert await remove_orphans(labels, alive={"alive"}) == 1
    assert await remove_orphans(labels, alive={"alive"}) == 0
    assert await remove_orphans(labels) == 1
    assert await remove_orphans({"convene.test": "nobody"}) == 0
