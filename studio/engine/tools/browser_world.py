"""The worlds of their own in a page and its frames: where an agent's browser asks, and the scripts of pages cannot reach."""

from __future__ import annotations

import contextlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.engine.tools.browser_frames import Frames, Part
from studio.engine.tools.own_functions import CallFailed

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Page

_NAME = "convene"


@cache
def _script() -> str:
    return Path(__file__).with_name("browser_page.js").read_text("utf-8")


class PageWorld:
    """What is asked of one page and its frames, and of the browser about them. Elements have numbers that count through all of them."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self._context = context
        self._page = page
        self._eye: CDPSession | None = None
        self._frames = Frames(context, page)
        self._frame_of: dict[int, str] = {}
        self._seen: list[tuple[Part, tuple[int, ...]]] = []

    async def send(self, method: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
        """What the browser answers about the page, by its own protocol. Raises Playwright's Error."""
        answer: dict[str, Any] = await (await self._session()).send(method, parameters)
        return answer

    async def _session(self) -> CDPSession:
        if self._eye is None:
            self._eye = await self._context.new_cdp_session(self._page)
        return self._eye

    async def asked(self, expression: str, *, waits: bool = False, part: Part | None = None) -> Any:
        """What an expression gives in the page, or in a part of it; with `waits` what it promises. Raises CallFailed."""
        from playwright.async_api import Error

        try:
            session = await self._session() if part is None else part.session
            frame = part.frame if part is not None else (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
            world = await session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": _NAME})
            wanted = {"contextId": world["executionContextId"], "returnByValue": True, "awaitPromise": waits}
            known = await session.send("Runtime.evaluate", {**wanted, "expression": "Object.hasOwn(globalThis, 'convene')"})
            if known["result"].get("value") is not True:
                await session.send("Runtime.evaluate", {**wanted, "expression": f"{_script()}; 0"})
            answer = await session.send("Runtime.evaluate", {**wanted, "expression": expression})
        except Error:
            raise CallFailed("The page changed or closed while it was looked at.", "Look again: sleep shows what is there now.") from None
        if "exceptionDetails" in answer:
            raise CallFailed("The page does not let itself be read.")
        return answer["result"].get("value")

    async def parts(self, in_view: bool = True) -> list[Part]:
        """The frames of which something is in view, or all that are shown."""
        return await self._frames.parts(await self._session(), in_view)

    # Elements, by number ------------------------------------------------------------------------------------------------

    async def asked_at(self, number: int, expression: str) -> Any:
        """What an expression gives where an element lives: in the page, or in a frame of it. Raises CallFailed."""
        return await self.asked(expression, part=await self._part_of(number))

    async def place(self, number: int) -> Any:
        """Where an element is, brought into view, and what it is, as the page's script tells; None when it is gone. Raises CallFailed."""
        if number not in self._frame_of:
            return await self.asked(f"convene.place({number})")
        await self.asked_at(number, f"convene.show({number})")
        part = await self._part_of(number, in_view=True)
        place = await self.asked(f"convene.place({number}, {part.shown if part else 'null'})", part=part)
        if part is None or not isinstance(place, dict) or not all(isinstance(place.get(axis), (int, float)) for axis in "xy"):
            return None
        place |= {"x": place["x"] + part.left, "y": place["y"] + part.top}
        over = await self.asked(f"convene.hit({place['x']}, {place['y']})")
        if isinstance(over, dict) and over.get("frame") is False:
            place["covered"] = over.get("words") or "something"
        return place

    async def _part_of(self, number: int, in_view: bool = False) -> Part | None:
        """The frame that an element lies in, as it is now; None for the page itself. Raises CallFailed where it is gone."""
        frame = self._frame_of.get(number)
        if frame is None:
            return None
        part = next((each for each in await self.parts(in_view) if each.frame == frame), None)
        if part is None:
            raise CallFailed(gone(number))
        return part

    # Looking ------------------------------------------------------------------------------------------------------------

    async def look(self, wanted: str) -> Any:
        """What is in view of the page, the frames aside. Raises CallFailed."""
        self._seen = []
        found = await self.asked(f"convene.view({{{wanted}}})")
        if isinstance(found, dict) and found.get("fresh") is True:
            self._frame_of.clear()
        return found

    async def look_into_frames(self, wanted: str, found: Any, inner: list[Any]) -> None:
        """Add what is in view of each frame to `inner`; `found` is what `look` gave. Raises CallFailed."""
        following = found.get("next") if isinstance(found, dict) else None
        for part in await self.parts() if isinstance(following, int) else ():
            with contextlib.suppress(CallFailed):
                seen = await self.asked(f"convene.view({{{wanted}, shown: {part.shown}, from: {following}}})", part=part)
                if isinstance(seen, dict) and isinstance(seen.get("next"), int):
                    following = seen["next"]
                    numbers = tuple(each["number"] for each in seen["controls"]["found"])
                    inner.append(seen)
                    self._seen.append((part, numbers))
                    self._frame_of |= dict.fromkeys(numbers, part.frame)
        if inner:
            await self.asked(f"convene.taken({following})")

    async def mark(self, numbers: tuple[int, ...]) -> None:
        """Draw the numbers of elements over them, in the page and in what was seen of its frames. Raises CallFailed."""
        await self.asked(f"convene.mark({list(numbers)})")
        for part, within in self._seen:
            with contextlib.suppress(CallFailed):
                await self.asked(f"convene.mark({list(within)})", part=part)

    async def unmark(self) -> None:
        """Take the numbers off again. Raises CallFailed."""
        await self.asked("convene.unmark()")
        for part, _ in self._seen:
            with contextlib.suppress(CallFailed):
                await self.asked("convene.unmark()", part=part)


def gone(number: int) -> str:
    """What a model is told of an element that is not there any more."""
    return f"There is no element {number} on the page now. The newest result lists those that there are."
