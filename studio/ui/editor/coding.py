"""What a tab shows of the code of a flow: for which target, what that one cannot express, and how much every other one loses."""

from __future__ import annotations

import asyncio
from typing import Any

import reflex as rx

from studio.api.services import services
from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument
from studio.ui.editor import code
from studio.ui.editor.drawing import Drawn
from studio.ui.editor.report import ReportRow
from studio.ui.shared.notices import told

RESTS = 0.25
"""Seconds without an edit before the code pane is written anew."""

TARGET_KEPT = "code.target"
"""The preference that holds which target the code pane shows."""


class Coding(rx.State, mixin=True):
    """`code_rev` is the state of the flow that the pane shows; `loss_counts` how many things each target cannot express of the flow as
    it stands, -1 where it cannot be written yet."""

    code_text: str = ""
    code_trouble: str = ""
    code_file: str = ""
    code_losses: list[ReportRow] = []
    code_picture: bool = False
    code_rev: int = 0
    target: str = code.OWN
    loss_counts: dict[str, int] = {}

    def _document(self, flow: str) -> tuple[FlowDocument, Drawn]:
        raise NotImplementedError

    def _show_code(self, written: code.Written, target: str) -> None:
        self.code_text, self.code_trouble, self._lines = written.text, written.trouble, written.lines
        self.code_file, self.code_losses = written.file, written.losses
        self.code_picture, self.code_rev = target in code.PICTURES and not written.trouble, self.rev
        self.code_marks = code.marks(self._lines, self._chosen)

    @rx.event(background=True)
    async def refresh_code(self) -> None:
        """Writes the code anew, once the edits have come to rest."""
        async with self:
            flow, rev, run = self.flow, self.rev, self.run if self.readonly else ""
            self.target = code.known(str(services().preferences.get(TARGET_KEPT, code.OWN))).name
            if self.readonly and self.target in code.PICTURES:
                self.target = code.OWN
            target = self.target
        await asyncio.sleep(RESTS if self.code_text else 0)
        async with self:
            if rev != self.rev or flow != self.flow:
                return
            document, _ = self._document(flow)
        written = await asyncio.to_thread(code.written, document, target)
        async with self:
            if (rev, flow, target, run) == (self.rev, self.flow, self.target, self.run if self.readonly else ""):
                self._show_code(written, target)

    @rx.event
    @told
    def choose_target(self, flow: str, target: str) -> Any:
        """Shows the code of another target; the installation remembers which."""
        services().preferences.set(TARGET_KEPT, code.known(target).name)
        self.target = code.known(target).name
        return type(self).refresh_code

    @rx.event
    @told
    def show_target(self, flow: str, target: str) -> Any:
        """Opens the code pane on a target."""
        self.drawer = "code"
        return type(self).choose_target(flow, target)

    @rx.event(background=True)
    async def count_losses(self) -> None:
        """Counts what every target cannot express of the flow as it stands."""
        async with self:
            flow = self.flow
            try:
                document, _ = self._document(flow)
            except ConveneError:
                # It was deleted meanwhile, which the page says elsewhere.
                return
        counts = await asyncio.to_thread(code.counts, document)
        async with self:
            if flow == self.flow:
                self.loss_counts = counts

    @rx.event
    def choose_line(self, line: int) -> Any:
        """The node that a line of the code belongs to."""
        node = code.node_at(self._lines, line)
        return type(self).go_to([node]) if node else None
