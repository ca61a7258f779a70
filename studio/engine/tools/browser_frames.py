"""The frames of a page: which there are, and where each lies in what is in view. Those of other sites live in processes of their own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Frame, Page

MOST_FRAMES = 10
"""Frames of a page that are looked into."""
SMALLEST = 16
"""Pixels that are seen of a frame, across and down, for it to be looked into."""
LOOKING = 1.0
"""Seconds that it may take to find out where frames are."""

Apart = tuple["CDPSession", str, str]
"""The session of a frame that lives in a process of its own, the frame's identity and its address."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels of what is in view of the page."""

EVERYWHERE: Box = (-math.inf, -math.inf, math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Part:
    """A frame that is in view: where its own view begins within the page's, and what is seen of it."""

    session: CDPSession
    frame: str
    url: str
    left: float
    top: float
    seen: Box

    @property
    def shown(self) -> str:
        """What is seen of it, in its own pixels, as its script is told."""
        left, top, right, bottom = self.seen
        box = {"left": left - self.left, "top": top - self.top, "right": right - self.left, "bottom": bottom - self.top}
        return json.dumps(box)


class Frames:
    """Where the frames of one page are."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self._context = context
        self._page = page
        self._apart: dict[Frame, CDPSession] = {}

    async def parts(self, main: CDPSession, in_view: bool = True) -> list[Part]:
        """The frames of which something is in view, or all that are shown, in the order of the page, whose own session is `main`."""
        from playwright.async_api import Error

        if len(self._page.frames) < 2:
            return []
        with contextlib.suppress(
            Error, KeyError, TypeError, ValueError, TimeoutError
        ):  # a page that changes meanwhile has none that can be used
            size = (await main.send("Page.getLayoutMetrics"))["cssVisualViewport"]
            whole: Box = (0.0, 0.0, float(size["clientWidth"]), float(size["clientHeight"])) if in_view else EVERYWHERE
            async with asyncio.timeout(LOOKING):
                apart = [each async for each in self._apart_now()]
                return [part async for part in self._below(main, (0.0, 0.0), whole, apart)][:MOST_FRAMES]
        return []

    async def _below(self, session: CDPSession, begin: tuple[float, float], seen: Box, apart: list[Apart]) -> AsyncIterator[Part]:
        """The frames within the page of a session, whose view begins at a place of the page's and of which so much is seen."""
        tree = (await session.send("Page.getFrameTree"))["frameTree"]
        waiting = [(child, seen) for child in tree.get("childFrames", ())]
        while waiting:
            node, outer = waiting.pop(0)
            box = await self._box(session, node["frame"]["id"], begin)
            inner = _common(box, outer) if box is not None else None
            if box is None or inner is None:
                continue
            yield Part(session, node["frame"]["id"], str(node["frame"].get("url", "")), box[0], box[1], inner)
            waiting += [(child, inner) for child in node.get("childFrames", ())]
        for other, frame, url in apart:
            # Only the session in which the element lives that holds the frame knows where that is.
            box = await self._box(session, frame, begin)
            inner = _common(box, seen) if box is not None else None
            if box is None or inner is None:
                continue
            yield Part(other, frame, url, box[0], box[1], inner)
            async for part in self._below(other, (box[0], box[1]), inner, [each for each in apart if each[0] is not other]):
                yield part

    async def _apart_now(self) -> AsyncIterator[Apart]:
        """The sessions of frames in processes of their own, with their identities and addresses."""
        from playwright.async_api import Error

        frames = self._page.frames[1 : 1 + 2 * MOST_FRAMES]
        self._apart = {frame: session for frame, session in self._apart.items() if frame in frames}
        for frame in frames:
            try:
                session = self._apart.get(frame) or await self._context.new_cdp_session(frame)
                found = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]
            except Error:  # one that lives with the page around it, or is gone
                self._apart.pop(frame, None)
                continue
            self._apart[frame] = session
            yield session, found["id"], str(found.get("url", ""))

    async def _box(self, session: CDPSession, frame: str, begin: tuple[float, float]) -> Box | None:
        """Where a frame's own view lies in the page's; None where this session does not hold the element that it is in."""
        from playwright.async_api import Error

        try:
            owner = await session.send("DOM.getFrameOwner", {"frameId": frame})
            model = (await session.send("DOM.getBoxModel", {"backendNodeId": owner["backendNodeId"]}))["model"]["content"]
        except Error:
            return None
        across, down = model[0::2], model[1::2]
        left, top = begin
        return left + min(across), top + min(down), left + max(across), top + max(down)


def _common(box: Box, outer: Box) -> Box | None:
    """What of a box lies within another one; None where that is next to nothing."""
    left, top, right, bottom = max(box[0], outer[0]), max(box[1], outer[1]), min(box[2], outer[2]), min(box[3], outer[3])
    return (left, top, right, bottom) if right - left >= SMALLEST and bottom - top >= SMALLEST else None
