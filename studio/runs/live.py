"""What is known of a run beyond its log while somebody watches it: the newest events, and the text that is being spoken right now."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from studio.engine.events import Event, OutputDelta, TextDelta, TransientEvent, Voided, Working
from studio.store.log_rows import Entry, status_after
from studio.store.redaction import Redactor

RECENT = 1_000
"""Events that are kept for followers; one who is further behind reads the log."""

MAX_SPOKEN = 1_000_000
"""Characters of a running message or output that are kept for those who come late."""

Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Durable events of one frame, as they are stored: JSON already."""

    run: str
    last_seq: int
    payloads: tuple[str, ...]

    def frame(self) -> Frame:
        return {"t": "events", "run": self.run, "events": json.loads(f"[{','.join(self.payloads)}]")}

    def text(self) -> str:
        """The same frame as JSON, without reading and writing every event again."""
        return f'{{"t":"events","run":{json.dumps(self.run)},"events":[{",".join(self.payloads)}]}}'


_ENDS_NOTHING = frozenset(
    {
        "tool_started",
        "code_started",
        "notice",
        "run_resumed",
        "conversation_opened",
        "team_outlined",
        "variables",
        "tools_offered",
        "command",
        "recalled",
        "remembered",
    }
)
"""Events after which what their source is streaming goes on to count. All others are what the streamed text became."""


class Stream(NamedTuple):
    """What is being spoken or printed: by whom, and in which conversation."""

    what: str
    source: str
    kind: str
    scope: str | None


@dataclass(eq=False, slots=True)
class Follower:
    """One reader: what was shown since it last looked, in few pieces, and a bell."""

    pending: list[Frame] = field(default_factory=list)
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    urgent: asyncio.Event = field(default_factory=asyncio.Event)

    def show(self, frame: Frame) -> None:
        """Add a transient frame; pieces of one text become one piece."""
        last = self.pending[-1] if self.pending else None
        if last is not None and "text" in frame and _same_stream(last, frame):
            last["text"] += frame["text"]
        else:
            self.pending.append(dict(frame))
        self.bell.set()

    def forget(self, source: str, scope: str | None) -> None:
        """What this source streamed in a conversation is void, or has become an event."""
        self.pending = [frame for frame in self.pending if (frame["source"], frame.get("scope")) != (source, scope)]

    def ring(self) -> None:
        self.bell.set()
        self.urgent.set()


class Live:
    """The moving part of one run in this process. Belongs to one event loop."""

    def __init__(self, run: str, session: str, flow: str | None, status: str, last_seq: int, redactor: Redactor) -> None:
        self.run = run
        self.session = session
        self.flow = flow
        self.status = status
        self.last_seq = last_seq
        self.followers: set[Follower] = set()
        self.here = False
        """Whether this process works on the run; otherwise followers must look into the log from time to time."""
        self.closed = False
        self._recent: deque[Entry] = deque(maxlen=RECENT)
        self._spoken: dict[Stream, list[str]] = {}
        self._length: dict[Stream, int] = {}
        self._working: dict[tuple[str, str | None], str] = {}
        self._held: dict[Stream, str] = {}
        self._redactor = redactor

    # What the run does ------------------------------------------------------------------------------------------------

    def appended(self, events: Sequence[Event], entries: Sequence[Entry]) -> None:
        """These events are durable now."""
        for entry in entries:
            if entry.seq != self.last_seq + 1:
                self._recent.clear()
            self._recent.append(entry)
            self.last_seq = entry.seq
        for event in events:
            if event.type not in _ENDS_NOTHING:  # type: ignore[attr-defined]
                self._forget(event.source, event.scope)
        self.status = status_after(events) or self.status
        if self.status != "running":
            self.hush()
        self.ring()

    def elsewhere(self, status: str, last_seq: int) -> None:
        """Another process has brought the run this far."""
        self.status, self.last_seq = status, max(self.last_seq, last_seq)
        self._recent.clear()
        self.ring()

    def show(self, event: TransientEvent) -> None:
        """This is happening; it is never stored."""
        match event:
            case TextDelta(text=text, kind=kind):
                self._stream(Stream("delta", event.source, kind, event.scope), text)
            case OutputDelta(text=text):
                self._stream(Stream("output", event.source, "", event.scope), text)
            case Working(what=what):
                self._working[event.source, event.scope] = what
                self._to_all(self._working_frame(event.source, event.scope, what))
            case Voided():
                self._forget(event.source, event.scope)
                self._to_all(_scoped({"t": "void", "run": self.run, "source": event.source}, event.scope))

    def hush(self) -> None:
        """Nobody speaks any more."""
        self._spoken.clear()
        self._length.clear()
        self._working.clear()
        self._held.clear()

    def ring(self) -> None:
        for follower in self.followers:
            follower.ring()

    # What a follower sees -----------------------------------------------------------------------------------------------

    def tail(self) -> list[Frame]:
        """What is being done and said right now, for one who comes late."""
        frames = [self._working_frame(source, scope, what) for (source, scope), what in self._working.items() if what]
        return frames + [self._frame(stream, "".join(pieces)) for stream, pieces in self._spoken.items()]

    def since(self, seq: int) -> list[tuple[int, str]] | None:
        """The numbers and the JSON of the events after a number; None when they must be read from the log."""
        missing = self.last_seq - seq
        if missing <= 0:
            return []
        if missing > len(self._recent):
            return None
        return [(entry.seq, entry.payload) for entry in self._recent if entry.seq > seq]

    def status_frame(self) -> Frame:
        return {"t": "status", "run": self.run, "status": self.status, "session": self.session, "flow": self.flow, "here": self.here}

    def _stream(self, stream: Stream, text: str) -> None:
        text = self._redactor.redact(self._held.pop(stream, "") + text)
        if back := self._redactor.held_back(text):
            self._held[stream], text = text[-back:], text[:-back]
        if not text:
            return
        length = self._length.get(stream, 0)
        if length < MAX_SPOKEN:
            self._spoken.setdefault(stream, []).append(text)
            self._length[stream] = length + len(text)
        self._to_all(self._frame(stream, text))

    def _frame(self, stream: Stream, text: str) -> Frame:
        frame = {"t": stream.what, "run": self.run, "source": stream.source, "text": text}
        return _scoped(frame | {"kind": stream.kind} if stream.kind else frame, stream.scope)

    def _working_frame(self, source: str, scope: str | None, what: str) -> Frame:
        return _scoped({"t": "working", "run": self.run, "source": source, "what": what}, scope)

    def _to_all(self, frame: Frame) -> None:
        for follower in self.followers:
            follower.show(frame)

    def _forget(self, source: str, scope: str | None) -> None:
        self._working.pop((source, scope), None)
        for stream in [stream for stream in {*self._spoken, *self._held} if (stream.source, stream.scope) == (source, scope)]:
            for known in (self._spoken, self._length, self._held):
                known.pop(stream, None)
        for follower in self.followers:
            follower.forget(source, scope)


def _scoped(frame: Frame, scope: str | None) -> Frame:
    return frame if scope is None else frame | {"scope": scope}


def _same_stream(one: Frame, other: Frame) -> bool:
    return all(one.get(name) == other.get(name) for name in ("t", "source", "kind", "scope"))
