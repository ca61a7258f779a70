"""Starting the browser of an agent, with nothing of this machine in it and one way out, and ending it within a second."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from studio.engine.code.threads import in_thread
from studio.engine.errors import ConveneError
from studio.engine.tools.browser_program import QUIET, BrowserFailed, BrowserMissing, chromium, installed, may_sandbox, surroundings
from studio.engine.tools.browser_proxy import USER, GuardedProxy
from studio.engine.tools.browser_session import ENDING, BrowserSession
from studio.engine.tools.browser_view import clean
from studio.engine.tools.web import Reach
from studio.texts import text

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

STARTING = 30.0
"""Seconds that the browser may take to start."""
WIDTH, HEIGHT = 1280, 800
"""Of a page in view, in pixels."""


@contextlib.asynccontextmanager
async def opened_browser(reach: Reach, folder: Path, kept_in: str | None, lends: bool = False) -> AsyncIterator[BrowserSession]:
    """Start a browser with an empty page; it is closed, and its process ended, at the end. `lends`: whether pages are given files.

    Raises BrowserMissing, BrowserFailed.
    """
    if not installed():
        raise BrowserMissing.library()
    program = await asyncio.to_thread(chromium)
    if program is None:
        raise BrowserMissing.program()
    await in_thread(_load)
    from playwright.async_api import Error, async_playwright

    async with contextlib.AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(STARTING):
                proxy = await stack.enter_async_context(GuardedProxy(reach).served())
                starting = asyncio.ensure_future(async_playwright().start())
                stack.push_async_callback(_end, starting)
                playwright = await asyncio.shield(starting)
                browser = await playwright.chromium.launch(
                    executable_path=program,
                    args=list(QUIET),
                    chromium_sandbox=may_sandbox(),
                    env=surroundings(),
                    proxy={"server": f"http://127.0.0.1:{proxy.port}", "username": USER, "password": proxy.password},
                    handle_sigint=False,
                    timeout=STARTING * 1000,
                )
                stack.push_async_callback(_close, browser)
                context = await browser.new_context(
                    accept_downloads=kept_in is not None,
                    service_workers="block",
                    viewport={"width": WIDTH, "height": HEIGHT},
                )
                lending = (
                    Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="convene-", ignore_cleanup_errors=True))) if lends else None
                )
                session = BrowserSession(browser, context, await context.new_page(), proxy, folder, kept_in, lending)
        except TimeoutError:
            raise BrowserFailed(text("engine.browser.slow_start", seconds=f"{STARTING:g}")) from None
        except ConveneError:
            raise
        except (Error, OSError) as mistake:
            raise BrowserFailed(_why(str(mistake))) from None
        session.take(session.page)
        context.on("page", session.came)
        yield session


def _load() -> None:
    """Import the library, in which everything else would stand still."""
    importlib.import_module("playwright.async_api")


ending: set[asyncio.Task[None]] = set()
"""What still ends, though nobody may wait for it any more."""


async def _end(starting: asyncio.Future[Playwright]) -> None:
    """End what drives the browser, and with it every browser that it started; also where the start was cancelled half way.

    That goes on where nobody waits for it any more: cancelled, it would leave processes behind.
    """

    async def stop() -> None:
        with contextlib.suppress(Exception):
            await (await starting).stop()

    task = asyncio.ensure_future(stop())
    ending.add(task)
    task.add_done_callback(ending.discard)
    await asyncio.shield(task)


async def _close(browser: Browser) -> None:
    with contextlib.suppress(Exception):
        async with asyncio.timeout(ENDING):
            await browser.close()


def _why(message: str) -> str:
    """What Playwright says in a line: its first one, or the one that names the sandbox."""
    lines = [line.strip(" -│║╔╗╚╝═") for line in message.splitlines()]
    of_sandbox = (line for line in lines if "sandbox" in line.lower() and "--" not in line)
    told = next(of_sandbox, None) or next(filter(None, lines), None) or text("engine.browser.no_reason")
    return clean(told, 200).rstrip(".")
