"""Environments with other packages than ours, made once: whoever else needs one meanwhile, in whichever process, waits for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from studio.frontend.alone import alone

INSTALLING = 600
"""Seconds that each of the two steps may take."""


def python_of(folder: Path) -> Path:
    return folder / "bin" / "python"


def is_made(folder: Path) -> bool:
    """Whether everything that belongs in it was installed."""
    return (folder / "ready").exists()


def made(folder: Path, packages: Sequence[str]) -> Path:
    """The Python of an environment with these packages, which is made where there is none. Raises CalledProcessError."""
    if not is_made(folder):
        with alone(folder.with_name(f"{folder.name}.lock"), 2 * INSTALLING):
            if not is_made(folder):
                _make(folder, packages)
    return python_of(folder)


def _make(folder: Path, packages: Sequence[str]) -> None:
    python = python_of(folder)
    if (uv := shutil.which("uv")) is not None:
        subprocess.run([uv, "venv", "-q", "--clear", "--python", sys.executable, folder], check=True, timeout=INSTALLING)
        subprocess.run([uv, "pip", "install", "-q", "--python", python, *packages], check=True, timeout=INSTALLING)
    else:
        # Most of what is unpacked is never imported: what is, Python compiles then.
        install = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-compile"]
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", folder], check=True, timeout=INSTALLING)
        subprocess.run([*install, *packages], check=True, timeout=INSTALLING)
    (folder / "ready").touch()
