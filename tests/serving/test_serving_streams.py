"""Streams to guests: what is sent while nobody speaks, and what happens when a guest is gone, does not read or has too many."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from studio.serving import streams
from studio.serving.door import MOST_STREAMS, Pace
from studio.serving.errors import GuestRefused
from studio.serving.streams import EventStream, event_line, streamed

Sent = list[dict[str, Any]]


async def words(*said: str, pause: float = 0.0) -> AsyncGenerator[str]:
    for word in said:
        await asyncio.sleep(pause)
        yield word


async def forever() -> Any:
    await asyncio.Event().wait()


async def serve(stream: EventStream, receive: Any = forever) -> Sent:
    sent: Sent = []

    async def send(message: Any) -> None:
        sent.append(message)

    await stream({"type": "http"}, receive, send)
    return sent


async def test_pieces_go_out_as_they_come_and_the_stream_is_counted_off() -> None:
    pace = Pace()
    sent = await serve(EventStream(words("one", "two"), pace))
    assert [message.get("body") for message in sent[1:]] == [b"one", b"two", b""]
    assert dict(sent[0]["headers"])[b"content-type"].startswith(b"text/event-stream")
    assert b"content-length" not in dict(sent[0]["headers"])
    assert pace.streams == 0


async def test_a_comment_is_sent_while_nobody_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SILENCE", 0.01)
    sent = await serve(EventStream(words("one", pause=0.1), Pace()))
    bodies = [message["body"] for message in sent[1:]]
    assert bodies[0].startswith(b": ")
    assert bodies[-2:] == [b"one", b""]


async def test_a_guest_that_goes_away_ends_the_stream_and_is_told_of() -> None:
    left: list[str] = []

    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def note() -> None:
        left.append("gone")

    pace = Pace()
    await serve(EventStream(words("one", pause=60), pace, note), gone)
    assert (left, pace.streams) == (["gone"], 0)


async def test_what_breaks_a_stream_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> AsyncGenerator[str]:
        yield "one"
        raise ValueError("a mistake of ours")

    with caplog.at_level(logging.ERROR):
        await serve(EventStream(broken(), Pace()))
    assert "a mistake of ours" in caplog.text


async def test_more_streams_than_there_may_be_are_refused_and_nobody_is_waited_for() -> None:
    pace, left = Pace(), []
    pace.streams = MOST_STREAMS

    async def note() -> None:
        left.append("gone")

    with pytest.raises(GuestRefused) as refused:
        await streamed(words("one"), pace, note)
    assert (refused.value.status, left, pace.streams) == (429, ["gone"], MOST_STREAMS)


def test_an_event_is_one_line_of_json_whatever_is_in_it() -> None:
    line = event_line({"text": "a\n\ndata: b\r\n"}, name="message", number=7)
    assert line.startswith("id: 7\nevent: message\ndata: {")
    assert line.count("\n") == 4
