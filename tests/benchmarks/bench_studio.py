"""What the studio weighs: its start, its installation, its memory when nothing happens, and the JavaScript of its pages.

Run: PYTHONPATH=. python tests/benchmarks/bench_studio.py [start] [size] [memory] [javascript]; all four unless some are named.
"""

from __future__ import annotations

import gzip
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from serving import ROOT, Figure, StudioProcess, Visitor, browser, compiled, installed, report, studio, talk

MEGABYTE = 1 << 20
STARTS = 5
TOOLCHAIN = ("pip", "setuptools", "_distutils_hack", "pkg_resources")
"""How the names begin of what a new virtual environment holds to install with; it is no part of the studio."""

INSTALL_WITHIN = 300.0
STARTED_AFTER = 15.0
"""Seconds after which a studio that had no bytecode yet is up."""


def start() -> list[Figure]:
    """From starting the process until the first page came, of a studio that was started before."""
    compiled()
    with tempfile.TemporaryDirectory(prefix="convene-bench-", ignore_cleanup_errors=True) as folder:
        taken = [_first_page(folder) for _ in range(STARTS + 1)][1:]
    walls, processors = zip(*taken, strict=True)
    note = f"least {min(walls):.1f}, {statistics.median(processors):.1f} of processor time"
    return [Figure("start to HTTP 200", statistics.median(walls), 3, 6.0, "s", note)]


def _first_page(data_dir: str) -> tuple[float, float]:
    """Seconds until the first page came with 200: on the wall, and of the processor."""
    began = time.perf_counter()
    served = StudioProcess(Path(data_dir), **installed(data_dir)).start()
    try:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(served.url, timeout=30) as answer:
            assert answer.status == 200, f"The first page came with {answer.status}"
            answer.read()
        fields = Path(f"/proc/{served.pid}/stat").read_text().rpartition(")")[2].split()
        return time.perf_counter() - began, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    finally:
        served.stop()


def size() -> list[Figure]:
    """A virtual environment of its own with the studio and everything it depends on, as `du` counts it; pip itself is not counted."""
    compiled()
    with tempfile.TemporaryDirectory(prefix="convene-bench-", ignore_cleanup_errors=True) as folder:
        place = Path(folder, "installed")
        venv.create(place, with_pip=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        subprocess.run([place / "bin" / "pip", "install", "-q", str(ROOT)], check=True, timeout=INSTALL_WITHIN, env=environment)
        whole = _weight(place)
        _print_heaviest(place)
        for cache in list(place.rglob("__pycache__")):
            shutil.rmtree(cache)
        held = _weight(place)
        _start_once(place, Path(folder, "data"), environment)
        used = _weight(place)
    return [
        Figure("installed size, as the wheels hold it", held / MEGABYTE, 200, 649, "MB"),
        Figure(
            "the same after a start, by the README's command or by uv",
            used / MEGABYTE,
            200,
            None,
            "MB",
            "with the bytecode of what it uses",
        ),
        Figure("the same with all bytecode, by pip without --no-compile", whole / MEGABYTE, 200, 833, "MB"),
    ]


def _weight(place: Path) -> int:
    """Bytes on the disk of what is no tool to install with."""
    files = (file for file in place.rglob("*") if file.is_file() and not file.is_symlink())
    ours = (file for file in files if not any(part.startswith(TOOLCHAIN) for part in file.relative_to(place).parts))
    return sum(file.stat().st_blocks * 512 for file in ours)


def _print_heaviest(place: Path, most: int = 12) -> None:
    weights: dict[str, int] = {}
    for distribution in metadata.distributions(path=[str(next(place.glob("lib/python*/site-packages")))]):
        files = (Path(str(distribution.locate_file(file))) for file in distribution.files or ())
        weights[distribution.name] = sum(file.stat().st_blocks * 512 for file in files if file.is_file())
    heaviest = sorted(weights.items(), key=lambda each: -each[1])[:most]
    print("the heaviest (MB):", ", ".join(f"{name} {weight / MEGABYTE:.1f}" for name, weight in heaviest))


def _start_once(place: Path, data: Path, environment: dict[str, str]) -> None:
    command = [place / "bin" / "convene", "--no-browser", "--port", "0", "--data-dir", data]
    with subprocess.Popen(command, env=environment, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(STARTED_AFTER)
        process.terminate()


def memory() -> list[Figure]:
    """Resident memory of all processes of the studio, after the first page was opened, and after the editor was."""
    with studio() as served, browser() as chromium:
        visitor = Visitor(chromium, served).enter()
        visitor.page.wait_for_timeout(1500)
        idle = _resident(served.pid)
        visitor.import_flow(talk(4))
        visitor.run("Talk")
        visitor.ends()
        visitor.page.wait_for_timeout(1500)
        used = _resident(served.pid)
        visitor.leave()
    return [
        Figure("idle memory after one page", idle / MEGABYTE, 150, 277, "MB"),
        Figure("the same after an edited flow and a run", used / MEGABYTE, 150, 277, "MB"),
    ]


def _resident(session: int) -> int:
    """Bytes that the processes of a session hold in memory."""
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                total += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
        except OSError:
            continue  # ended meanwhile
    return total


def javascript() -> list[Figure]:
    """All JavaScript that a browser with an empty cache fetches for a page, as gzip packs it."""
    with studio() as served, browser() as chromium:
        first = Visitor(chromium, served)
        home = _scripts(first, first.enter)
        flow = first.import_flow(talk(4))
        first.leave()
        second = Visitor(chromium, served)
        second.page.goto(served.url)
        # A page of another studio's origin has nothing in this one's cache yet: a new context has none at all.
        third = Visitor(chromium, served)
        third.context.add_cookies(second.context.cookies())
        second.leave()
        editor = _scripts(third, lambda: (third.page.goto(f"{served.origin}/flow/{flow}"), third.in_editor()))
        third.leave()
    return [
        Figure("JavaScript of the first page", sum(home.values()) / MEGABYTE, 0.5, 1.49, "MB", f"{len(home)} files"),
        Figure("JavaScript of the editor", sum(editor.values()) / MEGABYTE, 0.5, 1.49, "MB", f"{len(editor)} files"),
    ]


def _scripts(visitor: Visitor, go: Callable[[], Any]) -> dict[str, int]:
    """{address: bytes as gzip packs them} of the scripts that a browser fetches while it goes somewhere and stays a little."""
    responses: list[Any] = []
    visitor.page.on("response", lambda response: responses.append(response))  # Playwright takes no built-in function
    go()
    visitor.page.wait_for_timeout(2000)
    found: dict[str, int] = {}
    for response in responses:
        if response.status == 200 and urlsplit(response.url).path.endswith((".js", ".mjs")):
            found[response.url] = len(gzip.compress(response.body(), 6))
    return found


MEASURES = {"start": start, "size": size, "memory": memory, "javascript": javascript}


def main() -> None:
    wanted = sys.argv[1:] or list(MEASURES)
    if unknown := set(wanted) - set(MEASURES):
        raise SystemExit(f"There is no measure {', '.join(unknown)}; there are {', '.join(MEASURES)}.")
    report([figure for name in wanted for figure in MEASURES[name]()])


if __name__ == "__main__":
    main()
