"""What an execution printed, streamed as it comes and kept within a limit: the middle of more is left out and said so."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from studio.texts import text


class Output:
    """Collects pieces in order; what `on_output` was given is, put together, exactly what `finish` returns.

    The first half of `limit` characters is streamed at once. What comes later is held until the end, when it is known how
    much lies between. `renamed` is a text that is replaced wherever it occurs, also across pieces: the path of a work folder,
    which would differ from run to run.
    """

    def __init__(self, limit: int, on_output: Callable[[str], None], renamed: tuple[str, str] = ("", "")) -> None:
        self._on_output = on_output
        self._head_room = limit - limit // 2
        self._tail_room = limit // 2
        self._needle, self._replacement = renamed
        self._held = ""
        self._head: list[str] = []
        self._tail: deque[str] = deque()
        self._tail_length = 0
        self._omitted = 0
        self._last = "\n"

    def add(self, piece: str) -> None:
        if not self._needle:
            self._take(piece)
            return
        piece = (self._held + piece).replace(self._needle, self._replacement)
        kept = self._unfinished(piece)
        self._held = piece[len(piece) - kept :]
        self._take(piece[: len(piece) - kept])

    def add_line(self, sentence: str) -> None:
        """A sentence of ours, on a line of its own."""
        self._flush()
        self._take(("" if self._last == "\n" else "\n") + sentence + "\n")

    def skip(self, count: int) -> None:
        """Count characters that were left out before they came here."""
        if count:
            self._flush()
            self._head_room = 0
            self._omitted += self._tail_length + count
            self._tail.clear()
            self._tail_length = 0

    def finish(self) -> str:
        self._flush()
        tail = "".join(self._tail)
        cut = max(0, len(tail) - self._tail_room)
        self._omitted += cut
        gap = "\n" + text("engine.code.left_out", count=f"{self._omitted:,}") + "\n" if self._omitted else ""
        rest = gap + tail[cut:]
        if rest:
            self._head.append(rest)
            self._on_output(rest)
        return "".join(self._head)

    def _unfinished(self, piece: str) -> int:
        """How many characters at the end may be the beginning of the text to be replaced."""
        for length in range(min(len(self._needle) - 1, len(piece)), 0, -1):
            if self._needle.startswith(piece[len(piece) - length :]):
                return length
        return 0

    def _flush(self) -> None:
        held, self._held = self._held, ""
        self._take(held)

    def _take(self, piece: str) -> None:
        if not piece:
            return
        self._last = piece[-1]
        now = piece[: self._head_room]
        if now:
            self._head_room -= len(now)
            self._head.append(now)
            self._on_output(now)
            piece = piece[len(now) :]
        if piece:
            self._tail.append(piece)
            self._tail_length += len(piece)
            while self._tail_length - len(self._tail[0]) >= self._tail_room:
                dropped = len(self._tail.popleft())
                self._tail_length -= dropped
                self._omitted += dropped
