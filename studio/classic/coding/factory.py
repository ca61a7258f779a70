"""The executor that a code_execution_config means, in both its forms."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.classic.coding.base import EngineExecutor
from studio.classic.coding.command_line import LONGEST, DockerCommandLineCodeExecutor, ExecutorUnusable, LocalCommandLineCodeExecutor
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.code.local import LocalExecutor
from studio.texts import text

LEGACY_TIMEOUT = 600.0
"""Seconds, where a configuration without an executor names none."""


@dataclass(slots=True)
class CodeWish:
    """Where code runs and which messages are looked at. With `may_ask` nobody chose Docker: a person may choose this machine instead.

    With `own_line` the output begins on a line of its own, as results do where a configuration names no executor.
    """

    executor: Any
    last: int | str = "auto"
    may_ask: bool = False
    own_line: bool = False


class CodeExecutorFactory:
    @staticmethod
    def create(code_execution_config: Mapping[str, Any]) -> Any:
        """The executor of {"executor": …}: an object, "commandline-local" or "ipython-embedded". Raises ExecutorUnusable."""
        executor = code_execution_config.get("executor")
        if executor == "commandline-local":
            return LocalCommandLineCodeExecutor(**code_execution_config.get("commandline-local", {}))
        if executor == "ipython-embedded":
            from studio.classic.coding.jupyter import EmbeddedIPythonCodeExecutor

            return EmbeddedIPythonCodeExecutor(**code_execution_config.get("ipython-embedded", {}))
        if executor is None or isinstance(executor, str) or not hasattr(executor, "execute_code_blocks"):
            raise ExecutorUnusable(text("classic.executor.unknown", executor=repr(executor)), text("classic.executor.unknown.remedy"))
        return executor


def code_wish(config: Mapping[str, Any]) -> CodeWish:
    """What a configuration wants. Docker is not looked for yet. Raises ExecutorUnusable when both forms are mixed."""
    last = config.get("last_n_messages", "auto")
    if last != "auto" and (not isinstance(last, int) or isinstance(last, bool) or last < 0):
        raise ExecutorUnusable(text("classic.executor.last_n_messages", value=repr(last)))
    if "executor" in config:
        mixed = [name for name in ("use_docker", "work_dir", "timeout") if name in config]
        if mixed:
            raise ExecutorUnusable(text("classic.executor.mixed", names=", ".join(mixed)))
        return CodeWish(CodeExecutorFactory.create(config), last)
    timeout = float(config.get("timeout") or LEGACY_TIMEOUT)
    wanted = config.get("use_docker")
    chosen = wanted is not None
    if wanted is None:
        said = os.environ.get("AUTOGEN_USE_DOCKER", "").strip().lower()
        chosen, wanted = bool(said), said not in ("0", "false", "no", "off")
    if not wanted:
        local = LocalExecutor(timeout=min(timeout, LONGEST), disk_mb=1_000_000)
        return CodeWish(EngineExecutor(local, config.get("work_dir"), timeout), last, own_line=True)
    image = (
        wanted[0] if isinstance(wanted, list | tuple) and wanted else wanted if isinstance(wanted, str) and not chosen_word(wanted) else ""
    )
    docker = DockerExecutor(image=image, timeout=min(timeout, LONGEST), network=True, disk_mb=1_000_000)
    return CodeWish(EngineExecutor(docker, config.get("work_dir"), timeout), last, may_ask=not chosen, own_line=True)


def chosen_word(said: str) -> bool:
    """Whether `use_docker` from a variable says yes rather than naming an image."""
    return said.strip().lower() in ("", "1", "true", "yes", "on")


__all__ = ["CodeExecutorFactory", "CodeWish", "DockerCommandLineCodeExecutor", "code_wish"]
