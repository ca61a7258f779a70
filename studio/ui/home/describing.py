"""A team that is described on the first page, and the flow that comes of it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from studio.texts import text
from studio.ui.shared.describing import Describing
from studio.ui.shared.drawings import OpenDrawing
from studio.ui.shared.notices import done, told


class DescribingState(Describing, rx.State):
    """A drawing goes on when the page is left or opened anew."""

    @rx.event
    def open(self) -> Any:
        """Goes on watching a drawing when the page is opened again."""
        return DescribingState.follow if self._goes_on() else None

    @rx.event
    @told
    def draw(self, form: dict[str, Any]) -> Any:
        """Lets the chosen account's model draw what is described."""
        return DescribingState.follow if self._begin(form) else None

    def _arrived(self, made: OpenDrawing, flow: str) -> Any:
        """Opens the flow with its report; a person who went elsewhere is only told."""
        assert made.drawing.imported is not None
        if self.router.url.path != "/":
            return done(text("ui.draw.elsewhere", name=made.drawing.imported.document.name))
        return rx.redirect(f"/flow/{flow}")
