"""The Chromium of this machine, found and started in one way by end-to-end tests, measurements and pictures."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = "No Chromium is installed on this machine: install it (apt-get install chromium) to drive the studio in a browser."


def chromium() -> str | None:
    """A program on PATH, else the one that Playwright installed."""
    if found := next(filter(None, map(shutil.which, NAMES)), None):
        return found
    own = Path.home() / ".cache" / "ms-playwright"
    return next((str(file) for file in sorted(own.glob("chromium-*/chrome-*/chrome"))), None)


def needed() -> None:
    """Without a browser a test is skipped, unless CONVENE_REQUIRE_BROWSER=1 makes that a failure."""
    import pytest

    if chromium() is None:
        if os.environ.get("CONVENE_REQUIRE_BROWSER") == "1":
            pytest.fail(MISSING)
        pytest.skip(MISSING)


def started() -> set[int]:
    """The processes that this one has started, and those that they have, as far as the system tells."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            facts = status.read_text("utf-8", "replace").rpartition(")")[2].split()
            parents[int(status.parent.name)] = int(facts[1])
    found, waiting = set(), {os.getpid()}
    while waiting := {each for each, parent in parents.items() if parent in waiting}:
        found |= waiting
    return found


@contextmanager
def headless() -> Iterator[Any]:
    """A browser without a window. Raises SystemExit with a sentence when there is none."""
    program = chromium()
    if program is None:
        raise SystemExit(MISSING)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield browser
        browser.close()
