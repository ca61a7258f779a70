"""What happens to runs when their process ends: nothing that was acknowledged is lost, and nobody works on a run twice."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from run_house import House, pair, said_in

import studio
from studio.engine.errors import StaleEpoch
from studio.engine.events import MessageSaid
from studio.runs.owner import is_gone, new_owner

HERE = Path(__file__).parent


class Served:
    """A studio in a process of its own, killed as a power cut would."""

    def __init__(self, folder: Path, kind: str) -> None:
        paths = [str(HERE), str(HERE.parent), str(Path(studio.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "run_server.py"), str(folder), kind],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        )
        assert self.process.stdout is not None
        self.run = self.process.stdout.readline().strip()
        self.seen: list[str] = []

    def until(self, event: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.seen.append(line.split()[0])
            if self.seen[-1] == event:
                return
        raise AssertionError(f"the run never came to {event}")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


async def test_a_run_that_computed_goes_on_from_its_last_completed_step(open_house: Callable[[], House], tmp_path: Path) -> None:
    served = await asyncio.to_thread(Served, tmp_path, "talking")
    await asyncio.to_thread(served.until, "message")
    await asyncio.to_thread(served.until, "message")
    served.kill()
    house = open_house()
    assert house.runs.get(served.run).status == "running"
    before = house.runs.events(served.run)
    await house.runs.recover()
    events = await house.rest(served.run)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event.seq for event in before] == [event["seq"] for event in events[: len(before)]]
    said = [text for _, text in said_in(events)]
    assert said == ["Begin.", "one", "two", "three", "four", "five", "six"]
    assert house.runs.get(served.run).status == "done"


async def test_a_run_that_waited_still_waits_after_a_kill_and_is_answered(open_house: Callable[[], House], tmp_path: Path) -> None:
    served = await asyncio.to_thread(Served, tmp_path, "asking")
    await asyncio.to_thread(served.until, "question")
    served.kill()
    house = open_house()
    await house.runs.recover()
    question = await house.asked(served.run)
    await house.runs.answer(served.run, question, "After the kill.")
    assert said_in(await house.rest(served.run))[-2:] == [("boss", "After the kill."), ("ann", "Fine.")]


async def test_a_run_whose_code_was_running_is_interrupted_and_offers_to_resume(open_house: Callable[[], House], tmp_path: Path) -> None:
    served = await asyncio.to_thread(Served, tmp_path, "coding")
    await asyncio.to_thread(served.until, "code_started")
    served.kill()
    house = open_house()
    await house.runs.recover()
    events = await house.rest(served.run)
    assert (events[-1]["type"], events[-1]["step"]) == ("run_interrupted", "running code")
    assert house.runs.get(served.run).status == "interrupted"
    await house.runs.resume(served.run)
    await house.read(served.run, lambda frame: any(event["type"] == "code_started" for event in frame.get("events", ())), after=len(events))
    await house.runs.stop(served.run)
    assert house.runs.get(served.run).status == "stopped"


async def test_code_that_ran_while_a_person_was_asked_is_not_run_again_by_their_answer(
    open_house: Callable[[], House], tmp_path: Path
) -> None:
    served = await asyncio.to_thread(Served, tmp_path, "asking_while_coding")
    await asyncio.to_thread(served.until, "question")
    await asyncio.to_thread(served.until, "code_started")
    served.kill()
    house = open_house()
    await house.runs.recover()
    question = await house.asked(served.run)
    told = (await house.read(served.run, lambda frame: frame["t"] == "status"))[-1]
    assert (told["status"], told["here"]) == ("waiting", False), "Pages say that the code is running."
    await house.runs.answer(served.run, question, "After the kill.")
    events = await house.rest(served.run)
    assert [event["type"] for event in events][-2:] == ["answer", "run_interrupted"]
    assert events[-1]["step"] == "running code"
    assert house.runs.get(served.run).status == "interrupted"
    await house.runs.resume(served.run)
    await house.read(served.run, lambda frame: any(event["type"] == "code_started" for event in frame.get("events", ())), after=len(events))
    assert ("boss", "After the kill.") in said_in([event.model_dump() for event in house.runs.events(served.run)])
    await house.runs.stop(served.run)


async def test_a_run_of_a_closed_process_goes_on_in_the_next_one(open_house: Callable[[], House]) -> None:
    first = open_house()
    started = await first.runs.start(pair(turns=6, words_per_second=5), "Begin.")
    await first.read(started.run, lambda frame: any(event["type"] == "message" and event["seq"] > 3 for event in frame.get("events", ())))
    await first.close()
    second = open_house()
    assert second.runs.get(started.run).status == "running"
    assert "run_finished" not in [event.type for event in second.runs.events(started.run)]  # type: ignore[attr-defined]
    await second.runs.recover()
    assert [text for _, text in said_in(await second.rest(started.run))] == ["Begin.", "one", "two", "three", "four", "five", "six"]


async def test_a_run_that_another_process_works_on_is_left_to_it(open_house: Callable[[], House]) -> None:
    here, there = open_house(), open_house()
    started = await there.runs.start(pair(turns=4, words_per_second=8), "Begin.")
    await here.runs.recover()
    assert started.run not in here.runs._executions
    events = await there.rest(started.run)
    assert [text for _, text in said_in(events)] == ["Begin.", "one", "two", "three", "four"]


async def test_when_two_processes_take_a_run_up_one_works_on_it(open_house: Callable[[], House]) -> None:
    first = open_house()
    started = await first.runs.start(pair(turns=6, words_per_second=10), "Begin.")
    await first.close()
    houses = [open_house(), open_house(), open_house()]
    await asyncio.gather(*(house.runs.recover() for house in houses))
    assert houses[0].runs._log.head(started.run).epoch == 2
    logs = await asyncio.gather(*(house.rest(started.run) for house in houses))
    assert logs[0] == logs[1] == logs[2]
    assert [text for _, text in said_in(logs[0])] == ["Begin.", "one", "two", "three", "four", "five", "six"]


async def test_a_writer_that_was_replaced_writes_nothing_more(open_house: Callable[[], House]) -> None:
    """Two loops on one run: the second takes it over by force while the first is speaking."""
    first, second = open_house(), open_house()
    started = await first.runs.start(pair(turns=6, words_per_second=6), "Begin.")
    await first.read(started.run, lambda frame: any(event["type"] == "message" and event["seq"] > 3 for event in frame.get("events", ())))
    with second.database.write() as connection:
        connection.exec_driver_sql("UPDATE run SET owner = NULL")
    await second.runs.recover()
    assert started.run in second.runs._executions
    events = await second.rest(started.run)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [text for _, text in said_in(events)] == ["Begin.", "one", "two", "three", "four", "five", "six"]
    assert [event["type"] for event in events].count("run_finished") == 1
    with pytest.raises(StaleEpoch):
        await first.runs._log.append(started.run, 1, [MessageSaid(seq=len(events) + 1, source="ann", text="zombie")])


async def test_a_disk_that_refuses_an_event_ends_the_run_with_the_reason_and_it_can_be_resumed(house: House) -> None:
    with house.database.write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON run_event WHEN NEW.seq = 4 AND NEW.type = 'message' "
            "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )
    started = await house.runs.start(pair(), "Begin.")
    events = await house.rest(started.run)
    assert [event["type"] for event in events[-2:]] == ["error", "run_finished"]
    assert "the disk is full" in events[-2]["text"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    await house.runs.resume(started.run)
    assert [text for _, text in said_in(await house.rest(started.run))] == ["Begin.", "one", "two", "three", "four"]


async def test_a_run_that_cannot_be_taken_up_says_why(open_house: Callable[[], House]) -> None:
    first = open_house()
    started = await first.runs.start(pair(turns=6, words_per_second=5), "Begin.")
    await first.close()
    second = open_house()
    with second.database.write() as connection:
        connection.exec_driver_sql("UPDATE run_document SET document = json_set(document, '$.nodes', json('[]'))")
    await second.runs.recover()
    events = await second.rest(started.run)
    assert (events[-2]["type"], events[-1]["status"]) == ("error", "failed")
    assert "nobody" in events[-2]["text"]


def test_an_owner_is_gone_when_its_process_is() -> None:
    mine = new_owner()
    assert not is_gone(mine)
    machine, _, began, rest = mine.split("|")
    code = "from studio.runs.owner import new_owner; print(new_owner())"
    environment = os.environ | {"PYTHONPATH": str(Path(studio.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, env=environment)
    ended = done.stdout.strip()
    assert ended.split("|")[0] == machine
    assert is_gone(ended)
    assert is_gone("|".join((machine, str(os.getpid()), began + "1", rest)))
    assert not is_gone("|".join(("another machine", "1", "1", rest)))
    assert not is_gone("nonsense")
