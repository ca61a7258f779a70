"""The runner in a hardened container: nothing writable but the work folder, no rights, no network unless wanted, removed afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from studio.engine.code.base import Sandbox
from studio.engine.code.docker_engine import RUN_LABEL, connect, ensure_image, first_line
from studio.engine.code.images import PACKAGES, USER, Preparing, outside_network
from studio.engine.code.limits import Limits
from studio.engine.code.session import RUNNER_SOURCE
from studio.engine.code.threads import in_thread
from studio.engine.code.work_folder import OWN, write_file
from studio.engine.errors import CodeExecutionError, DockerUnavailable
from studio.texts import text

WHERE = "Docker"
WORK = "/work"
_STARTING = 30.0
_REMOVING = 8.0
_MAX_LINE = 2 * 1024 * 1024
_MAX_BETWEEN_ORDERS = 64 * 1024 * 1024
"""Bytes that a container may say after an order: a flood of forged reports ends it."""

log = logging.getLogger("studio.engine")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The container that a run wants. A `dockerfile` takes the place of `image`; `network` lets the code reach outside."""

    image: str
    limits: Limits
    dockerfile: str = ""
    packages: tuple[str, ...] = ()
    network: bool = False


class ContainerBox:
    """One container of one run. It also ends when this process dies: its input ends, then its runner, then Docker removes it."""

    folder = WORK
    shared = True
    thrown_away_after_timeout = True

    def __init__(self, sandbox: Sandbox, wanted: Wanted) -> None:
        self._sandbox = sandbox
        self._wanted = wanted
        self._image = wanted.image
        self._name = f"convene-{secrets.token_hex(8)}"
        self._token = f"{OWN}/{self._name}"
        self._labels = {**sandbox.labels, RUN_LABEL: sandbox.run}
        self.environment = {
            "CONVENE_RUN": sandbox.run,
            "HOME": WORK,
            "TMPDIR": "/tmp",  # noqa: S108  a file system in memory, of this container alone
            "PYTHONPATH": f"{WORK}:{PACKAGES}" if wanted.packages else WORK,
            "MPLBACKEND": "Agg",
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._client: Any = None
        self._socket: Any = None
        self._given_up = threading.Event()
        self._ready: asyncio.Future[dict[str, Any]] | None = None
        self._received = 0
        self._ended = False

    async def start(self, on_line: Callable[[bytes], None], on_end: Callable[[str], None], tell: Callable[[str], None]) -> None:
        loop = asyncio.get_running_loop()

        def told(said: str) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(tell, said)

        await in_thread(lambda: self._create(told))
        self._go_on()
        ready = self._ready = loop.create_future()
        reading = _Reading(self, loop, ready, on_line, on_end)
        threading.Thread(target=reading.until_end, args=(self._socket,), name=self._name, daemon=True).start()
        try:
            await in_thread(self._run)
            async with asyncio.timeout(_STARTING):
                facts = await ready
        except TimeoutError:
            sentence = text("engine.docker.container_too_slow", image=self._image)
            raise DockerUnavailable(sentence, text("engine.docker.hangs")) from None
        finally:
            ready.cancel()
        if not facts.get("found"):
            raise DockerUnavailable(text("engine.docker.folder_unseen"), text("engine.docker.folder_unseen.remedy"))
        if not facts.get("writable"):
            raise DockerUnavailable(text("engine.docker.folder_not_writable"), text("engine.docker.folder_not_writable.remedy"))

    def _create(self, tell: Callable[[str], None]) -> None:
        from docker.errors import APIError, DockerException
        from docker.types import LogConfig, Ulimit

        self._share_folder()
        self._client = connect()
        self._prepare(tell)
        self._go_on()
        api = self._client.api
        limits = self._wanted.limits
        host = api.create_host_config(
            network_mode=outside_network() if self._wanted.network else "none",
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            mem_limit=limits.memory,
            memswap_limit=limits.memory,
            nano_cpus=int(limits.cpus * 1_000_000_000),
            pids_limit=limits.processes,
            init=True,
            ipc_mode="private",
            shm_size="16m",
            ulimits=[
                Ulimit(name="nofile", soft=1024, hard=1024),
                Ulimit(name="core", soft=0, hard=0),
                Ulimit(name="fsize", soft=limits.disk, hard=limits.disk),
            ],
            tmpfs={"/tmp": f"rw,size=64m,uid={USER},gid={USER},mode=0700,nosuid,nodev,exec"},  # noqa: S108
            binds={str(self._sandbox.folder.resolve()): {"bind": WORK, "mode": "rw,z"}},
            auto_remove=True,
            log_config=LogConfig(type=LogConfig.types.NONE),
        )
        try:
            made = api.create_container(
                self._image,
                entrypoint=["python3"],
                command=["-I", "-S", "-c", RUNNER_SOURCE, "--alone", f"{WORK}/{self._token}"],
                name=self._name,
                hostname="sandbox",
                user=f"{USER}:{USER}",
                working_dir=WORK,
                stdin_open=True,
                environment=self.environment,
                labels=self._labels,
                host_config=host,
            )
            self._socket = api.attach_socket(made["Id"], params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
        except (APIError, DockerException, OSError) as mistake:
            sentence = text("engine.docker.container_not_made", error=first_line(mistake))
            raise DockerUnavailable(sentence, text("engine.docker.restart")) from mistake

    def _prepare(self, tell: Callable[[str], None]) -> None:
        """See that the image is there: fetched or built, and with the packages."""
        preparing = Preparing(self._client, self._given_up, tell, self._labels)
        if self._wanted.dockerfile.strip():
            self._image = preparing.built(self._wanted.dockerfile)
        else:
            ensure_image(self._client, self._image, self._given_up, tell)
        self._go_on()
        if self._wanted.packages:
            self._image = preparing.with_packages(self._image, self._wanted.packages)

    def _run(self) -> None:
        from docker.errors import APIError, DockerException

        self._go_on()
        try:
            self._client.api.start(self._name)
        except (APIError, DockerException, OSError) as mistake:
            said = first_line(mistake)
            if "python3" in said:
                raise _ended_at_once(self._image, said) from mistake
            raise DockerUnavailable(text("engine.docker.container_not_started", error=said), text("engine.docker.restart")) from mistake

    def _share_folder(self) -> None:
        """Let the container's user write, and leave a token by which the container can tell that it sees this folder."""
        folder = self._sandbox.folder
        try:
            if hasattr(os, "geteuid") and os.geteuid() == 0:
                os.chown(folder, USER, USER)
            else:
                os.chmod(folder, 0o777)  # noqa: S103  another user, the container's, must write here; the data directory is private
            write_file(folder, PurePosixPath(self._token), "", shared=True)
        except (OSError, ValueError) as mistake:
            raise CodeExecutionError(
                text("engine.code.folder_unusable", error=mistake), text("engine.code.folder_unusable.remedy")
            ) from mistake

    async def send(self, line: bytes) -> None:
        if self._ended or self._socket is None:
            raise BrokenPipeError
        self._received = 0
        await in_thread(lambda: _raw(self._socket).sendall(line))

    def give_up(self) -> None:
        self._given_up.set()
        if self._ready is not None:
            self._ready.cancel()

    def _go_on(self) -> None:
        """Raises when the start was given up meanwhile."""
        if self._given_up.is_set():
            raise CodeExecutionError(text("engine.docker.start_given_up"))

    async def destroy(self) -> None:
        self._ended = True
        client, self._client = self._client, None
        if client is None:
            return
        try:
            async with asyncio.timeout(_REMOVING):
                await in_thread(lambda: self._remove(client))
        except TimeoutError:
            log.warning("container %s could not be removed in time; it is removed at the next start", self._name)

    def _remove(self, client: Any) -> None:
        from docker.errors import APIError, DockerException, NotFound

        try:
            client.api.remove_container(self._name, force=True, v=True)
        except NotFound:
            pass
        except (APIError, DockerException, OSError) as mistake:
            if "already in progress" not in str(mistake):
                log.warning("container %s: %s", self._name, first_line(mistake))
        finally:
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    _raw(self._socket).close()
                    self._socket.close()
            client.close()
            with contextlib.suppress(OSError):
                os.unlink(self._sandbox.folder / self._token)


class _Reading:
    """What a container says, read in a thread of its own and handed to the event loop line by line."""

    def __init__(
        self,
        box: ContainerBox,
        loop: asyncio.AbstractEventLoop,
        ready: asyncio.Future[dict[str, Any]],
        on_line: Callable[[bytes], None],
        on_end: Callable[[str], None],
    ) -> None:
        self._box = box
        self._loop = loop
        self._ready = ready
        self._on_line = on_line
        self._on_end = on_end
        self._words = b""

    def until_end(self, socket: Any) -> None:
        raw = _raw(socket)
        buffer = b""
        with contextlib.suppress(OSError, ValueError, EOFError):
            raw.settimeout(None)
            while data := _frame(raw):
                self._box._received += len(data)
                buffer += data
                *lines, buffer = buffer.split(b"\n")
                for line in lines:
                    self._tell(self._line, line)
                if len(buffer) > _MAX_LINE or self._box._received > _MAX_BETWEEN_ORDERS:
                    break
        self._words = buffer or self._words
        self._tell(self._end)

    def _tell(self, what: Callable[..., None], *facts: bytes) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(what, *facts)

    def _line(self, line: bytes) -> None:
        if not line.startswith(b"{"):
            self._words = line or self._words
        elif self._ready.done():
            self._on_line(line)
        else:
            with contextlib.suppress(ValueError):
                facts = json.loads(line)
                self._ready.set_result(facts if isinstance(facts, dict) else {})

    def _end(self) -> None:
        self._box._ended = True
        words = self._words.decode("utf-8", "replace").strip()[:200]
        if not self._ready.done():
            self._ready.set_exception(_ended_at_once(self._box._image, words))
        self._on_end(words)


def _ended_at_once(image: str, words: str) -> DockerUnavailable:
    if "python3" in words:
        sentence = text("engine.docker.no_python", image=image)
    else:
        key = "engine.docker.container_ended.words" if words else "engine.docker.container_ended"
        sentence = text(key, image=image, words=words)
    return DockerUnavailable(sentence, text("engine.docker.no_python.remedy"))


def _raw(socket: Any) -> Any:
    """The socket itself: the SDK wraps those of local engines into a file that can only be read."""
    return getattr(socket, "_sock", socket)


def _frame(raw: Any) -> bytes:
    """The next piece of the multiplexed stream: 8 bytes of header (stream, 0, 0, 0, length), then the piece. Empty at the end."""
    header = _exactly(raw, 8)
    return _exactly(raw, int.from_bytes(header[4:], "big")) if header else b""


def _exactly(raw: Any, count: int) -> bytes:
    pieces = []
    while count:
        piece = raw.recv(min(count, 1 << 20))
        if not piece:
            return b""
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
