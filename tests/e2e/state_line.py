"""The line between the pages of a tab and the server's state of them, which can be cut and held up."""

from __future__ import annotations

import re

from playwright.sync_api import Page, WebSocketRoute

STATE = re.compile(r"/_event/")


class Line:
    """What does not go `up` or `down` is lost; what the server says while it is `held` comes when it is released."""

    def __init__(self, page: Page) -> None:
        self.up = self.down = True
        self.held = False
        self._waiting: list[tuple[WebSocketRoute, str | bytes]] = []
        page.route_web_socket(STATE, self._connect)

    def release(self) -> None:
        """Brings to the page what the server said meanwhile."""
        self.held = False
        for page, message in self._waiting:
            page.send(message)
        self._waiting.clear()

    def _connect(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        page.on_message(lambda message: server.send(message) if self.up else None)
        server.on_message(lambda message: self._bring(page, message))

    def _bring(self, page: WebSocketRoute, message: str | bytes) -> None:
        if self.held:
            self._waiting.append((page, message))
        elif self.down:
            page.send(message)
