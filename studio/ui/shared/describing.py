"""What pages share on which a model draws: who draws, how far it is, and what went wrong."""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from urllib.parse import quote

import reflex as rx

from studio.api.services import services
from studio.engine.errors import AccountMissing, ConveneError, ModelRefused
from studio.library.drawing import NobodyDraws, Wanted, usual_models
from studio.texts import text
from studio.ui.shared import drawings

log = logging.getLogger(__name__)

LOOKS = 0.25
"""Seconds between two looks at a drawing."""

LONGEST_MODEL = 200


class Describing(rx.State, mixin=True):
    """What was written stays until something came of it."""

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

    def _arrived(self, made: drawings.OpenDrawing, flow: str) -> Any:
        """What the page does when a flow was drawn or changed."""
        raise NotImplementedError

    def _begin(self, form: dict[str, Any], flow: str = "") -> bool:
        """Let the chosen account's model work, unless it already does. Raises ConveneError when the accounts cannot be read."""
        if self.drawing:
            return False
        self.wish = str(form.get("wish") or "")
        wanted = Wanted(self.wish, str(form.get("account") or ""), str(form.get("model") or "").strip()[:LONGEST_MODEL])
        house = services()
        usual = usual_models(house.accounts.list()).get(wanted.account, "")
        self.names, self.again, self.trouble, self.remedy, self.open_account = [], "", "", "", ""
        self.by = wanted.model or usual or wanted.account
        self.drawing = drawings.begin(house, wanted, flow)
        return True

    def _goes_on(self) -> bool:
        """Whether there is a drawing to watch; one from before the studio's last start is gone."""
        if self.drawing and drawings.find(self.drawing) is None:
            self.drawing = ""
        return self.drawing != ""

    @rx.event
    def choose_account(self, account: str) -> None:
        self.account = account

    @rx.event
    def stop(self) -> None:
        drawings.stop(self.drawing)

    @rx.event(background=True)
    async def follow(self) -> Any:
        """Shows how far the drawing is until it ends, then does what is to be done, or says what went wrong."""
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
            flow = self._ended(made)
            return self._arrived(made, flow) if flow else None

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
                log.error("A model could not draw", exc_info=unforeseen)
                self.trouble, self.remedy = text("api.broken"), ""
        return ""
