"""Where agents print and whom they ask: the terminal, unless a script sets another stream."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class OutputStream(Protocol):
    def print(self, *objects: Any, sep: str = " ", end: str = "\n", flush: bool = False) -> None: ...


@runtime_checkable
class InputStream(Protocol):
    def input(self, prompt: str = "", *, password: bool = False) -> str: ...


class IOStream:
    """What is printed and typed. Subclass it to talk elsewhere; `IOStream.set_default(stream)` makes it everybody's."""

    _everybodys: IOStream | None = None

    def print(self, *objects: Any, sep: str = " ", end: str = "\n", flush: bool = False) -> None:
        print(*objects, sep=sep, end=end, flush=flush)

    def input(self, prompt: str = "", *, password: bool = False) -> str:
        """A line. Raises EOFError when nobody is there."""
        return getpass.getpass(prompt) if password else input(prompt)

    @staticmethod
    def get_global_default() -> IOStream:
        if IOStream._everybodys is None:
            IOStream._everybodys = IOConsole()
        return IOStream._everybodys

    @staticmethod
    def set_global_default(stream: IOStream) -> None:
        IOStream._everybodys = stream

    @staticmethod
    def get_default() -> IOStream:
        return _here.get() or IOStream.get_global_default()

    @staticmethod
    @contextmanager
    def set_default(stream: IOStream | None) -> Iterator[None]:
        """In a `with` block: the stream of everything that is called within."""
        token = _here.set(stream)
        try:
            yield
        finally:
            _here.reset(token)


class IOConsole(IOStream):
    """The terminal."""


_here: ContextVar[IOStream | None] = ContextVar("_here", default=None)


def show(*lines: str) -> None:
    IOStream.get_default().print(*lines, sep="\n", flush=True)
