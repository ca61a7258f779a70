"""The studio as a process of its own, started as anybody starts it, on a port of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from studio_command import studio_command
from websockets.sync.client import ClientConnection, connect

START_SECONDS = 60.0


class StudioProcess:
    """A running `convene`. `said` is what it printed so far."""

    def __init__(self, data_dir: Path, port: int) -> None:
        self.port = port
        self.said: list[str] = []
        self._open = threading.Event()
        program, needed = studio_command()
        self.process = subprocess.Popen(
            [*program, "--no-browser", "--port", str(port), "--data-dir", str(data_dir)],
            cwd=data_dir.parent,
            env=os.environ | needed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        if not self._open.wait(START_SECONDS) or self.process.poll() is not None:
            self.process.kill()
            raise RuntimeError("The studio did not start:\n" + "".join(self.said))

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if "/?auth=" in line:
                self._open.set()
        self._open.set()

    @property
    def token(self) -> str:
        found = re.search(r"/\?auth=(\S+)", "".join(self.said))
        assert found is not None
        return found[1]

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[HTTPResponse, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def cookie(self) -> str:
        """What a browser would send back after it opened the printed address."""
        response, _ = self.request("GET", f"/?auth={self.token}")
        return str(response.headers["set-cookie"]).partition(";")[0]

    @contextmanager
    def channel(self, cookie: str) -> Iterator[Channel]:
        origin: Any = f"http://127.0.0.1:{self.port}"
        with connect(f"ws://127.0.0.1:{self.port}/api/channel", origin=origin, additional_headers={"Cookie": cookie}) as socket_:
            yield Channel(socket_)

    def end(self) -> int:
        """Ends it as Ctrl+C does and returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(2)
        return self.process.wait(15)


class Channel:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    def send(self, **frame: Any) -> None:
        self._connection.send(json.dumps(frame))

    def read_until(self, **wanted: Any) -> dict[str, Any]:
        """The first frame that has all these values."""
        while True:
            frame: dict[str, Any] = json.loads(self._connection.recv(timeout=15))
            if wanted.items() <= frame.items():
                return frame

    def event(self, kind: str) -> dict[str, Any]:
        """The next event of a type."""
        while True:
            for event in self.read_until(t="events")["events"]:
                if event["type"] == kind:
                    return dict(event)
