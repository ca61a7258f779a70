"""Code in a Jupyter kernel that remembers, with AutoGen's arguments."""

from __future__ import annotations

from pathlib import Path

from studio.engine.agentchat.core.code_executor import EngineExecutor
from studio.engine.code.jupyter import JupyterExecutor


class JupyterCodeExecutor(EngineExecutor):
    """A kernel on this machine: what one run defines, the next one knows, until `stop`."""

    def __init__(self, kernel_name: str = "python3", timeout: int = 60, output_dir: Path | str | None = None) -> None:
        super().__init__(JupyterExecutor(place="local", timeout=timeout), output_dir)
