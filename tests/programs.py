"""Programs for this Python, run as a person runs them at home, except that packages which take long to import are there already."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
STARTER = Path(__file__).with_name("program_starter.py")
PACKAGES = ("aiohttp", "openai", "openai.resources.chat", "sqlite3", "unittest")
"""What programs import that is not ours: our own imports belong to what a test of a program tries."""


def run(
    argv: Sequence[str], folder: Path, environment: Mapping[str, str], typed: str = "", timeout: float = 60, source: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs `python argv…` in a folder, or `python -c source`: a file of the folder, and its arguments.

    The environment's PYTHONPATH is for this checkout. Raises subprocess.TimeoutExpired, and everything that the program began is ended.
    """
    if not hasattr(os, "fork"):
        command = [sys.executable, *(("-c", source, *argv[1:]) if source is not None else argv)]
        return subprocess.run(
            command,
            cwd=folder,
            env=dict(environment),
            input=typed,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )
    text = (folder / argv[0]).read_text("utf-8") if source is None else source
    with tempfile.TemporaryDirectory() as place:
        files = {name: str(Path(place, name)) for name in ("input", "output", "errors")}
        Path(files["input"]).write_text(typed, "utf-8")
        order = {"argv": list(argv), "source": text, "folder": str(folder), "environment": dict(environment), **files}
        starter = _starter()
        try:
            code = starter.carry_out(order, timeout)
        except TimeoutError:
            raise subprocess.TimeoutExpired(list(argv), timeout) from None
        said = [Path(files[name]).read_text("utf-8", "replace") for name in ("output", "errors")]
        return subprocess.CompletedProcess(list(argv), code, *said)


class _Starter:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(STARTER), *PACKAGES],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        )
        self._taken = threading.Lock()
        atexit.register(self._process.kill)

    def carry_out(self, order: Mapping[str, object], timeout: float) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._taken:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            number = int(self._process.stdout.readline())
            late = not select.select([self._process.stdout], [], [], timeout)[0]
            if late:
                os.killpg(number, signal.SIGKILL)
            code = int(self._process.stdout.readline())
        if late:
            raise TimeoutError
        return code


@cache
def _starter() -> _Starter:
    return _Starter()
