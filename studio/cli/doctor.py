"""`convene doctor`: what is there, what is missing, and what to do about it."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from studio import __version__
from studio.cli.exits import DONE, FAILED
from studio.engine.errors import ConveneError
from studio.engine.harmless import harmless
from studio.settings import Settings
from studio.texts import text

if TYPE_CHECKING:
    from studio.frontend.toolchain import ToolchainMissing
    from studio.library.accounts import ModelAccounts

PATIENCE = 15.0
"""Seconds that a single look may take."""

DISK_SPACE = 500_000_000

Level = Literal["good", "missing", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`missing` limits what can be done; `broken` keeps the studio from working."""

    what: str
    level: Level
    says: str
    remedy: str = ""


def examine(settings: Settings, as_json: bool) -> int:
    """Looks at everything and prints what it finds. The exit status is 1 when something essential is broken."""
    findings = asyncio.run(_all_findings(settings))
    broken = any(finding.level == "broken" for finding in findings)
    if as_json:
        print(json.dumps({"ok": not broken, "findings": [asdict(finding) for finding in findings]}, ensure_ascii=False, indent=2))
        return FAILED if broken else DONE
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    marks = {"good": ("✓", "green"), "missing": ("–", "yellow"), "broken": ("✗", "red")}
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        mark, colour = marks[finding.level]
        console.print(Text.assemble((f"{mark} ", colour), (finding.what.ljust(width + 2), "bold"), harmless(finding.says)))
        if finding.remedy:
            console.print(Text(" " * (width + 4) + harmless(finding.remedy), style="dim"))
    console.print(Text(text("cli.doctor.broken" if broken else "cli.doctor.fine"), style="red" if broken else "green"))
    return FAILED if broken else DONE


async def _all_findings(settings: Settings) -> list[Finding]:
    data = _data_directory(settings)
    quick = [_python(), data, _disk(settings), _front_end(), *_toolchain(), *_libraries(), _browser(), _video()]
    prices = _prices()
    database = await _bounded(text("cli.doctor.database"), lambda: asyncio.to_thread(_database, settings), "broken")
    docker = await _bounded(text("cli.doctor.docker"), lambda: asyncio.to_thread(_docker, settings), "missing")
    models = await _models(settings) if all(each.level == "good" for each in (data, database, prices)) else []
    return [*quick, database, docker, prices, *models]


async def _bounded(what: str, look: Callable[[], Awaitable[Finding]], otherwise: Level) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE):
            return await look()
    except TimeoutError:
        return Finding(what, otherwise, text("cli.doctor.silent", seconds=f"{PATIENCE:.0f}"))
    except ConveneError as mistake:
        return Finding(what, otherwise, mistake.sentence, mistake.remedy)


def _python() -> Finding:
    version = platform.python_version()
    says = text("cli.doctor.python.says", version=version, convene=__version__)
    return Finding("Python", "good", says)


def _data_directory(settings: Settings) -> Finding:
    from studio.api.services import DataDirectoryUnusable, make_data_directory
    from studio.api.session import read_token

    what = text("cli.doctor.data")
    try:
        make_data_directory(settings)
        read_token(settings.data_dir)
        with tempfile.TemporaryFile(dir=settings.data_dir) as file:
            file.write(b"convene")
    except (DataDirectoryUnusable, OSError) as error:
        mistake = DataDirectoryUnusable(settings, error) if isinstance(error, OSError) else error
        return Finding(what, "broken", mistake.sentence, mistake.remedy)
    return Finding(what, "good", str(settings.data_dir))


def _disk(settings: Settings) -> Finding:
    what = text("cli.doctor.disk")
    place = next((each for each in (settings.data_dir, *settings.data_dir.parents) if os.path.exists(each)), None)
    if place is None:
        return Finding(what, "missing", text("cli.doctor.disk.unknown"))
    free = shutil.disk_usage(place).free
    says = text("cli.doctor.disk.says", gigabytes=f"{free / 1e9:.1f}")
    return Finding(what, "good", says) if free >= DISK_SPACE else Finding(what, "missing", says, text("cli.doctor.disk.remedy"))


def _front_end() -> Finding:
    from studio.frontend.build import STAMP, in_checkout, is_fresh

    what = text("cli.doctor.front_end")
    if is_fresh():
        return Finding(what, "good", text("cli.doctor.front_end.ready"))
    if not in_checkout():
        return Finding(what, "broken", text("cli.doctor.front_end.missing"), text("cli.doctor.front_end.reinstall"))
    says = text("cli.doctor.front_end.stale" if STAMP.exists() else "cli.doctor.front_end.missing")
    return Finding(what, "missing", says, text("cli.doctor.front_end.remedy"))


def _toolchain() -> list[Finding]:
    from studio.frontend.build import in_checkout, is_fresh
    from studio.frontend.toolchain import ToolchainMissing, find_toolchain

    if not in_checkout():
        return []
    what = text("cli.doctor.toolchain")
    try:
        found = find_toolchain()
    except ToolchainMissing as missing:
        return [_nothing_compiles(missing, is_fresh())]
    return [Finding(what, "good", f"{found.name} ({found.folder})")]


def _nothing_compiles(missing: ToolchainMissing, compiled: bool) -> Finding:
    """What is compiled already needs no tools until its sources change."""
    what = text("cli.doctor.toolchain")
    if compiled:
        return Finding(what, "missing", text("cli.doctor.toolchain.later"), missing.remedy)
    return Finding(what, "broken", missing.sentence, missing.remedy)


def _browser() -> Finding:
    from studio.engine.tools.browser_program import BrowserMissing, chromium, installed

    what, program = text("cli.doctor.browser"), chromium()
    if installed() and program is not None:
        return Finding(what, "good", str(program))
    missing = BrowserMissing.program() if installed() else BrowserMissing.library()
    return Finding(what, "missing", missing.sentence, missing.remedy)


def _video() -> Finding:
    from studio.engine.tools.video_decoding import VideoMissing, installed

    what = text("cli.doctor.video")
    if installed():
        return Finding(what, "good", text("cli.doctor.video.says"))
    return Finding(what, "missing", text("cli.doctor.video.missing"), VideoMissing().remedy)


def _database(settings: Settings) -> Finding:
    from studio.store.database import open_database

    database = open_database(settings.database, backup_dir=settings.data_dir / "backups")
    database.close()
    return Finding(text("cli.doctor.database"), "good", text("cli.doctor.database.says"))


def _docker(settings: Settings) -> Finding:
    import docker
    from docker.errors import DockerException, ImageNotFound

    what = text("cli.doctor.docker")
    try:
        client = docker.from_env(timeout=5)
        try:
            version = client.version()["Version"]
            client.images.get(settings.docker_image)
        except ImageNotFound:
            says = text("cli.doctor.docker.no_image", version=version, image=settings.docker_image)
            return Finding(what, "missing", says, text("cli.doctor.docker.pull", image=settings.docker_image))
        finally:
            client.close()
    except (DockerException, OSError):
        return Finding(what, "missing", text("cli.doctor.docker.none"), text("cli.doctor.docker.remedy"))
    return Finding(what, "good", text("cli.doctor.docker.says", version=version, image=settings.docker_image))


def _prices() -> Finding:
    from studio.engine.models.prices import LIST_PRICES, PricesUnusable, prices_of_environment

    what = text("cli.doctor.prices")
    try:
        own = prices_of_environment()
    except PricesUnusable as mistake:
        return Finding(what, "broken", mistake.sentence, mistake.remedy)
    says = text("cli.doctor.prices.own", count=len(own)) if own else text("cli.doctor.prices.says", count=len(LIST_PRICES))
    return Finding(what, "good", says)


def _libraries() -> list[Finding]:
    """The optional libraries of models that speak protocols of their own."""
    from studio.engine.models.extras import LibraryMissing, require

    findings = []
    offered: tuple[tuple[str, Literal["anthropic", "gemini"]], ...] = (("anthropic", "anthropic"), ("google.genai", "gemini"))
    for library, extra in offered:
        what = text(f"cli.doctor.{extra}")
        try:
            require(library, extra, "")
        except LibraryMissing as missing:
            findings.append(Finding(what, "missing", text("cli.doctor.library.missing"), missing.remedy))
        else:
            findings.append(Finding(what, "good", text("cli.doctor.library.says")))
    return findings


async def _models(settings: Settings) -> list[Finding]:
    """Whether each stored account and each local server answers."""
    from studio.api.services import open_services

    services = open_services(settings)
    try:
        accounts = services.accounts
        names = [row.name for row in accounts.list()]
        looks = [_bounded(text("cli.doctor.account", name=name), lambda name=name: _account(accounts, name), "missing") for name in names]  # type: ignore[misc]
        findings = [*await asyncio.gather(*looks), *await _local_servers(accounts)]
    finally:
        await services.close()
    if not any(finding.level == "good" for finding in findings):
        findings.append(Finding(text("cli.doctor.models"), "missing", text("cli.doctor.models.none"), text("cli.doctor.models.remedy")))
    return findings


async def _account(accounts: ModelAccounts, name: str) -> Finding:
    result = await accounts.test(name)
    return Finding(text("cli.doctor.account", name=name), "good" if result.ok else "missing", result.text, result.remedy)


async def _local_servers(accounts: ModelAccounts) -> list[Finding]:
    try:
        async with asyncio.timeout(PATIENCE):
            found = await accounts.discover()
    except TimeoutError:
        return []
    return [Finding(server.name, "good", text("cli.doctor.server", url=server.base_url, count=len(server.models))) for server in found]
