"""What can go wrong with a run as a whole: each class takes the facts and writes the sentence and the way out."""

from __future__ import annotations

from studio.engine.errors import ConveneError
from studio.texts import text


class RunRefused(ConveneError):
    """A run cannot be started, stopped or resumed as things stand. `why` is a key of the message catalogue under `runs.`."""

    code = "run_refused"

    def __init__(self, why: str, **facts: object) -> None:
        super().__init__(text(f"runs.{why}", **facts), text(f"runs.{why}.remedy", **facts))


class TaskMissing(RunRefused):
    """Somebody has to be told what to do, and the task is empty."""

    code = "no_task"

    def __init__(self) -> None:
        super().__init__("no_task")


class SessionMissing(ConveneError):
    code = "session_missing"

    def __init__(self, session: str) -> None:
        super().__init__(text("runs.session_missing", session=session), text("runs.session_missing.remedy"))
