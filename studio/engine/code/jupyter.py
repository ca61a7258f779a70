"""Code in a Jupyter kernel: what one block defines the next one knows, and pictures come back as files."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from studio.engine.code import container, local
from studio.engine.code.base import CodeSession, Executor, Sandbox
from studio.engine.code.container import ContainerBox
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.code.jupyter_session import JupyterSession
from studio.engine.code.local import LocalExecutor
from studio.engine.code.packages import Packages
from studio.engine.component import Widget


class JupyterExecutor(Executor):
    """One kernel a run. It lives in a container with the same hardening as DockerExecutor's, or on this machine after a yes."""

    kind: ClassVar[str] = "jupyter"
    title: ClassVar[str] = "Jupyter"
    summary: ClassVar[str] = "Remembers what was defined, and shows pictures"

    place: Annotated[
        Literal["docker", "local"],
        Field(title="Where the kernel runs", description="In Docker it needs an image with ipykernel, or ipykernel among its packages."),
    ] = "docker"
    image: Annotated[
        str, Field(title="Image", description="Empty takes the installation's image.", max_length=300), Widget("line", advanced=True)
    ] = ""
    packages: Packages = ()
    network: Annotated[
        bool,
        Field(title="Network", description="Lets code in Docker reach the network; on this machine it always can."),
        Widget("", advanced=True),
    ] = False
    timeout: Annotated[float, Field(title="Time limit", description="Seconds for one execution.", gt=0, le=3600), Widget("seconds")] = 60.0
    memory_mb: Annotated[int, Field(title="Memory", description="Megabytes.", ge=64, le=65_536), Widget("", advanced=True)] = 1024
    disk_mb: Annotated[
        int, Field(title="Files", description="Megabytes that the work folder may hold.", ge=1, le=1_000_000), Widget("", advanced=True)
    ] = 1024

    async def needs_consent(self) -> bool:
        return self.place == "local"

    def open(self, sandbox: Sandbox) -> CodeSession:
        if self.place == "local":
            here = LocalExecutor(packages=self.packages, memory_mb=self.memory_mb, disk_mb=self.disk_mb)
            return JupyterSession(local.this_machine(), sandbox.folder, self.timeout, lambda: here.box(sandbox), here.limits.disk)
        there = DockerExecutor(
            image=self.image, packages=self.packages, network=self.network, memory_mb=self.memory_mb, disk_mb=self.disk_mb
        )
        return JupyterSession(
            container.WHERE, sandbox.folder, self.timeout, lambda: ContainerBox(sandbox, there.wanted(sandbox)), there.limits.disk
        )
