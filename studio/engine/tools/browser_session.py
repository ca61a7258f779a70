"""A browser that an agent uses during one run: one page at a time, what happens in it, and what is seen of it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.engine.tools.addresses import WebAddress
from studio.engine.tools.browser_files import kept
from studio.engine.tools.browser_frames import MOST_FRAMES
from studio.engine.tools.browser_proxy import GuardedProxy
from studio.engine.tools.browser_view import MAX_CONTROLS, MAX_LABEL, MAX_TEXT, PageView, clean, page_view
from studio.engine.tools.browser_world import PageWorld, gone
from studio.engine.tools.own_functions import CallFailed

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Download, Page, Request, Response

ENDING = 0.5
"""Seconds that it may take to close its pages before its process is ended."""
SETTLING = 3.0
"""Seconds at most for which a page is waited for after each action, and that looking at it may take."""
LOADING = 0.5
"""Seconds for which each frame of a page is waited for."""
CHOOSING = 3.0
"""Seconds in which a page asks for a file after a click."""
STILL = 120
"""Milliseconds without a change in which a page counts as settled."""
QUALITY = 60
MAX_PICTURE = 4_000_000
"""Bytes of a picture of a page."""
MAX_SOURCE = 2_000_000
"""Characters of a page that are read."""
MAX_PAGES = 5
"""Pages that are open at once, where pages open others."""
MAX_TOLD = 5

_NET_ERROR = re.compile(r"net::(ERR_\w+)")


@dataclass(eq=False)  # no slots: Playwright notes on whoever listens that it does
class BrowserSession:
    """Actions on one page, one at a time (`turn`). Each raises CallFailed with a sentence for the model that asked for it.

    `kept_in` is where in the folder files go, None for nowhere; `lending` is where copies lie of files that pages are given, None where
    they are given none; `happened` are things worth telling since the last look: a dialog, a
    file, an address that was refused; `stuck` says that the page no longer answers and must be replaced.
    """

    browser: Browser
    context: BrowserContext
    page: Page
    proxy: GuardedProxy
    folder: Path
    kept_in: str | None
    lending: Path | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    happened: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    stuck: bool = False
    status: int = 0
    _opened: list[Page] = field(default_factory=list)
    _world: PageWorld = field(init=False)
    _loading: bool = False
    _saving: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._world = PageWorld(self.context, self.page)

    @property
    def alive(self) -> bool:
        return self.browser.is_connected()

    # Going somewhere ----------------------------------------------------------------------------------------------------

    async def visit(self, address: WebAddress) -> None:
        from playwright.async_api import Error

        known, self.proxy.failure = len(self.proxy.refused), ""
        try:
            await self.page.goto(str(address), wait_until="domcontentloaded", timeout=0)
        except Error as mistake:
            if self.proxy.refused[known:]:
                raise CallFailed(self.proxy.refused.pop()) from None
            code = found[1] if (found := _NET_ERROR.search(mistake.message)) else ""
            if code == "ERR_ABORTED":  # a file, which is told of by itself
                return
            if "CERT" in code or "SSL" in code:
                raise CallFailed(f"The certificate of {address.shown_host} is not trusted, or it speaks no TLS.") from None
            why = self.proxy.failure or f"{address.shown_host} cannot be opened{f' ({code})' if code else ''}."
            raise CallFailed(why) from None

    async def back(self) -> None:
        known = await self._world.send("Page.getNavigationHistory")
        index = known["currentIndex"]
        if index > 0 and known["entries"][index - 1]["url"] != "about:blank":
            await self.page.go_back(wait_until="domcontentloaded", timeout=0)
        elif len(self._opened) > 1:
            await self.page.close()
        else:
            raise CallFailed("There is no earlier page.")

    # Using what is there ------------------------------------------------------------------------------------------------

    async def click(self, number: int) -> None:
        place = await self._placed(number)
        if place.get("tag") == "SELECT":
            raise CallFailed(f"Element {number} is a list.", "input_text chooses one of its entries.")
        if place.get("type") == "file":
            raise CallFailed(f"Element {number} takes a file.", "choose_file gives it one, where that is allowed.")
        await self.page.mouse.click(place["x"], place["y"])

    async def hover(self, number: int) -> None:
        place = await self._placed(number)
        await self.page.mouse.move(place["x"], place["y"])

    async def type(self, number: int, text: str, enter: bool) -> None:
        place = await self._placed(number)
        if place.get("tag") == "SELECT":
            if (entries := await self._world.asked_at(number, f"convene.choose({number}, {json.dumps(text)})")) is not None:
                known = ", ".join(f"'{clean(each, 80)}'" for each in entries) if isinstance(entries, list) else ""
                raise CallFailed(f"The list has no entry '{clean(text, 80)}'.", f"Its entries: {known or 'none'}.")
            return
        await self.page.mouse.click(place["x"], place["y"])
        if not await self._world.asked_at(number, f"convene.focused({number})"):
            raise CallFailed(f"Nothing can be typed into element {number}.", "Choose a field.")
        await self._world.asked_at(number, f"convene.select({number})")
        await self.page.keyboard.insert_text(text) if text else await self.page.keyboard.press("Delete")
        if enter:
            await self.page.keyboard.press("Enter")

    async def scroll(self, number: int | None, down: bool) -> None:
        asked = f"convene.scroll({'null' if number is None else number}, {'true' if down else 'false'})"
        moved = await (self._world.asked(asked) if number is None else self._world.asked_at(number, asked))
        if moved is None:
            raise CallFailed(gone(number or 0))
        if moved is not True:
            self.tell(f"It cannot be scrolled further {'down' if down else 'up'}.")

    async def _placed(self, number: int) -> dict[str, Any]:
        """Where an element is, in view and not covered."""
        place = await self._world.place(number)
        if not isinstance(place, dict) or not all(isinstance(place.get(axis), (int, float)) for axis in "xy"):
            raise CallFailed(gone(number))
        if place.get("disabled") is True:
            raise CallFailed(f"Element {number} is disabled.")
        if covered := clean(place.get("covered"), 80):
            raise CallFailed(f"Element {number} is covered by '{covered}'.", "Close what lies over it first.")
        return place

    async def choose_file(self, number: int, content: Path, clicks: int = 3) -> None:
        """Give the page a file, at its field, which is clicked so often at most, or at what opens the choice of one."""
        from playwright.async_api import TimeoutError as Late

        chooser = None
        while chooser is None:
            place = await self._placed(number)
            clicks -= 1
            try:
                async with self.page.expect_file_chooser(timeout=CHOOSING * 1000) as asked:
                    await self.page.mouse.click(place["x"], place["y"])
                chooser = await asked.value
            except Late:
                # A frame that was just drawn may miss a click. A field can be clicked again; anything else might do something twice.
                if clicks == 0 or place.get("type") != "file":
                    remedy = "Choose the field for files, or the button beside it."
                    raise CallFailed(f"Element {number} asks for no file.", remedy) from None
        await chooser.set_files(content)

    # Looking ------------------------------------------------------------------------------------------------------------

    async def sources(self) -> list[tuple[str, str]]:
        """The HTML of the page as it is now and of its frames, cut, each with its address; the page comes first."""
        found = await self._world.asked(f"convene.source({MAX_SOURCE})")
        read = [(found if isinstance(found, str) else "", self.page.url)]
        for part in await self._world.parts(in_view=False):
            with contextlib.suppress(CallFailed):
                found = await self._world.asked(f"convene.source({MAX_SOURCE // MOST_FRAMES})", part=part)
                read.append((found if isinstance(found, str) else "", part.url))
        return read

    async def settle(self) -> None:
        """Wait until the page is loaded and nothing changes any more, not for long."""
        from playwright.async_api import Error

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLING):
                while True:
                    with contextlib.suppress(Error, CallFailed):
                        await self.page.wait_for_load_state("domcontentloaded", timeout=0)
                        await self._world.asked(f"convene.quiet({STILL}, {round(1000 * SETTLING / 2)})", waits=True)
                        if not self._loading:
                            return await self._frames_settle()
                    await asyncio.sleep(0.02)

    async def _frames_settle(self) -> None:
        """Wait a little for frames that still load."""
        from playwright.async_api import Error

        for frame in self.page.frames[1 : 1 + MOST_FRAMES]:
            with contextlib.suppress(Error):
                await frame.wait_for_load_state("domcontentloaded", timeout=LOADING * 1000)

    async def look(self) -> PageView:
        """What is in view. Raises CallFailed when the page does not let itself be looked at."""
        asked = f"most: {MAX_CONTROLS}, longest: {MAX_LABEL}, text: {MAX_TEXT}"
        try:
            async with asyncio.timeout(SETTLING):
                found = await self._world.look(asked)
        except TimeoutError:
            self.stuck = True
            raise CallFailed("The page does not answer any more.", "Visit another one.") from None
        inner: list[Any] = []
        with contextlib.suppress(TimeoutError, CallFailed):
            async with asyncio.timeout(SETTLING):
                await self._world.look_into_frames(asked, found, inner)
        return page_view(found, self.status, inner)

    async def picture(self, numbers: tuple[int, ...]) -> bytes | None:
        """What is in view as a JPEG, with the numbers of elements drawn over them; None when there is none to be had."""
        from playwright.async_api import Error

        content = None
        with contextlib.suppress(Error, CallFailed, TimeoutError, ValueError):
            async with asyncio.timeout(SETTLING):
                await self._world.mark(numbers)
                shot = await self._world.send("Page.captureScreenshot", {"format": "jpeg", "quality": QUALITY})
                content = base64.b64decode(shot["data"], validate=True)
        with contextlib.suppress(CallFailed, TimeoutError):
            async with asyncio.timeout(SETTLING):
                await self._world.unmark()
        return content if content is not None and len(content) <= MAX_PICTURE else None

    def tell(self, sentence: str) -> None:
        if len(self.happened) < MAX_TOLD:
            self.happened.append(sentence)

    async def told(self) -> str:
        """What happened since this was asked last, as lines."""
        if self._saving:
            await asyncio.wait(self._saving, timeout=SETTLING)
        refused = list(dict.fromkeys(self.proxy.refused))
        self.proxy.refused.clear()
        lines, self.happened = self.happened + refused[:3], []
        if len(refused) > 3:
            lines.append(f"{len(refused) - 3} other connections of the page were refused too.")
        return "\n".join(lines)

    # The page -----------------------------------------------------------------------------------------------------------

    async def renew(self) -> None:
        """Put a new page in the place of those that do not answer."""
        stuck = list(self._opened)
        self.take(await self.context.new_page())
        self.stuck = self._loading = False
        for page in stuck:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(ENDING):
                    await page.close()

    def take(self, page: Page) -> None:
        """Work on this page from now on."""
        self._look_at(page)
        self._opened.append(page)
        page.on("close", self._closed)
        page.on("crash", self._crashed)
        page.on("dialog", self._dialog)
        page.on("download", self._download)
        page.on("request", self._requested)
        page.on("response", self._answered)
        page.on("requestfailed", self._ended)
        page.on("domcontentloaded", self._loaded)

    def _look_at(self, page: Page) -> None:
        self.page, self._world, self.status = page, PageWorld(self.context, page), 0

    def came(self, page: Page) -> None:
        """A page that a page opened: a link into a new tab, a window."""
        if page in self._opened:
            return
        if len(self._opened) >= MAX_PAGES:
            self._later(page.close())
            return
        self.tell("A new page was opened; history_back closes it.")
        self.take(page)

    def _closed(self, page: Page) -> None:
        if page in self._opened:
            self._opened.remove(page)
        if page is self.page and self._opened:
            self._look_at(self._opened[-1])
            self._loading = False
        elif not self._opened:
            self.stuck = True

    def _crashed(self, page: Page) -> None:
        self.stuck = self.stuck or page is self.page

    def _requested(self, request: Request) -> None:
        if self._is_navigation(request):
            self._loading, self.status = True, 0

    def _answered(self, response: Response) -> None:
        if self._is_navigation(response.request):
            self.status = response.status

    def _ended(self, request: Request) -> None:
        if self._is_navigation(request):
            self._loading = False

    def _is_navigation(self, request: Request) -> bool:
        """Whether a request is for the page itself, not for a part of it."""
        from playwright.async_api import Error

        try:
            return request.is_navigation_request() and request.frame == self.page.main_frame
        except Error:  # a page that is not there yet
            return False

    def _loaded(self, page: Page) -> None:
        if page is self.page:
            self._loading = False

    def _dialog(self, dialog: Any) -> None:
        self.tell(f"The page said '{clean(dialog.message, 200)}' and was not answered.")
        self._later(dialog.dismiss())

    def _download(self, download: Download) -> None:
        self._loading = False
        self._later(self._keep(download))

    async def _keep(self, download: Download) -> None:
        became, name = await kept(download, self.folder, self.kept_in)
        self.files += [name] if name else []
        self.tell(became)

    def _later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._saving.add(task)
        task.add_done_callback(self._did)

    def _did(self, task: asyncio.Task[None]) -> None:
        self._saving.discard(task)
        if not task.cancelled():
            task.exception()  # a page that is gone by now needs no answer
