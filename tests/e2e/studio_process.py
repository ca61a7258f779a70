"""The real studio in a process of its own: started like a person starts it, killed like a power cut kills it."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

from studio_command import free_port, studio_command

START_WITHIN = 300.0
"""Seconds: the first start in a checkout compiles the pages."""


class StudioProcess:
    """`url` opens the studio with its token; `origin` is the address without it. The data directory outlives the process."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = ""
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None
        self._log = data_dir / "studio.log"

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> StudioProcess:
        """Starts on the same port and data as before. Raises AssertionError with the log when no address comes."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        program, needed = studio_command()
        environment = {
            **os.environ,
            **needed,
            # Code runs on this machine after a yes, whether or not it has Docker.
            "DOCKER_HOST": "unix:///nonexistent/docker.sock",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "PYTHONUNBUFFERED": "1",
            **self._environment,
        }
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [*program, "--no-browser", "--port", str(self.port), "--data-dir", str(self.data_dir)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        end = time.monotonic() + START_WITHIN
        while time.monotonic() < end:
            if found := re.search(r"http://\S+\?auth=\S+", self.log):
                self.url = found[0]
                return self
            assert self._process.poll() is None, f"The studio ended with {self._process.returncode}:\n{self.log}"
            time.sleep(0.05)
        raise AssertionError(f"The studio gave no address in {START_WITHIN:.0f} s:\n{self.log}")

    @property
    def pid(self) -> int:
        """The number of the process, which leads a session of its own. Raises AssertionError when it is not running."""
        assert self._process is not None, "The studio is not running."
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    @property
    def complaints(self) -> list[str]:
        """What the studio printed after it had said where it is open and how to stop it."""
        lines = self.log.splitlines()
        opened = next((at for at, line in enumerate(lines) if "?auth=" in line), len(lines))
        return lines[opened + 2 :]

    def kill(self) -> None:
        """kill -9: nothing is closed, nothing is said."""
        process, self._process = self._process, None
        assert process is not None
        process.kill()
        process.wait(20)

    def stop(self) -> None:
        """Asks it to end, and kills it when it does not."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)

    def __enter__(self) -> StudioProcess:
        return self.start()

    def __exit__(self, *_: Any) -> None:
        self.stop()
