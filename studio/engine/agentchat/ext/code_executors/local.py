"""Code on this machine, with AutoGen's arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from studio.engine.agentchat.core.code_executor import EngineExecutor
from studio.engine.code.local import LocalExecutor
from studio.engine.errors import FlowError
from studio.texts import text


class LocalCommandLineCodeExecutor(EngineExecutor):
    """Having made one, a script said yes to code without a sandbox. `functions` may be imported from `functions_module`."""

    def __init__(
        self,
        timeout: int = 60,
        work_dir: Path | str | None = None,
        functions: Sequence[Callable[..., Any]] = (),
        functions_module: str = "functions",
        cleanup_temp_files: bool = True,
        virtual_env_context: Any = None,
    ) -> None:
        """Raises ValueError for a time limit below one second, FlowError for a virtual environment of another program."""
        if timeout < 1:
            raise ValueError("Timeout must be greater than or equal to 1.")
        if virtual_env_context is not None:
            raise FlowError(
                "virtual_env_context",
                text("engine.agentchat.no_environment"),
                text("engine.agentchat.no_environment.remedy"),
            )
        super().__init__(LocalExecutor(timeout=timeout), work_dir)
        self._functions, self._module = tuple(functions), functions_module

    async def start(self) -> None:
        """Write the functions where the code can import them."""
        if self._functions:
            source = "\n\n".join(inspect.cleandoc(inspect.getsource(function)) for function in self._functions)
            (self.work_dir / f"{self._module}.py").write_text(source + "\n", encoding="utf-8")
