"""Virtual environments on this machine: made for a list of packages, once, and kept; off the event loop and cancellable."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from studio.engine.code.packages import INSTALLING, last_words, pip_arguments, pip_environment
from studio.engine.errors import CodeExecutionError
from studio.texts import text

_STALE = 2 * INSTALLING
"""Seconds after which a half-made environment belongs to nobody."""

_making: dict[Path, asyncio.Lock] = {}


class EnvironmentNotMade(CodeExecutionError):
    code = "environment_not_made"

    def __init__(self, why: str, remedy: str = "") -> None:
        super().__init__(text("engine.environment.not_made", why=why), remedy or text("engine.environment.not_made.remedy"))


class PackagesNotFetched(CodeExecutionError):
    code = "packages_not_installed"

    def __init__(self, packages: Sequence[str], why: str) -> None:
        sentence = text("engine.packages.not_installed", packages=", ".join(packages), why=why)
        super().__init__(sentence, text("engine.packages.not_installed.remedy"))


def environments_folder() -> Path:
    """Where environments are kept for all runs of this user."""
    import platformdirs

    return platformdirs.user_cache_path("convene") / "environments"


async def environment_for(packages: Sequence[str], keep: Path, tell: Callable[[str], None]) -> Path:
    """The interpreter of an environment below `keep` that has the packages (and pip); made if it is not there.

    Several may ask at once, also from other processes: an environment counts only when it is whole.
    Raises EnvironmentNotMade and PackagesNotFetched.
    """
    wanted = sorted(set(packages))
    facts = "\n".join((sys.version, sys.base_prefix, *wanted))
    key = hashlib.sha256(facts.encode("utf-8", "replace")).hexdigest()[:24]
    pointer = keep / f"{key}.ready"
    loop_key = keep / f"{key}-{id(asyncio.get_running_loop())}"
    async with _making.setdefault(loop_key, asyncio.Lock()):
        try:
            found = await asyncio.to_thread(_ready, keep, pointer)
            if found is not None:
                return found
            return await _make(keep, key, pointer, wanted, tell)
        finally:
            _making.pop(loop_key, None)


async def _make(keep: Path, key: str, pointer: Path, packages: Sequence[str], tell: Callable[[str], None]) -> Path:
    place = keep / f"{key}-{secrets.token_hex(6)}"
    try:
        await asyncio.to_thread(_tidy, keep, key)
        await asyncio.to_thread(place.mkdir, mode=0o700)
        tell(text("engine.environment.making") + "\n")
        code, lines = await _followed([sys.executable, "-I", "-m", "venv", str(place)], lambda said: None)
        if code != 0:
            raise EnvironmentNotMade(last_words(lines) or text("engine.environment.exit_code", code=code))
        python = _python_of(place)
        if packages:
            tell(text("engine.packages.installing", packages=", ".join(packages)) + "\n")
            code, lines = await _followed([str(python), "-m", *pip_arguments(packages)], tell)
            if code != 0:
                raise PackagesNotFetched(packages, last_words(lines) or text("engine.environment.exit_code", code=code))
        return await asyncio.to_thread(_publish, keep, pointer, place)
    except OSError as mistake:
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
        raise EnvironmentNotMade(mistake.strerror or str(mistake), text("engine.environment.not_written")) from mistake
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
        raise


async def _followed(command: list[str], tell: Callable[[str], None]) -> tuple[int, list[str]]:
    """Run a command, its lines told as they come; cancelling ends all its processes. Returns its exit code and its last lines."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=_environment(),
        start_new_session=os.name == "posix",
        limit=1 << 20,
    )
    lines: list[str] = []
    try:
        async with asyncio.timeout(INSTALLING):
            assert process.stdout is not None
            while data := await process.stdout.read(8_192):
                said = data.decode("utf-8", "replace")
                lines = [*lines, *said.splitlines()][-200:]
                tell(said)
            return await process.wait(), lines
    except TimeoutError:
        return 124, [*lines, f"error: {text('engine.packages.too_slow')}"]
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                if os.name == "posix":
                    os.killpg(process.pid, signal.SIGKILL)
                else:
                    process.kill()
            await process.wait()


def _environment() -> dict[str, str]:
    kept = (
        "PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "TMPDIR",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "SYSTEMROOT",
        "TEMP",
        "TMP",
        "APPDATA",
        "LOCALAPPDATA",
    )
    found = {name: os.environ[name] for name in kept if name in os.environ}
    return found | {"PYTHONUTF8": "1", "PIP_NO_INPUT": "1"} | pip_environment()


def _ready(keep: Path, pointer: Path) -> Path | None:
    """The interpreter that the pointer names, if it is still there."""
    try:
        python = _python_of(keep / pointer.read_text("utf-8").strip())
    except OSError:
        return None
    return python if python.exists() else None


def _publish(keep: Path, pointer: Path, place: Path) -> Path:
    """Make an environment the one that counts, unless somebody else was quicker."""
    part = pointer.with_suffix(f".{secrets.token_hex(6)}")
    part.write_text(place.name, "utf-8")
    try:
        try:
            os.link(part, pointer)
        except FileExistsError:
            if (theirs := _ready(keep, pointer)) is not None:
                shutil.rmtree(place, ignore_errors=True)
                return theirs
            os.replace(part, pointer)
        except OSError:  # a file system without links
            os.replace(part, pointer)
    finally:
        part.unlink(missing_ok=True)
    return _python_of(place)


def _tidy(keep: Path, key: str) -> None:
    """Make the folder, and remove what others began long ago and never finished."""
    keep.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = time.time()
    for place in keep.glob(f"{key}-*"):
        with contextlib.suppress(OSError):
            if now - place.stat().st_mtime > _STALE:
                shutil.rmtree(place, ignore_errors=True)


def _python_of(place: Path) -> Path:
    return place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
