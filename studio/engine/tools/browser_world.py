"""The world of its own in a page: where an agent's browser asks the page, and the page's own scripts cannot reach."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.engine.tools.own_functions import CallFailed

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Page

_NAME = "convene"


@cache
def _script() -> str:
    return Path(__file__).with_name("browser_page.js").read_text("utf-8")


class PageWorld:
    """What is asked of one page, and of the browser about it."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self._context = context
        self._page = page
        self._eye: CDPSession | None = None

    async def send(self, method: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
        """What the browser answers about the page, by its own protocol. Raises Playwright's Error."""
        if self._eye is None:
            self._eye = await self._context.new_cdp_session(self._page)
        answer: dict[str, Any] = await self._eye.send(method, parameters)
        return answer

    async def asked(self, expression: str, *, waits: bool = False) -> Any:
        """What an expression gives in the page; with `waits` what it promises. Raises CallFailed."""
        from playwright.async_api import Error

        try:
            frame = (await self.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
            world = await self.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": _NAME})
            wanted = {"contextId": world["executionContextId"], "returnByValue": True, "awaitPromise": waits}
            known = await self.send("Runtime.evaluate", {**wanted, "expression": "Object.hasOwn(globalThis, 'convene')"})
            if known["result"].get("value") is not True:
                await self.send("Runtime.evaluate", {**wanted, "expression": f"{_script()}; 0"})
            answer = await self.send("Runtime.evaluate", {**wanted, "expression": expression})
        except Error:
            raise CallFailed("The page changed or closed while it was looked at.", "Look again: sleep shows what is there now.") from None
        if "exceptionDetails" in answer:
            raise CallFailed("The page does not let itself be read.")
        return answer["result"].get("value")
