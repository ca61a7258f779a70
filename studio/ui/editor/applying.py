"""Code that a person edited in the code pane, taken back onto the canvas as one change of the flow."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import reflex as rx

from studio.api.services import services
from studio.flow.document import FlowDocument
from studio.flow.edits import difference
from studio.flow.findings import Finding, ForeignFileError, Place
from studio.library.sent import LONGEST_ID
from studio.texts import text
from studio.ui.editor import code
from studio.ui.editor.report import ReportRow, report_rows
from studio.ui.shared.notices import done, told

TRIES = 5
"""How often a text is read anew because the flow was changed while it was read."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What an edited program makes of a flow: the edit (None when it says the same), and what there is to say.

    With `refused` it cannot be read at all.
    """

    edit: dict[str, Any] | None
    rows: list[ReportRow]
    refused: bool = False


def taken(source: str, document: FlowDocument) -> Taken:
    """Reads an edited program over the flow that it shows. Nothing is run."""
    from studio.formats.convene_python.read import from_python

    try:
        read = from_python(source, document)
    except ForeignFileError as error:
        line = int(error.where.rpartition(" ")[2]) if error.where.rpartition(" ")[2].isdigit() else None
        finding = Finding("decision", error.code, error.sentence, error.remedy, place=Place(line=line))
        return Taken(None, report_rows({"findings": [finding.to_dict()]}, document), refused=True)
    rows = report_rows({"findings": [each.to_dict() for each in read.report.findings if each.level != "exact"]}, document)
    same = read.document == document
    return Taken(None if same else difference(document, read.document).model_dump(mode="json"), rows)


class Applying(rx.State, mixin=True):
    """`code_told` is what was not understood of the text that was applied last; `code_again` whether it may be applied all the same.

    `code_applied` is the id of the text that was taken last: the pane then shows the flow's own code again.
    """

    code_told: list[ReportRow] = []
    code_again: bool = False
    code_applied: str = ""

    _code_asked: str = ""

    def _apply_edit(self, flow: str, raw: dict[str, Any], key: str) -> None:
        raise NotImplementedError

    def _show_code(self, written: code.Written, target: str) -> None:
        raise NotImplementedError

    @rx.event
    @told
    async def apply_code(self, flow: str, source: str, key: str, again: bool) -> Any:
        """Changes the flow as its edited code says, once for each `key`.

        What is not understood is shown first; the same text is then taken when it comes from where that was to be seen (`again`).
        """
        for _ in range(TRIES):
            opened = services().flows.get(flow)
            read = await asyncio.to_thread(taken, source, opened.document)
            if services().flows.get(flow).rev == opened.rev:
                break
        if read.refused or (read.rows and not (again and source == self._code_asked)):
            self.code_told, self.code_again = read.rows, not read.refused
            self._code_asked = "" if read.refused else source
            return None
        if read.edit is not None:
            self._apply_edit(flow, read.edit, key[:LONGEST_ID])
        self._forget_told()
        # The new code comes with the word that the text was taken: in between nobody sees the old one again.
        self._show_code(await asyncio.to_thread(code.written, services().flows.get(flow).document), code.OWN)
        self.code_applied = key
        return done(text("ui.code.applied" if read.edit is not None else "ui.code.applied_nothing"))

    @rx.event
    def put_code_back(self) -> None:
        """The edited text was thrown away."""
        self._forget_told()

    def _forget_told(self) -> None:
        self.code_told, self.code_again, self._code_asked = [], False, ""
