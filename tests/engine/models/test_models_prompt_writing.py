"""A request's bytes go out when it is made, and what is left of a long one goes on as before."""

from __future__ import annotations

import asyncio

import pytest

from studio.engine.models.prompt_writing import begun


async def test_what_waits_for_nothing_is_done_before_anybody_awaits_it():
    done = []

    async def work() -> None:
        done.append("all")

    left = begun(work())
    assert done == ["all"]
    await left


async def test_what_waits_goes_on_in_its_task():
    ready, done = asyncio.Event(), []

    async def work() -> None:
        done.append("first")
        await ready.wait()
        done.append("second")
        await asyncio.sleep(0)
        done.append("third")

    task = asyncio.create_task(begun(work()))
    assert done == ["first"]
    ready.set()
    await task
    assert done == ["first", "second", "third"]


async def test_what_fails_at_once_fails_where_it_was_begun():
    async def work() -> None:
        raise OSError("no route")

    with pytest.raises(OSError, match="no route"):
        begun(work())


async def test_what_fails_later_fails_where_it_is_awaited():
    async def work() -> None:
        await asyncio.sleep(0)
        raise OSError("broken pipe")

    with pytest.raises(OSError, match="broken pipe"):
        await begun(work())
    with pytest.raises(OSError, match="broken pipe"):
        await asyncio.create_task(begun(work()))


@pytest.mark.parametrize("started", [True, False])
async def test_what_is_cancelled_puts_its_things_away(started: bool):
    put_away = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            put_away.append(True)

    task = asyncio.create_task(begun(work()))
    if started:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert put_away == [True]
