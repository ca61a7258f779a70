"""Code in a Docker container: no network unless wanted, limited, unprivileged, removed afterwards."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.code.base import CodeSession, Executor, Sandbox
from studio.engine.code.container import WHERE, ContainerBox, Wanted
from studio.engine.code.docker_engine import image_for
from studio.engine.code.limits import Limits
from studio.engine.code.packages import Packages
from studio.engine.code.session import RunnerSession
from studio.engine.component import Widget


class DockerExecutor(Executor):
    kind: ClassVar[str] = "docker"
    title: ClassVar[str] = "Docker"
    summary: ClassVar[str] = "A container without network"

    image: Annotated[
        str, Field(title="Image", description="Empty takes the installation's image.", max_length=300), Widget("line", advanced=True)
    ] = ""
    dockerfile: Annotated[
        str,
        Field(
            title="Dockerfile",
            description="Builds the image instead, once. Its commands may reach the network; no file of this machine is in their reach.",
            max_length=20_000,
        ),
        Widget("text", placeholder="FROM python:3.12-slim", advanced=True),
    ] = ""
    packages: Packages = ()
    network: Annotated[
        bool,
        Field(title="Network", description="Lets the code reach the network. Without it, it can send nothing out."),
        Widget("", advanced=True),
    ] = False
    timeout: Annotated[float, Field(title="Time limit", description="Seconds for one execution.", gt=0, le=3600), Widget("seconds")] = 60.0
    memory_mb: Annotated[int, Field(title="Memory", description="Megabytes.", ge=32, le=65_536), Widget("", advanced=True)] = 512
    cpus: Annotated[
        float, Field(title="Processors", description="Parts of one are possible.", ge=0.05, le=256), Widget("", advanced=True)
    ] = 1.0
    processes: Annotated[
        int,
        Field(title="Processes", description="How many may live at once, threads included.", ge=8, le=32_768),
        Widget("", advanced=True),
    ] = 128
    disk_mb: Annotated[
        int, Field(title="Files", description="Megabytes that the work folder may hold.", ge=1, le=1_000_000), Widget("", advanced=True)
    ] = 1024

    async def needs_consent(self) -> bool:
        return False

    def open(self, sandbox: Sandbox) -> CodeSession:
        limits = self.limits
        return RunnerSession(WHERE, sandbox.folder, self.timeout, lambda: ContainerBox(sandbox, self.wanted(sandbox)), limits.disk)

    @property
    def limits(self) -> Limits:
        return Limits.of_megabytes(self.memory_mb, self.disk_mb, self.processes, self.cpus)

    def wanted(self, sandbox: Sandbox) -> Wanted:
        """The container as this specification describes it, in this installation."""
        return Wanted(image_for(self.image, sandbox.docker_image), self.limits, self.dockerfile, self.packages, self.network)
