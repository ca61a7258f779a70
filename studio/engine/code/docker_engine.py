"""The Docker engine of this machine: reaching it, what it can do right now, its images, and containers that outlived their run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from studio.engine.code.threads import in_thread
from studio.engine.errors import DockerUnavailable
from studio.texts import text

DEFAULT_IMAGE = "python:3.12-slim"
RUN_LABEL = "convene.run"
PROBE_TIMEOUT = 2.0
PROBE_KEPT = 5.0
"""Seconds for which the answer of a probe is taken for the truth."""
REQUEST_TIMEOUT = 20.0
PULL_TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class DockerState:
    """What Docker can do at the moment: run code, nothing (`no engine`), or nothing until it has the image (`no image`)."""

    state: Literal["ready", "no engine", "no image"]
    sentence: str = ""
    remedy: str = ""

    @property
    def ready(self) -> bool:
        return self.state == "ready"


_known: dict[tuple[str, str], tuple[float, DockerState]] = {}


def image_for(wanted: str = "", installation: str = "") -> str:
    """The image that code runs in: the flow's own, else the installation's, else CONVENE_DOCKER_IMAGE, else a small Python."""
    return wanted or installation or os.environ.get("CONVENE_DOCKER_IMAGE") or DEFAULT_IMAGE


async def docker_state(image: str) -> DockerState:
    """Whether Docker answers and has the image; asked at most every few seconds, answered within two or so. Pulls nothing."""
    key = (os.environ.get("DOCKER_HOST", ""), image)
    known = _known.get(key)
    if known is not None and time.monotonic() - known[0] < PROBE_KEPT:
        return known[1]
    try:
        async with asyncio.timeout(PROBE_TIMEOUT + 0.5):
            found = await in_thread(lambda: _probe(image))
    except TimeoutError:
        sentence = text("engine.docker.engine_too_slow", address=engine_address())
        found = DockerState("no engine", sentence, text("engine.docker.hangs"))
    _known[key] = (time.monotonic(), found)
    return found


def known_state(image: str) -> DockerState | None:
    """What the last probe said, however old, without asking again."""
    known = _known.get((os.environ.get("DOCKER_HOST", ""), image))
    return known[1] if known is not None else None


def engine_address() -> str:
    """Where the engine is: DOCKER_HOST, else the current context of the docker command, else the usual place."""
    if named := os.environ.get("DOCKER_HOST"):
        return named
    with contextlib.suppress(Exception):  # whatever is wrong with the command's own files is no concern of ours
        from docker.context import ContextAPI

        context = ContextAPI.get_current_context()
        if context is not None and context.Name != "default" and context.Host:
            return str(context.Host)
    return "npipe:////./pipe/docker_engine" if os.name == "nt" else "unix:///var/run/docker.sock"


def connect(timeout: float | None = None) -> Any:
    """A docker.DockerClient whose requests take at most `timeout` seconds (REQUEST_TIMEOUT). Blocks. Raises DockerUnavailable."""
    import docker
    from docker.errors import DockerException

    where = engine_address()
    try:
        if os.environ.get("DOCKER_HOST"):
            return docker.from_env(timeout=timeout or REQUEST_TIMEOUT)
        return docker.DockerClient(base_url=where, timeout=timeout or REQUEST_TIMEOUT)
    except (DockerException, OSError, ValueError) as mistake:
        raise _unreachable(where, mistake) from mistake


def _unreachable(where: str, mistake: Exception) -> DockerUnavailable:
    said = str(mistake)
    if "PermissionError" in said or "Permission denied" in said:
        return DockerUnavailable(text("engine.docker.user_refused", address=where), text("engine.docker.user_refused.remedy"))
    return DockerUnavailable(text("engine.docker.no_engine", address=where), text("engine.docker.no_engine.remedy"))


def _probe(image: str) -> DockerState:
    from docker.errors import APIError, DockerException, ImageNotFound

    try:
        client = connect(PROBE_TIMEOUT)
    except DockerUnavailable as mistake:
        return DockerState("no engine", mistake.sentence, mistake.remedy)
    try:
        client.images.get(image)
        return DockerState("ready")
    except ImageNotFound:
        missing = image_missing(image, "")
        return DockerState("no image", missing.sentence, missing.remedy)
    except (APIError, DockerException, OSError) as mistake:
        sentence = text("engine.docker.engine_broken", error=first_line(mistake))
        return DockerState("no engine", sentence, text("engine.docker.restart"))
    finally:
        client.close()


def image_missing(image: str, why: str) -> DockerUnavailable:
    key = "engine.docker.image_not_fetched" if why else "engine.docker.image_missing"
    return DockerUnavailable(text(key, image=image, why=why), text("engine.docker.image_missing.remedy", image=image))


def ensure_image(client: Any, image: str, given_up: threading.Event, tell: Callable[[str], None]) -> None:
    """Fetch the image if it is missing, and say so. Blocks; stops soon after `given_up` is set. Raises DockerUnavailable."""
    from docker.errors import APIError, DockerException, ImageNotFound

    try:
        client.images.get(image)
        return
    except ImageNotFound:
        pass
    ends = time.monotonic() + PULL_TIMEOUT
    repository, _, tag = image.rpartition(":") if ":" in image.rsplit("/", 1)[-1] else (image, "", "latest")
    tell(text("engine.docker.fetching", image=image) + "\n")
    try:
        for progress in client.api.pull(repository, tag=tag, stream=True, decode=True):
            if "error" in progress:
                raise image_missing(image, str(progress["error"])[:300])
            if given_up.is_set():
                raise image_missing(image, text("engine.docker.fetching_stopped"))
            if time.monotonic() > ends:
                raise image_missing(image, text("engine.docker.fetching_too_slow"))
        client.images.get(image)
    except (APIError, DockerException, OSError) as mistake:
        raise image_missing(image, first_line(mistake)) from mistake


def first_line(mistake: Exception) -> str:
    explanation = getattr(mistake, "explanation", None) or str(mistake)
    lines = str(explanation).strip().splitlines()
    return (lines[0] if lines else type(mistake).__name__)[:300]


async def remove_orphans(labels: Mapping[str, str], alive: Collection[str] = ()) -> int:
    """Remove the containers with all these labels whose run is not `alive`: what a studio that was killed left behind.

    Returns how many were removed; 0 where no engine answers.
    """

    def remove() -> int:
        from docker.errors import APIError, DockerException

        try:
            client = connect(PROBE_TIMEOUT)
        except DockerUnavailable:
            return 0
        try:
            wanted = [RUN_LABEL, *(f"{name}={value}" for name, value in labels.items())]
            removed = 0
            for container in client.api.containers(all=True, filters={"label": wanted}):
                if container["Labels"].get(RUN_LABEL) in alive:
                    continue
                try:
                    client.api.remove_container(container["Id"], force=True, v=True)
                    removed += 1
                except APIError:
                    continue  # it is being removed already
            return removed
        except (DockerException, OSError):
            return 0
        finally:
            client.close()

    return await in_thread(remove)
