"""One text for the plain and the async form of every method, and a loop in a thread of its own for plain calls."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Either:
    """A step that is taken now by a plain call, or awaited by an async one."""

    now: Callable[[], Any]
    later: Callable[[], Awaitable[Any]]


Steps = Generator[Either, Any, T]
"""What a method does, in steps; it returns what the method returns."""


def drive(steps: Steps[T]) -> T:
    """Take the steps now. Raises what the steps raise."""
    try:
        step = next(steps)
        while True:
            try:
                value = step.now()
            except BaseException as mistake:
                step = steps.throw(mistake)
            else:
                step = steps.send(value)
    except StopIteration as end:
        result: T = end.value
        return result


async def drive_async(steps: Steps[T]) -> T:
    """Take the steps one after another, awaiting each. Raises what the steps raise."""
    try:
        step = next(steps)
        while True:
            try:
                value = await step.later()
            except BaseException as mistake:
                step = steps.throw(mistake)
            else:
                step = steps.send(value)
    except StopIteration as end:
        result: T = end.value
        return result


def awaited(work: Callable[[], Coroutine[Any, Any, Any]]) -> Either:
    """A step that is asynchronous by nature: a model, code."""
    return Either(lambda: call(work()), work)


def of_function(function: Callable[[], Any]) -> Either:
    """A step that a function of the script takes, which may be async: a plain call runs it on a loop of ours."""

    def now() -> Any:
        value = function()
        return call(value) if inspect.iscoroutine(value) else value

    async def later() -> Any:
        value = function()
        return await value if inspect.isawaitable(value) else value

    return Either(now, later)


def of_method(now: Callable[..., Any], later: Callable[..., Any], *positional: Any, **keywords: Any) -> Either:
    """A step that an object can take in two ways."""
    return Either(partial(now, *positional, **keywords), partial(later, *positional, **keywords))


class _Thread:
    """An event loop in a daemon thread."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    @property
    def is_here(self) -> bool:
        return threading.current_thread() is self._thread


_lock = threading.Lock()
_threads: list[_Thread] = []


def _free_thread() -> _Thread:
    """The first thread that is not the caller's: who calls plainly from within one must not wait for itself.

    Each of them calls only those behind it, so that none waits in a circle.
    """
    with _lock:
        inner = next((number + 1 for number, thread in enumerate(_threads) if thread.is_here), 0)
        while len(_threads) <= inner:
            _threads.append(_Thread(f"convene-classic-{len(_threads)}"))
        return _threads[inner]


def call(work: Coroutine[Any, Any, T]) -> T:
    """What the coroutine returns or raises, for a caller without a loop or within a running one, which waits meanwhile."""
    future = asyncio.run_coroutine_threadsafe(work, _free_thread().loop)
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


_apart: list[_Thread] = []


def _lasting() -> asyncio.AbstractEventLoop:
    with _lock:
        if not _apart:
            _apart.append(_Thread("convene-classic-sandboxes"))
        return _apart[0].loop


def call_apart(work: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
    """Like `call`, on a loop where no script's own code runs: for sandboxes, which outlive the caller's loop. Raises TimeoutError."""
    future = asyncio.run_coroutine_threadsafe(work, _lasting())
    try:
        return future.result(timeout)
    except BaseException:
        future.cancel()
        raise


async def await_apart(work: Coroutine[Any, Any, T]) -> T:
    """The same for who awaits it; cancelling cancels the work."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, _lasting()))
