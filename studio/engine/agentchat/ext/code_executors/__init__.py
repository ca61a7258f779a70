"""Where code runs: this machine, Docker, Jupyter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.engine.agentchat.core.code_executor import CodeExecutor


def create_default_code_executor(work_dir: Path | str | None = None) -> CodeExecutor:
    """Docker where it answers when code is to run; otherwise this machine, after a yes."""
    from studio.engine.agentchat.ext.code_executors.default import DefaultCodeExecutor

    return DefaultCodeExecutor(work_dir)
