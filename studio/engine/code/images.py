"""Images made for a flow: built from its own Dockerfile, or another image with packages added; each is made once and then kept."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from studio.engine.code.docker_engine import REQUEST_TIMEOUT, first_line
from studio.engine.code.packages import INSTALLING, last_words, pip_arguments, pip_environment
from studio.engine.code.unused_images import MADE_LABEL, note_use, remove_unused
from studio.engine.errors import CodeExecutionError, DockerUnavailable
from studio.texts import text

log = logging.getLogger("studio.engine")

PACKAGES = "/packages"
USER = 10_001
"""Whose code runs, and who installs packages: nobody that any image knows."""
_BUILDING = 1200.0
_MEMORY = 2 * 1024 * 1024 * 1024
_PROCESSES = 512
_MAX_TOLD = 20_000
"""Characters of progress that are passed on."""

Tell = Callable[[str], None]


class ImageNotBuilt(CodeExecutionError):
    code = "image_not_built"

    def __init__(self, why: str) -> None:
        super().__init__(text("engine.docker.image_not_built", why=why), text("engine.docker.image_not_built.remedy"))


class PackagesNotInstalled(CodeExecutionError):
    code = "packages_not_installed"

    def __init__(self, packages: Sequence[str], why: str, remedy: str = "") -> None:
        sentence = text("engine.packages.not_installed", packages=", ".join(packages), why=why)
        super().__init__(sentence, remedy or text("engine.packages.not_installed.remedy"))


def outside_network() -> str:
    """The Docker network for what may reach outside: CONVENE_DOCKER_NETWORK, else Docker's own."""
    return os.environ.get("CONVENE_DOCKER_NETWORK") or "bridge"


class Preparing:
    """What makes images on behalf of one start: it can be given up at any time, and says what it does. Its methods block.

    Containers that it needs carry `labels`, by which they are found when this process was killed meanwhile.
    """

    def __init__(self, client: Any, given_up: threading.Event, tell: Tell, labels: Mapping[str, str]) -> None:
        self._client = client
        self._given_up = given_up
        self._tell = tell
        self._labels = dict(labels)
        self._told = 0

    # A Dockerfile -----------------------------------------------------------------------------------------------------

    def built(self, dockerfile: str) -> str:
        """The name of the image that the Dockerfile's text describes. Raises ImageNotBuilt."""
        name = f"convene/built:{_digest(dockerfile)}"
        if self._exists(name):
            note_use(self._client, name)
            return name
        self._say(text("engine.docker.building") + "\n")
        last = ""
        try:
            for report in self._reports(dockerfile, name):
                if "error" in report:
                    raise ImageNotBuilt(str(report["error"]).strip()[:300])
                last = str(report.get("stream", "")) or last
                self._say(str(report.get("stream", "")))
        except ImageNotBuilt:
            raise
        except Exception as mistake:  # the SDK lets whatever its HTTP library raises through
            raise ImageNotBuilt(first_line(mistake)) from mistake
        self._go_on()
        if not self._exists(name):
            raise ImageNotBuilt(last.strip()[:300] or text("engine.docker.build_ended_early"))
        self._make_room(name)
        return name

    def _reports(self, dockerfile: str, name: str) -> Iterator[dict[str, Any]]:
        """The engine's reports of a build. The SDK's own `build` cannot be broken off while a step says nothing."""
        api = self._client.api
        options = {
            "t": name,
            "rm": "true",
            "forcerm": "true",
            "networkmode": outside_network(),
            "memory": str(_MEMORY),
            "memswap": str(_MEMORY),
            "labels": json.dumps({MADE_LABEL: "dockerfile"}),
        }
        response = api.post(
            f"{api.base_url}/v{api.api_version}/build",
            params=options,
            data=_context(dockerfile),
            headers={"Content-Type": "application/x-tar"},
            stream=True,
            timeout=(REQUEST_TIMEOUT, _BUILDING),
        )
        with contextlib.closing(response), self._broken_off_by(response.raw.shutdown, _BUILDING):
            for line in response.iter_lines():
                if line:
                    report = json.loads(line)
                    yield {"error": report["message"]} if "message" in report else report

    # Packages ---------------------------------------------------------------------------------------------------------

    def with_packages(self, image: str, packages: Sequence[str]) -> str:
        """The name of an image that is `image` with the packages in PACKAGES. Raises PackagesNotInstalled.

        They are installed by an unprivileged user in a container that may reach the network; the code's own may not.
        """
        wanted = sorted(set(packages))
        name = f"convene/packages:{_digest(self._client.images.get(image).id, *wanted)}"
        if self._exists(name):
            note_use(self._client, name)
            return name
        self._say(text("engine.packages.installing", packages=", ".join(wanted)) + "\n")
        self._install(image, wanted, name)
        self._make_room(name)
        return name

    def _install(self, image: str, packages: Sequence[str], name: str) -> None:
        from docker.errors import APIError, DockerException
        from docker.types import Ulimit

        api = self._client.api
        container = f"convene-{secrets.token_hex(8)}"
        host = api.create_host_config(
            network_mode=outside_network(),
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            mem_limit=_MEMORY,
            memswap_limit=_MEMORY,
            pids_limit=_PROCESSES,
            init=True,
            ipc_mode="private",
            ulimits=[Ulimit(name="core", soft=0, hard=0)],
            tmpfs={"/tmp": f"rw,size=2g,uid={USER},gid={USER},mode=0700,nosuid,nodev,exec"},  # noqa: S108
        )
        try:
            api.create_container(
                image,
                entrypoint=["python3", "-c"],
                command=[f"import time; time.sleep({INSTALLING:.0f})"],
                name=container,
                user=f"{USER}:{USER}",
                working_dir=PACKAGES,
                labels=self._labels,
                host_config=host,
            )
            try:
                api.put_archive(container, "/", _folder(PACKAGES[1:]))
                self._follow_installation(api, container, packages)
                self._go_on()
                repository, _, tag = name.rpartition(":")
                forgotten = [f'LABEL {name}=""' for name in self._labels]
                api.commit(container, repository, tag, changes=[f"LABEL {MADE_LABEL}=packages", *forgotten])
            finally:
                with contextlib.suppress(APIError):
                    api.remove_container(container, force=True, v=True)
        except (APIError, DockerException, OSError) as mistake:
            self._go_on()
            raise PackagesNotInstalled(packages, first_line(mistake)) from mistake

    def _follow_installation(self, api: Any, container: str, packages: Sequence[str]) -> None:
        lines: list[str] = []
        api.start(container)
        # The environment of a container becomes that of an image made of it; what a command in it is told does not.
        installing = api.exec_create(
            container,
            ["python3", "-m", *pip_arguments(packages, "--no-cache-dir", "--no-compile", "--target", PACKAGES)],
            environment={"HOME": "/tmp", "PYTHONUTF8": "1", **pip_environment()},  # noqa: S108
        )["Id"]
        with self._broken_off_by(lambda: api.kill(container), INSTALLING) as broken_off:
            for piece in api.exec_start(installing, stream=True):
                said = piece.decode("utf-8", "replace")
                lines = [*lines, *said.splitlines()][-200:]
                self._say(said)
            code = api.exec_inspect(installing)["ExitCode"]
        self._go_on()
        if broken_off.is_set():
            raise PackagesNotInstalled(packages, text("engine.packages.too_slow"))
        if code != 0:
            why = last_words(lines)
            if "No module named pip" in why:
                raise PackagesNotInstalled(packages, text("engine.docker.no_pip"), text("engine.docker.no_pip.remedy"))
            raise PackagesNotInstalled(packages, why or text("engine.docker.pip_failed", code=code))

    # Both -------------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _broken_off_by(self, break_off: Callable[[], object], seconds: float) -> Iterator[threading.Event]:
        """While something goes on that only waits: break it off once it was given up or takes too long."""
        over, broken = threading.Event(), threading.Event()
        ends = time.monotonic() + seconds

        def watch() -> None:
            while not over.wait(0.1):
                if self._given_up.is_set() or time.monotonic() > ends:
                    broken.set()
                    with contextlib.suppress(Exception):  # it ended by itself at the same moment
                        break_off()
                    return

        threading.Thread(target=watch, name="convene-preparing", daemon=True).start()
        try:
            yield broken
        finally:
            over.set()

    def _make_room(self, name: str) -> None:
        """There is one image more: those that nobody used for long go."""
        note_use(self._client, name)
        try:
            remove_unused(self._client)
        except Exception as mistake:  # the SDK lets whatever its HTTP library raises through
            log.warning("unused images could not be removed: %s", first_line(mistake))

    def _exists(self, name: str) -> bool:
        from docker.errors import ImageNotFound

        try:
            self._client.images.get(name)
        except ImageNotFound:
            return False
        return True

    def _say(self, said: str) -> None:
        if said and self._told < _MAX_TOLD:
            self._told += len(said)
            self._tell(said[: _MAX_TOLD - self._told + len(said)])

    def _go_on(self) -> None:
        if self._given_up.is_set():
            raise DockerUnavailable(text("engine.docker.start_given_up"))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:24]


def _context(dockerfile: str) -> bytes:
    """All that a build sees: the Dockerfile, and no file of this machine."""
    import tarfile

    data = dockerfile.encode("utf-8", "replace")
    facts = tarfile.TarInfo("Dockerfile")
    facts.size = len(data)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(facts, io.BytesIO(data))
    return buffer.getvalue()


def _folder(name: str) -> bytes:
    import tarfile

    facts = tarfile.TarInfo(name)
    facts.type = tarfile.DIRTYPE
    facts.mode = 0o755
    facts.uid = facts.gid = USER
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(facts)
    return buffer.getvalue()
