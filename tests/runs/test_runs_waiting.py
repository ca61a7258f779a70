"""A run that waits for a person takes next to nothing: no task, no connection, hardly any memory."""

from __future__ import annotations

import asyncio

from run_house import House
from sandboxes import until
from waiting_runs import MOST_BYTES, begin, bytes_a_run


async def test_a_run_that_waits_takes_little_memory(house: House) -> None:
    assert await bytes_a_run(house, 100) < MOST_BYTES


async def test_many_runs_that_wait_hold_no_tasks_and_can_all_be_answered(house: House) -> None:
    await begin(house, 5)
    await until(lambda: not house.runs.here())
    before = len(asyncio.all_tasks())
    runs = await begin(house, 60)
    await until(lambda: len(asyncio.all_tasks()) <= before + 2)
    assert len(asyncio.all_tasks()) <= before + 2
    for run in runs:
        await house.runs.answer(run, await house.asked(run), "Go on.")
    for run in runs:
        await house.rest(run)
        assert house.runs.get(run).status == "done"
