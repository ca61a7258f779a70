"""Many time limits on one timer: each ends what it is for, in its own time, and nothing else."""

from __future__ import annotations

import asyncio

import pytest
from patience import within

from studio.engine.steps.time_limits import TimeLimits

LONG = 3_600.0


@pytest.fixture
async def limits():
    limits = TimeLimits()
    yield limits
    limits.close()


async def test_what_ends_in_time_is_left_alone(limits: TimeLimits):
    with limits.within(LONG) as limit:
        await asyncio.sleep(0)
    assert not limit.expired


async def test_what_takes_too_long_is_broken_off(limits: TimeLimits):
    async with asyncio.timeout(within(3)):
        with pytest.raises(TimeoutError), limits.within(0.01) as limit:
            await asyncio.Event().wait()
    assert limit.expired
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]


async def test_a_short_limit_beside_a_long_one_ends_first_and_alone(limits: TimeLimits):
    ended: list[str] = []
    go_on = asyncio.Event()

    async def work(name: str, seconds: float) -> None:
        try:
            with limits.within(seconds):
                await go_on.wait()
        except TimeoutError:
            ended.append(name)

    tasks = [asyncio.create_task(work(*each)) for each in (("long", LONG), ("shortest", 0.01), ("short", 0.03))]
    async with asyncio.timeout(within(3)):
        await asyncio.gather(*tasks[1:])
    assert ended == ["shortest", "short"]
    assert not tasks[0].done()
    go_on.set()
    await tasks[0]
    assert ended == ["shortest", "short"]


async def test_a_timer_that_serves_nobody_any_more_serves_who_comes_next(limits: TimeLimits):
    with limits.within(0.01):
        pass
    async with asyncio.timeout(within(3)):
        with pytest.raises(TimeoutError), limits.within(0.05):
            await asyncio.Event().wait()


async def test_who_is_cancelled_from_outside_hears_of_no_limit(limits: TimeLimits):
    begun = asyncio.Event()

    async def work() -> None:
        with limits.within(LONG):
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_is_cancelled_from_outside_when_the_time_is_over_too_is_cancelled(limits: TimeLimits):
    async def work() -> None:
        with limits.within(LONG) as limit:
            limit.expire()
            asyncio.current_task().cancel()  # type: ignore[union-attr]
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_its_own_stays_what_it_is(limits: TimeLimits):
    with pytest.raises(ValueError, match="mine"), limits.within(LONG):
        raise ValueError("mine")
