"""Which npm registry this machine is set up for, so that Reflex need not try some out."""

from __future__ import annotations

import os
import shutil
import subprocess

DEFAULT = "https://registry.npmjs.org/"


def npm_registry(path: str) -> str:
    """NPM_CONFIG_REGISTRY, else what npm on `path` is configured for, else npm's default."""
    if told := os.environ.get("NPM_CONFIG_REGISTRY"):
        return told
    npm = shutil.which("npm", path=path)
    if npm is None:
        return DEFAULT
    try:
        said = subprocess.run(
            [npm, "config", "get", "registry"], capture_output=True, text=True, timeout=30, check=True, env=os.environ | {"PATH": path}
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return DEFAULT
    return said if said.startswith(("http://", "https://")) else DEFAULT
