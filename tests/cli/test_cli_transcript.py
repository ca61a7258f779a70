"""The readable transcript: streamed words, whole messages, and nothing that a model could drive a terminal with."""

from __future__ import annotations

import io
import re
from typing import Any

from rich.console import Console

from studio.cli.transcript import ReadableTranscript
from studio.engine.events import CodeFinished, MessageSaid, RunFinished


def transcript(terminal: bool) -> tuple[ReadableTranscript, io.StringIO]:
    stream = io.StringIO()
    return ReadableTranscript(Console(file=stream, force_terminal=terminal, width=200, highlight=False, soft_wrap=True)), stream


def delta(text: str, source: str = "ann") -> dict[str, Any]:
    return {"t": "delta", "source": source, "text": text, "kind": "text"}


def plain(stream: io.StringIO) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())


def test_streamed_words_are_completed_and_not_said_twice() -> None:
    shown, stream = transcript(terminal=True)
    shown.show(delta("Once upon"))
    shown.show(delta(" a ti"))
    shown.event(MessageSaid(seq=2, source="ann", text="Once upon a time."))
    assert plain(stream).split() == ["ann", "Once", "upon", "a", "time."]


def test_a_retry_begins_again_and_the_whole_message_is_shown() -> None:
    shown, stream = transcript(terminal=True)
    shown.show(delta("Once upon"))
    shown.show({"t": "void", "source": "ann"})
    shown.event(MessageSaid(seq=2, source="ann", text="Long ago."))
    assert plain(stream).split("\n")[-2] == "Long ago."


def test_into_a_file_only_whole_messages_are_written() -> None:
    shown, stream = transcript(terminal=False)
    shown.show(delta("Once"))
    shown.show({"t": "working", "source": "ann", "what": "thinking"})
    shown.event(MessageSaid(seq=2, source="ann", text="Once upon a time."))
    assert stream.getvalue().split("\n")[1:3] == ["ann", "Once upon a time."]


def test_a_model_cannot_drive_the_terminal() -> None:
    for terminal in (True, False):
        shown, stream = transcript(terminal)
        evil = "\x1b]0;owned\x07\x1b[2J\x9b31m[red]a[/red]\r\x00"
        shown.show(delta(evil))
        shown.event(MessageSaid(seq=2, source="ann", text=evil))
        shown.event(CodeFinished(seq=3, source="ann", exit_code=1, output=evil))
        shown.event(RunFinished(seq=4, source="ann", status="done", stop_reason=evil))
        written = plain(stream)
        assert "\x1b[2J" not in stream.getvalue()
        assert "[red]a[/red]" in written
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", written)
