"""What lies below /share/ in the studio: the flows that its owner opened to others."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from studio.api.guard import SHARES
from studio.api.services import Services

if TYPE_CHECKING:
    from studio.serving.door import Door, Pace
    from studio.serving.gate import Gate

MOST_DOORS = 1_000
"""Shares whose guests' pace is remembered."""


class SharedFlows:
    """There, and only there, the tokens of shares count. What stands behind them is loaded when the first guest comes.

    `opened` gives the services, which are not open yet when the application is put together.
    """

    def __init__(self, opened: Callable[[], Services], hosts: Iterable[str] = ()) -> None:
        self._opened = opened
        self._hosts = tuple(hosts)
        self._paces: OrderedDict[str, Pace] = OrderedDict()
        self._gate: Gate | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address, slash, _ = str(scope["path"]).removeprefix(SHARES).partition("/")
        if not slash and scope["type"] == "http":
            # Relative to where it is asked for, so that no header says where it leads.
            await Response(status_code=308, headers={"Location": f"{quote(address)}/", "Cache-Control": "no-store"})(scope, receive, send)
            return
        if self._gate is None:
            self._gate = self._made()
        await self._gate({**scope, "root_path": SHARES + address}, receive, send)

    def _made(self) -> Gate:
        from studio.serving.application import guest_routes
        from studio.serving.gate import Gate
        from studio.serving.mcp_door import McpDoor
        from studio.serving.reception import Reception

        reception = Reception(self._opened())
        return Gate(guest_routes(reception, McpDoor(reception)), self._find, self._hosts)

    async def _find(self, address: str) -> tuple[Door, Pace]:
        from studio.serving.door import Pace, door_of_share

        share, digest = await asyncio.to_thread(self._opened().shares.behind, address.removeprefix(SHARES))
        pace = self._paces.setdefault(share.id, Pace())
        self._paces.move_to_end(share.id)
        while len(self._paces) > MOST_DOORS:
            self._paces.popitem(last=False)
        return door_of_share(share, digest), pace
