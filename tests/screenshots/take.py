"""Takes the README's pictures of the real studio: a flow while it runs, light and dark, and the first page.

    PYTHONPATH=. python tests/screenshots/take.py

Starts a studio of its own on an empty data directory, drives it in headless Chromium and writes .github/screenshots/*.png.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "e2e"), str(ROOT / "tests"), str(ROOT)]

from chromium import headless
from playwright.sync_api import Browser
from studio_process import StudioProcess
from visitor import Visitor

PICTURES = ROOT / ".github" / "screenshots"


def while_it_runs(browser: Browser, studio: StudioProcess, scheme: str) -> None:
    visitor = Visitor(browser, studio, color_scheme=scheme)
    visitor.enter()
    visitor.page.screenshot(path=PICTURES / f"home-{scheme}.png")
    visitor.use_template("engineering-team")
    visitor.find("run-button").click()
    visitor.find("task-input").fill("Make slugify(title) for web addresses: lower case, single hyphens. Test it.")
    visitor.find("task-input").press("Enter")
    visitor.page.locator("[data-testid=message][data-source=planner]").first.wait_for()
    visitor.page.wait_for_timeout(3_000)
    visitor.page.screenshot(path=PICTURES / f"editor-{scheme}.png")
    visitor.leave()


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    docker = {"DOCKER_HOST": os.environ["DOCKER_HOST"]} if "DOCKER_HOST" in os.environ else {}
    with headless() as browser, tempfile.TemporaryDirectory() as folder, StudioProcess(Path(folder), **docker) as studio:
        for scheme in ("light", "dark"):
            while_it_runs(browser, studio, scheme)


if __name__ == "__main__":
    main()
