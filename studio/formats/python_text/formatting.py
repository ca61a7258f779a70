"""Formatting and sorting of the written file by ruff, with its default style whatever the folder says."""

from __future__ import annotations

import subprocess
from functools import cache

from studio.engine.errors import ConveneError
from studio.texts import text

_LIMIT = 20.0
PASSES = 3
"""Texts of several lines in inner brackets may take a second pass to come to rest."""
_CHECK = (
    "check", "--isolated", "--no-cache", "--quiet", "--fix", "--select", "F,I", "--target-version", "py311",
    "--config", "lint.isort.split-on-trailing-comma=false",
    "--config", 'lint.isort.known-third-party=["studio"]', "--config", 'lint.isort.known-first-party=["tools"]',
    "--stdin-filename", "main.py", "-",
)  # fmt: skip
_FORMAT = ("format", "--isolated", "--no-cache", "--quiet", "--target-version", "py311", "--stdin-filename", "main.py", "-")


class FormatterMissing(ConveneError):
    """ruff, which comes with the studio, could not be run."""

    code = "formatter_missing"

    def __init__(self, why: str) -> None:
        super().__init__(text("export.formatter_missing", why=why), text("export.formatter_missing.remedy"))


def formatted(source: str) -> tuple[str, bool]:
    """The source sorted and formatted, and whether ruff found nothing left to complain about. Raises FormatterMissing."""
    written, clean = _run(_CHECK, source)
    for _ in range(PASSES):
        before = written
        written, _ = _run(_FORMAT, before)
        if written == before:
            break
    return written, clean


def _run(arguments: tuple[str, ...], source: str) -> tuple[str, bool]:
    try:
        done = subprocess.run([_binary(), *arguments], input=source.encode(), capture_output=True, timeout=_LIMIT, check=False)
    except (OSError, subprocess.TimeoutExpired) as reason:
        raise FormatterMissing(str(reason)) from reason
    if done.returncode > 1 or not done.stdout:
        raise FormatterMissing(
            done.stderr.decode(errors="replace").strip()[:500] or text("export.formatter_missing.status", status=done.returncode)
        )
    return done.stdout.decode(), done.returncode == 0


@cache
def _binary() -> str:
    try:
        from ruff import find_ruff_bin  # type: ignore[import-untyped]

        return str(find_ruff_bin())
    except (ImportError, FileNotFoundError) as reason:
        raise FormatterMissing(str(reason)) from reason
