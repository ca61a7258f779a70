"""Code in a container, with AutoGen's arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.engine.agentchat.core.code_executor import EngineExecutor
from studio.engine.code.docker_executor import DockerExecutor

USUAL = "python:3-slim"
"""AutoGen's image; here it means the image of the installation."""


class DockerCommandLineCodeExecutor(EngineExecutor):
    """The container has no network, is limited, and is always removed; other arguments of AutoGen's are taken and change nothing."""

    def __init__(
        self,
        image: str = USUAL,
        container_name: str | None = None,
        *,
        timeout: int = 60,
        work_dir: Path | str | None = None,
        bind_dir: Path | str | None = None,
        **others: Any,
    ) -> None:
        super().__init__(DockerExecutor(image="" if image == USUAL else image, timeout=timeout), work_dir or bind_dir)
