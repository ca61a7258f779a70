"""What guests of a door may still spend: how many of their runs compute, what those may cost, and what is left for the next one."""

from __future__ import annotations

import asyncio
import logging

from studio.api.services import Services
from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument
from studio.library.guest_runs import GuestRuns
from studio.library.known_prices import unpriced
from studio.serving.door import Door
from studio.serving.errors import GuestRefused

log = logging.getLogger("convene.serving")

COMING_TO_REST = 1.0
"""Seconds that a run which asked somebody may take to come to rest; after them it is one that computes elsewhere meanwhile."""


class Allowance:
    """One for all doors of a process. Whoever adds a run to those of a door asks and adds without letting anybody else in between."""

    def __init__(self, services: Services, book: GuestRuns) -> None:
        self._services = services
        self._runs = services.runs
        self._book = book

    async def room(self, door: Door, document: FlowDocument) -> float | None:
        """What a run that starts now may cost. Raises GuestRefused when none may start."""
        terms, others = door.terms, await self.place(door)
        money, free = terms.money, await self.free_money(door)
        if free is not None:
            # Without a limit of its own a run leaves as much to each of those that may start beside it.
            money = free / (terms.at_once - others) if money is None else min(money, free)
        if money is not None:
            await asyncio.to_thread(self._check_prices, document)
        return money

    async def place(self, door: Door) -> int:
        """How many runs of a door compute. Raises GuestRefused when they are as many as may."""
        others = await asyncio.to_thread(self._book.computing, door.id)
        if others >= door.terms.at_once:
            raise GuestRefused("too_many_at_once", wait=5, count=door.terms.at_once)
        return others

    async def free_money(self, door: Door, but: str = "") -> float | None:
        """US dollars that the runs of a door, `but` one, have neither spent nor may spend before they end; None where they have no bound.

        Raises GuestRefused when there are none.
        """
        if door.terms.in_all is None:
            return None
        aside = await self._set_aside(door, but)
        left = door.terms.in_all - await asyncio.to_thread(self._book.spent, door.id)
        if left <= 0:
            raise GuestRefused("all_spent")
        if aside >= left:
            raise GuestRefused("all_set_aside", wait=5)
        return left - aside

    async def _set_aside(self, door: Door, but: str) -> float:
        clock = asyncio.get_running_loop().time
        giving_up = clock() + COMING_TO_REST
        while True:
            aside, asked = await asyncio.to_thread(self._book.set_aside, door.id, self._runs.here() - {but})
            if not asked or clock() > giving_up:
                return aside
            await asyncio.sleep(0.02)

    def _check_prices(self, document: FlowDocument) -> None:
        try:
            names = unpriced(document, self._services.accounts, self._services.prices.current())
        except ConveneError as mistake:
            log.warning("The flow cannot run for guests: %s", mistake)
            raise GuestRefused("cannot_run") from None
        if names:
            log.warning("No limit of money can hold: what %s costs is not known. Enter its price on the accounts page.", ", ".join(names))
            raise GuestRefused("no_price")
