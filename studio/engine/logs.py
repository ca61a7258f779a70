"""Logging for studio and scripts: each record names its run, no key is in it, and `CONVENE_LOG=json` makes it a line of JSON."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

from studio.engine.harmless import harmless

run_id: ContextVar[str] = ContextVar("run_id", default="")
"""The run that the current task works on. Threads and tasks that it starts inherit it."""

MASK = "•••"
SHORTEST = 8
"""Characters from which on the value of a variable that is called a key counts as one."""

_SECRET = ("_KEY", "_TOKEN", "_SECRET", "_PASSWORD")

Redact = Callable[[str], str]


def without_keys_of(environment: Mapping[str, str]) -> Redact:
    """What takes the keys of environment variables out of texts, for programs that keep no other secrets."""
    keys = sorted(
        {value for name, value in environment.items() if name.upper().endswith(_SECRET) and len(value) >= SHORTEST}, key=len, reverse=True
    )

    def redact(text: str) -> str:
        for key in keys:
            text = text.replace(key, MASK)
        return text

    return redact


class OfRun(logging.Filter):
    """Gives each record the id of the run that it is about as `run`; empty where there is none. Belongs on handlers."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "run"):
            record.run = run_id.get()
        return True


class Lines(logging.Formatter):
    """Records as text, with the run's id before the message."""

    def __init__(self, redact: Redact) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")
        self._redact = redact

    def formatMessage(self, record: logging.LogRecord) -> str:
        run = getattr(record, "run", "")
        told = record.message
        if run and f"run {run}" not in told:
            told = f"run {run}: {told}"
        # A line end in what somebody sent begins no record of its own.
        return harmless(f"{record.levelname} {record.name}: {told}").replace("\n", "\n    ")

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))


class JsonLines(logging.Formatter):
    """Records as one JSON object a line: time, level, logger, run, message, error."""

    def __init__(self, redact: Redact) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._redact(record.getMessage()),
        }
        if run := getattr(record, "run", ""):
            told["run"] = run
        if record.exc_info and record.exc_info[0] is not None:
            told["error"] = record.exc_info[0].__name__
            told["traceback"] = self._redact(record.exc_text or self.formatException(record.exc_info))
        return json.dumps(told, ensure_ascii=False)


def log_to(stream: TextIO | None = None, redact: Redact | None = None, environment: Mapping[str, str] = os.environ) -> logging.Handler:
    """Let this process log to a stream (standard error unless told), and return the handler.

    `CONVENE_LOG` is `text` or `json`, `CONVENE_LOG_LEVEL` the least level, `WARNING` unless told. `redact` takes secrets out of what
    is logged; unless told, the keys that stand in the environment. Called again, it replaces what it set up before.
    """
    redact = redact or without_keys_of(environment)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.set_name("convene")
    handler.addFilter(OfRun())
    handler.setFormatter(JsonLines(redact) if environment.get("CONVENE_LOG", "").casefold() == "json" else Lines(redact))
    root = logging.getLogger()
    for old in [each for each in root.handlers if each.get_name() == "convene"]:
        root.removeHandler(old)
    root.addHandler(handler)
    level = logging.getLevelNamesMapping().get(environment.get("CONVENE_LOG_LEVEL", "").upper(), logging.WARNING)
    root.setLevel(level)
    return handler
