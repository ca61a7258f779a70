"""The editor of one tab: which flow it shows, what is chosen, and the thin handlers that pass edits on to the library."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import reflex as rx

from studio.api.services import services
from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument
from studio.library.errors import FlowMissing
from studio.library.flows import UNCHANGED, OpenFlow
from studio.store.errors import RunMissing
from studio.texts import text
from studio.ui.editor.applying import Applying
from studio.ui.editor.coding import Coding
from studio.ui.editor.drawing import Drawn, drawn
from studio.ui.editor.following import Following
from studio.ui.editor.report import ReportRow, report_rows
from studio.ui.editor.taking import Taking
from studio.ui.shared.notices import told
from studio.ui.shared.runs import RunRow, run_row
from studio.ui.shared.times import iso

UNFINISHED = ("running", "waiting", "paused", "interrupted")
RUNS_LISTED = 50


class EditorState(Following, Taking, Coding, Applying, rx.State):
    """Everything is read anew from the address when the page is opened, so that an expired state costs nothing."""

    readonly: bool = False
    side: str = "inspector"
    drawer: str = ""
    runs: list[RunRow] = []
    run: str = ""
    session: str = ""
    report: list[ReportRow] = []
    report_form: str = ""

    # Opening --------------------------------------------------------------------------------------------------------

    @rx.event
    def open(self) -> Any:
        """Shows the flow that the address names."""
        wanted = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        same = wanted == self.flow and not self.readonly
        try:
            opened = services().flows.get(wanted)
        except FlowMissing as missing:
            self._show_gone(wanted, missing)
            return None
        self.flow, self.readonly, self.trouble, self.deleted = wanted, False, "", ""
        if not same:
            self.selected, self._chosen, self.run, self.session, self.drawer, self.view = [], "", "", "", "", "canvas"
            self.side, self.focus = "inspector", {}
        self._show_whole(opened)
        self._find_run()
        self._read_report(opened)
        if self.report and not same and opened.rev == UNCHANGED:
            self.drawer = "report"
        self.accounts = [account.name for account in services().accounts.list()]
        return EditorState.refresh_code if self.drawer == "code" else None

    @rx.event
    def open_run(self) -> Any:
        """Shows the run that the address names: the drawing as it was when it ran, and its transcript."""
        wanted = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        try:
            run, document = services().runs.get(wanted), services().runs.document(wanted)
        except ConveneError as error:
            self.trouble, self.deleted, self.flow, self.graph = error.sentence, "", "", {}
            return None
        self.flow, self.readonly, self.trouble, self.drawer = run.flow_id or "", True, "", ""
        self.run, self.session = run.id, run.session or ""
        self.side, self.view, self.selected, self._chosen, self.focus = "conversation", "conversation", [], "", {}
        self.can_undo = self.can_redo = False
        self.saved, self.problems, self.alarms, self.repairs = iso(run.started), [], 0, 0
        picture = drawn(f"run {run.id}", 0, document)
        self.drawing = f"run {run.id}"
        self.graph = {**picture.view, "nodes": [{**node, "problems": []} for node in picture.view["nodes"]]}
        self.patch = []
        self._describe(document, picture)
        return None

    @rx.event
    @told
    def bring_back(self, flow: str) -> Any:
        """Undoes the deletion of the flow that the address names, and shows it."""
        services().flows.bring_back(flow)
        return EditorState.open

    def _read_report(self, opened: OpenFlow) -> None:
        """What was said when the flow was brought in."""
        kept = services().reports.of(opened.id)
        self.report = report_rows(kept, opened.document)
        self.report_form = text("ui.report.form", format=kept["format"]) if kept is not None and kept.get("format") else ""

    @rx.event
    @told
    def put_report_aside(self, flow: str) -> None:
        services().reports.put_aside(flow)
        self.report, self.drawer = [], ""

    def _find_run(self) -> None:
        """Takes up the run that the address asks for, a guest's too, or else the one of the owner's that is not over yet."""
        if self.run:
            return
        house = services()
        asked = parse_qs(self.router.url.query).get("run", [""])[0]
        for run in filter(None, (asked, house.flows.news.newest(self.flow, UNFINISHED).run)):
            with suppress(RunMissing):
                found = house.runs.get(run)
                if found.flow_id == self.flow:
                    self.run, self.session, self.side, self.view = found.id, found.session or "", "conversation", "conversation"
                    return

    def _show_change(self, opened: OpenFlow, *, others: bool = False) -> Any:
        self._show_newest(opened, others=others)
        return EditorState.refresh_code if self.drawer == "code" else None

    # Changing -------------------------------------------------------------------------------------------------------

    def _apply_edit(self, flow: str, raw: dict[str, Any], key: str) -> None:
        self._show_newest(services().flows.edit(flow, raw, key))

    @rx.event
    @told
    def resync(self, flow: str) -> Any:
        """Sends the whole drawing again."""
        if self.readonly:
            return EditorState.open_run
        self._show_whole(services().flows.get(flow))
        return None

    # Choosing -------------------------------------------------------------------------------------------------------

    def _document(self, flow: str) -> tuple[FlowDocument, Drawn]:
        if self.readonly:
            document = services().runs.document(self.run)
            return document, drawn(f"run {self.run}", 0, document)
        opened = services().flows.get(flow)
        return opened.document, drawn(flow, opened.rev, opened.document)

    @rx.event
    @told
    def select(self, flow: str, ids: list[str], forward: bool = True) -> Any:
        """What is chosen on the canvas. One node alone, or one wire, has its form in the inspector, which comes `forward`."""
        if not self.readonly and flow != self.flow:
            return None
        self.selected = ids
        document, picture = self._document(flow)
        nodes = [each for each in ids if document.node(each) is not None]
        self._chosen = nodes[0] if len(nodes) == 1 else ids[0] if len(ids) == 1 else ""
        self._show_form(document, picture)
        if self._chosen and forward and not self.run:
            self.side = "inspector"
        return None

    def nodes(self) -> list[dict[str, Any]]:
        """The nodes of the newest drawing, as the canvas has them."""
        if not self.flow and not self.readonly:
            return []
        return list(self._document(self.flow)[1].view["nodes"])

    @rx.event
    def open_node(self, node: str) -> None:
        self.side, self.view = "inspector", "inspector"

    @rx.event
    def go_to(self, nodes: list[str]) -> None:
        """Chooses nodes and brings them into view."""
        if nodes:
            self._asked += 1
            self.focus = {"seq": self._asked, "ids": nodes}
            self.side, self.view = "inspector", "canvas"

    # Panels ---------------------------------------------------------------------------------------------------------

    @rx.event
    def show_side(self, side: str) -> None:
        self.side = side

    @rx.event
    def show_view(self, view: str) -> None:
        self.view = view
        if view in ("inspector", "conversation"):
            self.side = view

    @rx.event
    @told
    def toggle_drawer(self, flow: str, drawer: str) -> Any:
        """Opens a tab of the drawer, or closes it when it is open."""
        self.drawer = "" if self.drawer == drawer else drawer
        if self.drawer == "runs":
            self.runs = [run_row(run) for run in services().runs.list(limit=RUNS_LISTED, flow_id=flow)]
        return EditorState.refresh_code if self.drawer == "code" else None

    @rx.event
    def started(self, run: str, session: str) -> None:
        """A run was started in this tab."""
        self.run, self.session, self.side, self.view = run, session, "conversation", "conversation"

    @rx.event
    def take_up_run(self, flow: str, run: str, busy: bool) -> None:
        """Shows a run that was started elsewhere. Who is `busy`, or has a form open, goes on looking at that."""
        if flow != self.flow or self.readonly or run == self.run:
            return
        try:
            found = services().runs.get(run)
        except RunMissing:
            return
        if found.flow_id != flow:
            return
        self.run, self.session = found.id, found.session or ""
        if not busy and not (self._chosen and self.side == "inspector"):
            self.side = self.view = "conversation"

    @rx.event
    def new_session(self) -> None:
        self.run, self.session = "", ""
