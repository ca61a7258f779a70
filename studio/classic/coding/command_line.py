"""Code on this machine and in Docker, block by block."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from studio.classic.coding.base import EngineExecutor
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.code.local import LocalExecutor
from studio.engine.errors import ConveneError
from studio.texts import text

LONGEST = 3600.0
"""Seconds."""

NOTHING_KEPT_FREE = 1_000_000
"""Megabytes that a folder of the script's own may hold."""


class ExecutorUnusable(ConveneError, ValueError):
    """Scripts catch it as a ValueError."""

    code = "executor"


class LocalCommandLineCodeExecutor(EngineExecutor):
    """Runs code on this machine, without a sandbox but in processes of its own, without this program's environment variables.

    `functions` are written into a module that code can import. Raises ExecutorUnusable for what cannot be done.
    """

    def __init__(
        self,
        timeout: float = 60,
        virtual_env_context: Any = None,
        work_dir: str | Path = ".",
        functions: Sequence[Callable[..., Any]] = (),
        functions_module: str = "functions",
        execution_policies: dict[str, bool] | None = None,
        packages: Sequence[str] = (),
    ) -> None:
        if virtual_env_context is not None:
            raise ExecutorUnusable(text("classic.executor.own_environment"), text("classic.executor.own_environment.remedy"))
        if timeout < 1:
            raise ExecutorUnusable(text("classic.executor.time_limit"))
        executor = LocalExecutor(timeout=min(timeout, LONGEST), packages=tuple(packages), disk_mb=NOTHING_KEPT_FREE)
        super().__init__(executor, work_dir, timeout)
        if not functions_module.isidentifier():
            raise ExecutorUnusable(text("classic.executor.no_module", name=repr(functions_module)))
        if functions:
            sources = [textwrap.dedent(inspect.getsource(function)) for function in functions]
            (self.work_dir / f"{functions_module}.py").write_text("\n\n".join(sources), encoding="utf-8")


class DockerCommandLineCodeExecutor(EngineExecutor):
    """Runs code in a container, which may reach the network as scripts of this kind expect; `network=False` takes that away.

    Docker is looked for when code first runs, not when this is made.
    """

    def __init__(
        self,
        image: str = "",
        container_name: str | None = None,
        timeout: float = 60,
        work_dir: str | Path = ".",
        bind_dir: str | Path | None = None,
        auto_remove: bool = True,
        stop_container: bool = True,
        execution_policies: dict[str, bool] | None = None,
        network: bool = True,
    ) -> None:
        if timeout < 1:
            raise ExecutorUnusable(text("classic.executor.time_limit"))
        executor = DockerExecutor(image=image, timeout=min(timeout, LONGEST), network=network, disk_mb=NOTHING_KEPT_FREE)
        super().__init__(executor, work_dir, timeout)
