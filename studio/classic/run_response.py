"""Groups that talk in the background while a script reads along: what happens, what a person is asked, and what came of it."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any

from studio.classic.chat_log import listening
from studio.classic.handoffs import ContextVariables
from studio.classic.io import IOStream
from studio.classic.messages import Message
from studio.classic.results import ChatResult
from studio.engine.code.threads import in_thread
from studio.engine.events import Event

Ended = tuple[ChatResult, ContextVariables, Any]


@dataclass(frozen=True, slots=True)
class InputRequest:
    """A question to a person: the conversation goes on when `respond` was called with the answer."""

    prompt: str
    password: bool
    respond: Callable[[str], None]
    type: str = "input_request"

    @property
    def content(self) -> InputRequest:
        """Itself: AG2's events have what they say in `content`."""
        return self


@dataclass(frozen=True, slots=True)
class _Printed:
    text: str


@dataclass(frozen=True, slots=True)
class _Over:
    failure: BaseException | None


Piece = Event | InputRequest | _Printed | _Over


class _Relay(IOStream):
    """Hands on what agents print and ask."""

    def __init__(self, put: Callable[[Piece], None]) -> None:
        self._put = put

    def print(self, *objects: Any, sep: str = " ", end: str = "\n", flush: bool = False) -> None:
        self._put(_Printed(sep.join(map(str, objects)) + end))

    def input(self, prompt: str = "", *, password: bool = False) -> str:
        answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._put(InputRequest(prompt, password, answers.put))
        return answers.get()  # as long as a person takes: the thread is a daemon and ends with the script


class _Response:
    """What both forms know when the conversation is over; before, nothing."""

    _ended: Ended | None = None

    def _result(self) -> ChatResult | None:
        return self._ended[0] if self._ended is not None else None

    def _messages(self) -> list[Message]:
        result = self._result()
        return result.chat_history if result is not None else []

    def _summary(self) -> Any:
        result = self._result()
        return result.summary if result is not None else None

    def _cost(self) -> dict[str, Any] | None:
        result = self._result()
        return result.cost if result is not None else None

    def _variables(self) -> ContextVariables | None:
        return self._ended[1] if self._ended is not None else None

    def _last(self) -> str | None:
        return str(self._ended[2].name) if self._ended is not None and self._ended[2] is not None else None


class RunResponse(_Response):
    """A conversation that was begun in a thread of its own. `process()` shows it and asks here; or read `events` and answer requests.

    Reading to the end raises what the conversation raised.
    """

    def __init__(self, hold: Callable[[], Ended]) -> None:
        self._pieces: queue.SimpleQueue[Piece] = queue.SimpleQueue()
        self._is_read = False
        run = threading.Thread(target=copy_context().run, args=(self._run, hold), name="convene-classic-run", daemon=True)
        run.start()

    def _run(self, hold: Callable[[], Ended]) -> None:
        failure: BaseException | None = None
        listening.set(self._pieces.put)
        try:
            with IOStream.set_default(_Relay(self._pieces.put)):
                self._ended = hold()
        except BaseException as mistake:
            failure = mistake
        self._pieces.put(_Over(failure))

    def _read(self) -> Iterator[Event | InputRequest | _Printed]:
        while not self._is_read:
            piece = self._pieces.get()
            if isinstance(piece, _Over):
                self._is_read = True
                if piece.failure is not None:
                    raise piece.failure
                return
            yield piece

    @property
    def events(self) -> Iterator[Event | InputRequest]:
        """The engine's events as they happen, and requests for input between them."""
        return (piece for piece in self._read() if not isinstance(piece, _Printed))

    def process(self, processor: Any = None) -> None:
        """Show what is said and ask what is asked, to the end; or let `processor.process(self)` do it."""
        if processor is not None:
            processor.process(self)
            return
        stream = IOStream.get_default()
        for piece in self._read():
            if isinstance(piece, _Printed):
                stream.print(piece.text, end="", flush=True)
            elif isinstance(piece, InputRequest):
                piece.respond(stream.input(piece.prompt, password=piece.password))

    @property
    def messages(self) -> list[Message]:
        return self._messages()

    @property
    def summary(self) -> Any:
        return self._summary()

    @property
    def cost(self) -> dict[str, Any] | None:
        return self._cost()

    @property
    def context_variables(self) -> ContextVariables | None:
        return self._variables()

    @property
    def last_speaker(self) -> str | None:
        return self._last()


class AsyncRunResponse(_Response):
    """The same in a task of the running loop; everything is awaited."""

    def __init__(self, hold: Callable[[], Awaitable[Ended]]) -> None:
        self._pieces: asyncio.Queue[Piece] = asyncio.Queue()
        self._is_read = False
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run(hold), context=copy_context())

    def _put(self, piece: Piece) -> None:
        self._loop.call_soon_threadsafe(self._pieces.put_nowait, piece)

    async def _run(self, hold: Callable[[], Awaitable[Ended]]) -> None:
        failure: BaseException | None = None
        listening.set(self._put)
        try:
            with IOStream.set_default(_Relay(self._put)):
                self._ended = await hold()
        except BaseException as mistake:
            failure = mistake
        self._put(_Over(failure))

    async def _read(self) -> AsyncIterator[Event | InputRequest | _Printed]:
        while not self._is_read:
            piece = await self._pieces.get()
            if isinstance(piece, _Over):
                self._is_read = True
                if piece.failure is not None:
                    raise piece.failure
                return
            yield piece

    @property
    def events(self) -> AsyncIterator[Event | InputRequest]:
        """The engine's events as they happen, and requests for input between them."""
        return (piece async for piece in self._read() if not isinstance(piece, _Printed))

    async def process(self, processor: Any = None) -> None:
        """Show what is said and ask what is asked, to the end; or let `processor.process(self)` do it."""
        if processor is not None:
            await processor.process(self)
            return
        stream = IOStream.get_default()
        async for piece in self._read():
            if isinstance(piece, _Printed):
                stream.print(piece.text, end="", flush=True)
            elif isinstance(piece, InputRequest):
                ask = partial(stream.input, piece.prompt, password=piece.password)
                piece.respond(await in_thread(ask))

    @property
    async def messages(self) -> list[Message]:
        return self._messages()

    @property
    async def summary(self) -> Any:
        return self._summary()

    @property
    async def cost(self) -> dict[str, Any] | None:
        return self._cost()

    @property
    async def context_variables(self) -> ContextVariables | None:
        return self._variables()

    @property
    async def last_speaker(self) -> str | None:
        return self._last()
