"""Server-sent events, taken apart as their bytes come in."""

from __future__ import annotations

LONGEST_EVENT = 16 * 1024 * 1024
"""Bytes of one event, before the server is taken for one that never ends it."""


DONE = b"[DONE]"


class TooLong(ValueError):
    """An event that goes on and on."""


class ServerSentEvents:
    """Gives the data of events; comments, names and ids are passed over. Lines end in LF, CR LF or CR, wherever the bytes are cut.

    `over` is set by the end, or by a model server's last word, "[DONE]", after which nothing counts.
    """

    __slots__ = ("_data", "_held", "_size", "over")

    def __init__(self) -> None:
        self.over = False
        self._held = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the events that end in this chunk. Raises TooLong."""
        text = self._held + chunk if self._held else chunk
        if b"\r" in text:
            # A CR at the very end may be half of a line end: it waits for what follows.
            cut = len(text) - text.endswith(b"\r")
            text = text[:cut].replace(b"\r\n", b"\n").replace(b"\r", b"\n") + text[cut:]
        if not self._data and text.startswith(b"data: ") and text.endswith(b"\n\n"):
            events = text[6:-2].split(b"\n\ndata: ")
            if text.count(b"\n") == 2 * len(events):
                return self._whole(events)
        *lines, self._held = text.split(b"\n")
        done: list[bytes] = []
        for line in lines:
            if line:
                self._take(line)
            elif self._data and self._ended(done):
                return done
        if self._size + len(self._held) > LONGEST_EVENT:
            raise TooLong("an event of the stream is too large")
        return done

    def _whole(self, events: list[bytes]) -> list[bytes]:
        """Takes a chunk that holds nothing but whole events of a line each, as most do."""
        self._held = b""
        for place, data in enumerate(events):
            if data.startswith(DONE):
                self.over = True
                return events[:place]
        return events

    def end(self) -> list[bytes]:
        """The data of an event that the end of the stream cut short: servers leave the last empty line out."""
        self._take(self._held.rstrip(b"\r"))
        done: list[bytes] = []
        if self._data:
            self._ended(done)
        self.over = True
        return done

    def _ended(self, done: list[bytes]) -> bool:
        """Adds the event that is complete; whether it was the last."""
        data = b"\n".join(self._data)
        self._data, self._size = [], 0
        self.over = data.startswith(DONE)
        if not self.over:
            done.append(data)
        return self.over

    def _take(self, line: bytes) -> None:
        if not line.startswith(b"data:"):
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line.startswith(b"data:"):
            value = line[6:] if line.startswith(b"data: ") else line[5:]
            self._data.append(value)
            self._size += len(value)
