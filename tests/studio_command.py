"""How tests start the studio: what was installed if it was, and the sources otherwise."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def studio_command() -> tuple[list[str], dict[str, str]]:
    """The installed `convene` where there is one, else the same entry point from the sources; and what it needs in its environment."""
    installed = shutil.which("convene", path=str(Path(sys.executable).parent))
    if installed:
        # Nothing of the checkout: what was installed is what is tested.
        return [installed], {}
    sources = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return [sys.executable, "-m", "studio"], {"PYTHONPATH": sources}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
