"""The token by which a script breaks off what is under way."""

from __future__ import annotations

import threading
from asyncio import Future
from collections.abc import Callable
from typing import Any


class CancellationToken:
    """AutoGen's token. What is linked to it is forgotten as soon as it is over, so that a token may serve for ever."""

    def __init__(self) -> None:
        self._cancelled = False
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    def cancel(self) -> None:
        """Break off everything that is linked; later links are broken off at once. May be called from any thread."""
        with self._lock:
            if self._cancelled:
                return
            self._cancelled = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def is_cancelled(self) -> bool:
        return self._cancelled

    def add_callback(self, callback: Callable[[], None]) -> None:
        """Call it when the token is cancelled: at once when it is already."""
        with self._lock:
            if not self._cancelled:
                self._callbacks.append(callback)
                return
        callback()

    def remove_callback(self, callback: Callable[[], None]) -> None:
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

    def link_future(self, future: Future[Any]) -> Future[Any]:
        """Cancel this future with the token."""
        loop = future.get_loop()

        def cancel() -> None:
            loop.call_soon_threadsafe(future.cancel)

        self.add_callback(cancel)
        future.add_done_callback(lambda _: self.remove_callback(cancel))
        return future
