"""Code in a Docker container: no network, limited, unprivileged, removed afterwards."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.code.base import CodeSession, Executor, Sandbox
from studio.engine.code.container import WHERE, ContainerBox
from studio.engine.code.docker_engine import image_for
from studio.engine.code.session import RunnerSession
from studio.engine.component import Widget


class DockerExecutor(Executor):
    kind: ClassVar[str] = "docker"
    title: ClassVar[str] = "Docker"
    summary: ClassVar[str] = "A container without network"

    image: Annotated[str, Field(title="Image", description="Empty takes the installation's image."), Widget("line", advanced=True)] = ""
    timeout: Annotated[float, Field(title="Time limit", description="Seconds for one execution.", gt=0, le=3600), Widget("seconds")] = 60.0
    memory_mb: Annotated[int, Field(title="Memory", description="Megabytes.", ge=32, le=65_536), Widget("", advanced=True)] = 512

    async def needs_consent(self) -> bool:
        return False

    def open(self, sandbox: Sandbox) -> CodeSession:
        image = image_for(self.image, sandbox.docker_image)
        return RunnerSession(WHERE, sandbox.folder, self.timeout, lambda: ContainerBox(sandbox, image, self.memory_mb))
