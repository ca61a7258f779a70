"""`convene serve` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from served_flows import TOKEN
from studio_command import studio_command


@contextmanager
def serving(data: Path, *arguments: str, token: str | None = TOKEN) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, and everything that it said until it was open."""
    program, needed = studio_command()
    environment = {**os.environ, **needed, "PYTHONUNBUFFERED": "1"} | ({"CONVENE_SERVE_TOKEN": token} if token else {})
    process = subprocess.Popen(
        [*program, "serve", *arguments, "--data-dir", str(data)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    giving_up = threading.Timer(60, process.kill)
    giving_up.start()
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl+C" in line:
            break
    giving_up.cancel()
    try:
        yield process, said
    finally:
        process.kill()
        process.wait(20)
        process.stdout.close()
