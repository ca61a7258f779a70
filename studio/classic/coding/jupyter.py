"""Code in a Jupyter kernel, which remembers what earlier code defined."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.classic.coding.base import EngineExecutor, IPythonCodeResult
from studio.classic.coding.command_line import LONGEST, NOTHING_KEPT_FREE
from studio.engine.code.jupyter import JupyterExecutor

__all__ = ["DockerJupyterServer", "EmbeddedIPythonCodeExecutor", "IPythonCodeResult", "JupyterCodeExecutor", "LocalJupyterServer"]


class _Server:
    """Where the kernel lives. There is no server to start: our kernels are spoken to directly."""

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Nothing to do: the kernel ends with its executor."""


class LocalJupyterServer(_Server):
    """A kernel on this machine."""


class DockerJupyterServer(_Server):
    """A kernel in a container."""

    def __init__(self, *, custom_image_name: str = "", **_: Any) -> None:
        self.image = custom_image_name


class JupyterCodeExecutor(EngineExecutor):
    """A kernel where `jupyter_server` says; in Docker when nothing is said."""

    def __init__(
        self,
        jupyter_server: _Server | None = None,
        kernel_name: str = "python3",
        timeout: float = 60,
        output_dir: str | Path = ".",
    ) -> None:
        place: Any = "local" if isinstance(jupyter_server, LocalJupyterServer) else "docker"
        image = getattr(jupyter_server, "image", "")
        executor = JupyterExecutor(place=place, image=image, timeout=min(timeout, LONGEST), network=True, disk_mb=NOTHING_KEPT_FREE)
        super().__init__(executor, output_dir, timeout)


class EmbeddedIPythonCodeExecutor(EngineExecutor):
    """A kernel on this machine, in a process of its own."""

    def __init__(self, timeout: float = 60, kernel_name: str = "python3", output_dir: str | Path = ".") -> None:
        super().__init__(JupyterExecutor(place="local", timeout=min(timeout, LONGEST), disk_mb=NOTHING_KEPT_FREE), output_dir, timeout)
