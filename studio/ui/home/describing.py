"""A team that is described on the first page: who draws it, how far it is, and what came of it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from urllib.parse import quote

import reflex as rx

from studio.api.services import services
from studio.engine.errors import AccountMissing, ConveneError, ModelRefused
from studio.library.drawing import NobodyDraws, Wanted, usual_model
from studio.texts import text
from studio.ui.home import drawings
from studio.ui.shared.notices import done, told

log = logging.getLogger(__name__)

LOOKS = 0.25
"""Seconds between two looks at a drawing."""

LONGEST_MODEL = 200


class DescribingState(rx.State):
    """What was written stays until a team came of it."""

    wish: str = ""
    account: str = ""
    drawing: str = ""
    """The key of the drawing that is being made."""
    by: str = ""
    names: list[str] = []
    again: str = ""
    trouble: str = ""
    remedy: str = ""
    open_account: str = ""
    """The account that the trouble is with, as an address has it."""

    @rx.event
    def open(self) -> Any:
        """Goes on watching a drawing when the page is opened again; one from before the studio's last start is gone."""
        if self.drawing and drawings.find(self.drawing) is not None:
            return DescribingState.follow
        self.drawing = ""
        return None

    @rx.event
    def choose_account(self, account: str) -> None:
        self.account = account

    @rx.event
    @told
    def draw(self, form: dict[str, Any]) -> Any:
        """Lets the chosen account's model draw what is described."""
        if self.drawing:
            return None
        self.wish = str(form.get("wish") or "")
        wanted = Wanted(self.wish, str(form.get("account") or ""), str(form.get("model") or "").strip()[:LONGEST_MODEL])
        self.names, self.again, self.trouble, self.remedy, self.open_account = [], "", "", "", ""
        house = services()
        usual = next((usual_model(row) for row in house.accounts.list() if row.name == wanted.account), "")
        self.by = wanted.model or usual or wanted.account
        self.drawing = drawings.begin(house, wanted)
        return DescribingState.follow

    @rx.event
    def stop(self) -> None:
        drawings.stop(self.drawing)

    @rx.event(background=True)
    async def follow(self) -> Any:
        """Shows how far the drawing is until it ends, then opens the flow or says what went wrong."""
        async with self:
            key = self.drawing
        while (made := drawings.find(key)) is not None:
            await asyncio.wait({made.task}, timeout=LOOKS)
            if made.task.done():
                break
            async with self:
                if (self.names, self.again) != (list(made.names), made.again):
                    self.names, self.again = list(made.names), made.again
        if made is None or drawings.take(key) is None:
            return None
        async with self:
            at_home = self.router.url.path == "/"
            flow = self._ended(made)
        if not flow:
            return None
        assert made.drawing.imported is not None
        if not at_home:
            return done(text("ui.draw.elsewhere", name=made.drawing.imported.document.name))
        return rx.redirect(f"/flow/{flow}?imported=1")

    def _ended(self, made: drawings.OpenDrawing) -> str:
        """The id of the flow that was drawn; "" when none was, and why then stands on the page."""
        self.drawing, self.names, self.again = "", [], ""
        if made.task.cancelled():
            self.trouble, self.remedy = text("ui.draw.stopped"), ""
            return ""
        match made.task.exception():
            case None:
                self.wish = ""
                return made.task.result()
            case ConveneError() as error:
                self.trouble, self.remedy = error.sentence, error.remedy
                if isinstance(error, ModelRefused | AccountMissing | NobodyDraws):
                    self.open_account = quote(made.drawing.wanted.account)
            case unforeseen:
                log.error("A team could not be drawn", exc_info=unforeseen)
                self.trouble, self.remedy = text("api.broken"), ""
        return ""
