"""What a tab changed, taken once: the way of every edit of the canvas and of every field of a form."""

from __future__ import annotations

from typing import Any

import reflex as rx

from studio.api.services import services
from studio.engine.errors import ConveneError
from studio.library.errors import FlowMissing
from studio.library.flows import OpenFlow
from studio.library.sent import make
from studio.texts import text
from studio.ui.editor.shown import Shown
from studio.ui.shared.notices import done, failure, told

SMALL = 40
"""Nodes of a drawing that is shown whole when a repair added to it."""

TAKEN = 64
"""How many ids of changes are told again: several answers may be drawn as one."""


class Taking(Shown, mixin=True):
    """`taken` are the ids of the changes that were made or refused last: the tab need not send them again."""

    taken: list[str] = []
    view: str = "canvas"
    """On a phone one panel is seen at a time: palette, canvas, inspector or conversation."""
    focus: dict[str, Any] = {}

    _asked: int = 0

    def _show_change(self, opened: OpenFlow, *, others: bool = False) -> Any:
        raise NotImplementedError

    @rx.event
    @told
    def change(self, flow: str, changes: list[dict[str, Any]]) -> Any:
        """Finished changes of this tab, the oldest first. A refused one is told, and the canvas gets the drawing as it is."""
        before = _found(flow)
        made = make(services().flows, flow, changes)
        self.taken = [*self.taken, *made.taken][-max(TAKEN, len(made.taken)) :]
        after = [failure(_together(made.refused))] if made.refused else []
        if self.flow and flow != self.flow:
            return after
        if self.view == "palette" and any(_adds(each["change"]) for each in changes):
            # On a phone the palette hides the canvas: what was added is to be seen.
            self.view = "canvas"
        try:
            opened = services().flows.get(flow)
        except FlowMissing:
            return after
        if made.refused:
            self._show_whole(opened)
        else:
            after.append(self._show_change(opened))
            after += [self._follow(each["change"], before, opened) for each in changes]
        return [each for each in after if each is not None]

    def _follow(self, change: dict[str, Any], before: OpenFlow | None, after: OpenFlow) -> Any:
        """What a change that was asked for by name lets the person see."""
        match change:
            case {"type": "arrange"}:
                self._look_at_all()
            case {"type": "repair" | "repair_all"} if before is not None and before.rev != after.rev:
                if len(before.document.nodes) < len(after.document.nodes) <= SMALL:
                    self._look_at_all()
                return done(text("ui.problems.repaired"))
            case {"type": "version", "number": number}:
                return done(text("ui.versions.restored", number=number))
        return None

    def _look_at_all(self) -> None:
        """Brings the whole drawing into view."""
        self._asked += 1
        self.focus = {"seq": self._asked, "ids": []}


def _found(flow: str) -> OpenFlow | None:
    try:
        return services().flows.get(flow)
    except FlowMissing:
        return None


def _adds(change: dict[str, Any]) -> bool:
    """Whether nodes come in, alone or in a team that grows for them."""
    edits = change.get("edits")
    parts = edits if change.get("type") == "several" and isinstance(edits, list) else [change]
    return any(isinstance(each, dict) and each.get("type") == "add" for each in parts)


def _together(refused: tuple[ConveneError, ...]) -> ConveneError:
    """One notice of all: of several that come in one breath a page may show the last alone."""
    sentences, remedies = (
        dict.fromkeys(error.sentence for error in refused),
        dict.fromkeys(error.remedy for error in refused if error.remedy),
    )
    return ConveneError(" ".join(sentences), " ".join(remedies))
