"""What the measurements share: a studio in a process of its own, a browser, drawings to run, and a table against AutoGen Studio."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "e2e")]

from chromium import headless as browser  # noqa: E402 - found by the line above
from studio_process import StudioProcess  # noqa: E402 - found by the line above
from visitor import Visitor  # noqa: E402

__all__ = [
    "FRAMES",
    "ROOT",
    "Figure",
    "StudioProcess",
    "Visitor",
    "browser",
    "compiled",
    "installed",
    "model_server",
    "percentile",
    "report",
    "studio",
    "talk",
]

FRAMES = """
() => {
  const frames = [];
  let last = 0;
  let going = true;
  const tick = (now) => {
    if (last) frames.push(now - last);
    last = now;
    if (going) requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  window.endFrames = () => { going = false; return frames; };
}
"""
"""Begins to take the milliseconds of every frame; `endFrames()` in the page gives them."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, the most that it may be, and what AutoGen Studio 0.4.2.2 needed for the same on the same kind of machine

    (4 shared cores, Python 3.11, headless Chromium without a graphics processor). `theirs` is None where nothing comparable was measured.
    """

    what: str
    ours: float
    limit: float
    theirs: float | None
    unit: str
    note: str = ""


def report(figures: Sequence[Figure]) -> None:
    """Prints the figures with their ratios: to the limit (1 and less is reached) and to AutoGen Studio."""
    print(f"{'':44}{'ours':>10}{'limit':>9}{'ours/limit':>12}{'AutoGen':>10}{'ours/AutoGen':>14}")
    for figure in figures:
        to_limit = f"{figure.ours / figure.limit:.2f}" if figure.limit else ("0" if figure.ours == 0 else "∞")
        theirs, to_theirs = ("", "") if figure.theirs is None else (f"{figure.theirs:g}", f"{figure.ours / figure.theirs:.2f}")
        verdict = "" if figure.ours <= figure.limit else "  NOT REACHED"
        print(
            f"{figure.what + ' (' + figure.unit + ')':44}{figure.ours:>10.4g}{figure.limit:>9g}{to_limit:>12}{theirs:>10}{to_theirs:>14}"
            f"{verdict}{'  ' + figure.note if figure.note else ''}"
        )
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else math.nan
    print(f"load of the machine meanwhile: {load:.1f} on {os.cpu_count()} cores")


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest of `values` that at least this part of them does not exceed. Raises ValueError when there are none."""
    if not values:
        raise ValueError("Nothing was measured.")
    return sorted(values)[max(0, math.ceil(len(values) * part) - 1)]


def compiled() -> None:
    """Compiles the front end of this checkout where that was not done yet, so that it is not measured."""
    from studio.frontend.build import ensure

    ensure(print)


@contextmanager
def studio(**environment: str) -> Iterator[StudioProcess]:
    """The studio with an empty data directory; it was started once before, so that everything is compiled."""
    compiled()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="convene-bench-", ignore_cleanup_errors=True))
        StudioProcess(Path(folder, "before"), **installed(folder)).start().stop()
        yield stack.enter_context(StudioProcess(Path(folder), **installed(folder), **environment))


def installed(folder: str) -> dict[str, str]:
    """The environment in which Python keeps what it compiled, below `folder`, as it does for a studio that pip installed."""
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": f"{folder}/compiled"}


@contextmanager
def model_server() -> Iterator[str]:
    """An OpenAI-compatible server in a process of its own that answers every request at once: its base URL."""
    command = [sys.executable, str(ROOT / "tests" / "model_server.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def talk(messages: int, *, text: str = "", words_per_second: float = 0.0, model: dict[str, Any] | None = None) -> dict[str, Any]:
    """A flow of two assistants who take turns for a number of messages, each saying `text` (about 40 words with some Markdown).

    `model` replaces the practice model: {kind, config}.
    """
    said = text or SAID
    practice = {"kind": "practice", "config": {"words_per_second": words_per_second, "script": {"ann": [said], "bob": [said]}}}
    return {
        "name": f"Talk of {messages}",
        "nodes": [
            {"id": "n_team", "kind": "team", "name": "room", "config": {"max_turns": messages}, "position": {"x": 0, "y": 0}},
            {"id": "n_ann", "kind": "assistant", "name": "ann", "parent": "n_team", "position": {"x": 32, "y": 64}},
            {"id": "n_bob", "kind": "assistant", "name": "bob", "parent": "n_team", "position": {"x": 320, "y": 64}},
            {"id": "n_model", "name": "model", "position": {"x": -320, "y": 64}, **(model or practice)},
            {
                "id": "n_stop",
                "kind": "max_messages",
                "name": "stop",
                "parent": "n_team",
                "position": {"x": 32, "y": 320},
                "config": {"max_messages": messages},
            },
        ],
        "edges": [{"id": "e_model", "kind": "model", "source": "n_model", "target": "n_team"}],
    }


SAID = (
    "Here is what I would do **first**: read the figures again, and only then write the summary. Two things are worth a look:\n\n"
    "- the third quarter, which `sales.csv` leaves out\n- the change of *currency* in May\n\nAfter that we can decide together."
)
