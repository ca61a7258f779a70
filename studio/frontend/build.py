"""Compiles the pages with Reflex into `studio/_web`, and tells whether that is still what the sources say."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from studio.engine.errors import ConveneError
from studio.frontend.alone import alone
from studio.frontend.preloads import preload
from studio.frontend.toolchain import Toolchain, find_toolchain
from studio.texts import text

PACKAGE = Path(__file__).resolve().parent.parent
"""The folder of the package `studio`."""

ROOT = PACKAGE.parent
"""The project's folder in a checkout; site-packages in an installation."""

WEB = PACKAGE / "_web"
"""The built front end. It is a Reflex home: the server starts inside it."""

STAMP = WEB / "build.json"
LOCK = "studio/_web.lock"
TIME_LIMIT = 15 * 60.0
_SOURCES = ("assets", "components", "studio/ui", "studio/frontend", "studio/texts", "studio/app.py", "rxconfig.py")
_PARTS = ("build/client", "backend", "routes.json", "reflex.json")


class BuildFailed(ConveneError):
    code = "frontend_build"

    def __init__(self, why: str, log: str) -> None:
        super().__init__(text("cli.front_end.not_compiled", why=why), text("cli.front_end.not_compiled.log", log=log) if log else "")


class FrontEndMissing(ConveneError):
    code = "frontend_missing"

    def __init__(self) -> None:
        super().__init__(text("cli.front_end.missing"), text("cli.front_end.missing.remedy"))


def in_checkout() -> bool:
    """Whether the package runs from its sources (a clone, an editable install, a build)."""
    return (ROOT / "rxconfig.py").is_file() and (ROOT / "assets").is_dir() and (ROOT / "pyproject.toml").is_file()


def fingerprint() -> str:
    """A hash of everything that the compiled front end is made from."""
    digest = hashlib.sha256(metadata.version("reflex").encode())
    for file in _source_files():
        digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def is_fresh() -> bool:
    """Whether a front end is there that fits the sources. Without sources, whether one is there at all."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return not in_checkout() or stamp.get("fingerprint") == fingerprint()


def ensure(report: Callable[[str], None]) -> Path:
    """The folder of a fresh front end; compiles it when need be and tells `report` how far it is.

    Of several processes that need it at once, one compiles. Raises ToolchainMissing, BuildFailed or FrontEndMissing.
    """
    if not is_fresh():
        if not in_checkout():
            raise FrontEndMissing
        with alone(ROOT / LOCK, 2 * TIME_LIMIT, lambda: report(text("cli.front_end.waits"))):
            if not is_fresh():
                build(report)
    return WEB


def build(report: Callable[[str], None], toolchain: Toolchain | None = None) -> None:
    """Compiles the checkout's pages into `studio/_web`. Raises ToolchainMissing or BuildFailed."""
    toolchain = toolchain or find_toolchain()
    made_from = fingerprint()
    report(text("cli.front_end.compiles", toolchain=toolchain.name))
    with _lock_kept(toolchain):
        _export(toolchain, report)
    with tempfile.TemporaryDirectory(dir=PACKAGE, prefix=".web-") as scratch:
        fresh = Path(scratch) / "_web"
        for part in _PARTS:
            source, target = ROOT / ".web" / part, fresh / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target)
            elif source.is_file():
                shutil.copy2(source, target)
        _drop_sources(fresh / "build/client/studio")
        preload(fresh / "build/client")
        shutil.copy2(ROOT / "rxconfig.py", fresh / "rxconfig.py")
        (fresh / STAMP.name).write_text(json.dumps({"fingerprint": made_from, "reflex": metadata.version("reflex")}), "utf-8")
        if not (fresh / "build/client/index.html").is_file():
            raise BuildFailed(text("cli.front_end.no_pages"), "")
        shutil.rmtree(WEB, ignore_errors=True)
        fresh.rename(WEB)
    report(text("cli.front_end.ready"))


def _drop_sources(copied: Path) -> None:
    """Removes the copies of our own sources, which Reflex puts beside the modules compiled from them. Pictures stay."""
    for file in copied.rglob("*"):
        name = file.name.removesuffix(".gz")
        if name.endswith((".js", ".jsx", ".css")):
            file.unlink()


@contextmanager
def _lock_kept(toolchain: Toolchain) -> Iterator[None]:
    """Puts npm's lock back after a build with bun, which Reflex would replace by bun's."""
    lock = ROOT / "reflex.lock"
    if toolchain.npm or not lock.is_dir():
        yield
        return
    before = {file.name: file.read_bytes() for file in lock.iterdir() if file.is_file()}
    try:
        yield
    finally:
        for name, content in before.items():
            (lock / name).write_bytes(content)


def _export(toolchain: Toolchain, report: Callable[[str], None]) -> None:
    """Runs `reflex export` in a process of its own and passes its steps on."""
    from studio.frontend.registry import npm_registry

    # npm starts its scripts with a shell, which a bare PATH may not reach.
    path = os.pathsep.join([str(toolchain.folder), os.environ.get("PATH", ""), os.defpath])
    environment = os.environ | {
        "PATH": path,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        "REFLEX_USE_NPM": "1" if toolchain.npm else "0",
        "REFLEX_USE_SYSTEM_BUN": "0" if toolchain.npm else "1",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "NPM_CONFIG_REGISTRY": npm_registry(path),
        # Keeps the addresses of this machine's registry out of the lock file.
        "npm_config_omit_lockfile_registry_resolved": "true",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "COLUMNS": "400",  # so that a line of the log is one
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    log: list[str] = []
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        encoding="utf-8", errors="replace",
    ) as process:  # fmt: skip
        assert process.stdout is not None
        from threading import Timer

        timer = Timer(TIME_LIMIT, process.kill)
        timer.start()
        try:
            for line in process.stdout:
                log.append(line)
                if step := _step(line):
                    report(step)
            code = process.wait()
        finally:
            timer.cancel()
            if process.poll() is None:
                process.kill()
    if code != 0:
        slow = text("cli.front_end.too_slow", minutes=f"{TIME_LIMIT / 60:.0f}")
        raise BuildFailed(slow if code < 0 else text("cli.front_end.reflex_failed", status=code), "".join(_telling(log)[-40:]))


def _telling(log: list[str]) -> list[str]:
    """The lines without what npm says to its own developers, which is nearly all of it and comes last."""
    return [line for line in log if not re.match(r"\s*npm (silly|verbose|timing|http|info) ", line)]


def _step(line: str) -> str | None:
    """The words of Reflex's output that tell how far it is."""
    found = re.search(r"(Installing (?:base |component )?\w*|Compiling|Creating Production Build)", line)
    return f"  {found[1].strip()} …" if found and "100%" not in line else None


def _source_files() -> Iterator[Path]:
    for name in _SOURCES:
        place = ROOT / name
        files = [place] if place.is_file() else sorted(place.rglob("*"))
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts and "external" not in file.relative_to(ROOT).parts:
                yield file
