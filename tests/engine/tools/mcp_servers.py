"""Started MCP servers, for tests."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from studio.engine.tools.mcp_transport import Sse, Stdio, StreamableHttp, Transport

PROGRAM = str(Path(__file__).with_name("mcp_test_server.py"))
STDIO = Stdio(command=sys.executable, args=(PROGRAM, "stdio"))


class Remote:
    """A server in a process of its own, on a port of its own; `restart` starts it again on the same port."""

    def __init__(self, protocol: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.protocol = protocol
        self.process = self._start()

    @property
    def transport(self) -> Transport:
        address = f"http://127.0.0.1:{self.port}"
        return Sse(url=f"{address}/sse") if self.protocol == "sse" else StreamableHttp(url=f"{address}/mcp")

    def restart(self) -> None:
        self.end()
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, PROGRAM, self.protocol, str(self.port)], stderr=subprocess.DEVNULL)
        _wait(self._answers)
        return process

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def server_of(protocol: str) -> Iterator[tuple[Transport, Callable[[], None]]]:
    """A transport to a server, and what starts the server again after it crashed (a program is started by its client)."""
    if protocol == "stdio":
        yield STDIO, lambda: None
        return
    remote = Remote(protocol)
    try:
        yield remote.transport, remote.restart
    finally:
        remote.end()


def _wait(ready: Callable[[], bool], within: float = 30.0) -> None:
    end = time.monotonic() + within
    while not ready():
        assert time.monotonic() < end, "the server does not answer"
        time.sleep(0.05)
