"""What a tab shows of a flow: its drawing by graph and patches, its problems, and the form of the chosen node."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.field_form import FieldRow
from studio.engine.conditions.max_turns import MaxTurns
from studio.flow.checks.repairing import repairable
from studio.flow.document import FlowDocument
from studio.flow.wires import Drawing
from studio.library.flows import OpenFlow
from studio.ui.editor import code
from studio.ui.editor.drawing import MOST_PATCHES, Drawn, drawn, patch_between
from studio.ui.editor.forms import NOTHING, NodeForm, flow_fields, node_form, wire_form
from studio.ui.editor.problems import ProblemRow, problem_rows
from studio.ui.shared.times import iso


class Shown(rx.State, mixin=True):
    """`graph` is sent when a flow is opened and when an edit was refused; otherwise the canvas gets `patch`es only.

    `alarms` counts the problems that are more than hints; `drawing` names what the canvas holds, a flow or a run; `rev` is the
    revision of the flow that the tab shows, -1 for none.
    """

    flow: str = ""
    rev: int = -1
    name: str = ""
    saved: str = ""
    can_undo: bool = False
    can_redo: bool = False
    drawing: str = ""
    graph: dict[str, Any] = {}
    patch: list[dict[str, Any]] = []
    agents: list[dict[str, Any]] = []
    """Whoever can speak; `speaks` is whether in the outermost conversation."""
    sample_tasks: list[str] = []
    max_turns: int = 0

    form: NodeForm = NOTHING
    flow_form: list[FieldRow] = []
    problems: list[ProblemRow] = []
    begun: bool = False
    """Whether anything is drawn: that nothing is yet, is where everybody begins, and no alarm."""
    alarms: int = 0
    repairs: int = 0
    code_marks: list[list[int]] = []

    _seq: int = 0
    _chosen: str = ""
    _lines: dict[str, list[tuple[int, int]]] = {}

    def _show_whole(self, opened: OpenFlow) -> None:
        picture = drawn(opened.id, opened.rev, opened.document)
        self.drawing, self.graph, self.patch = opened.id, picture.view, []
        self._after(opened, picture)

    def _show_newest(self, opened: OpenFlow, *, others: bool = False) -> None:
        """What this tab shows becomes the newest state, by a patch where that is possible; `others` made it, or an edit of this tab."""
        picture = drawn(opened.id, opened.rev, opened.document)
        self._seq += 1
        change = patch_between(opened.id, self.rev, opened.rev, self._seq, others=others)
        if change is None:
            self._show_whole(opened)
            return
        self.patch = [*self.patch, change][-MOST_PATCHES:]
        self._after(opened, picture)

    def _after(self, opened: OpenFlow, picture: Drawn) -> None:
        self.rev, self.saved = opened.rev, iso(opened.saved)
        self.can_undo, self.can_redo = opened.can_undo, opened.can_redo
        self.problems = problem_rows(opened.document, picture.problems)
        self.begun = bool(opened.document.nodes)
        self.alarms = sum(1 for each in picture.problems if each.level != "hint") if self.begun else 0
        self.repairs = sum(1 for each in picture.problems if repairable(each))
        self._describe(opened.document, picture)

    def _describe(self, document: FlowDocument, picture: Drawn) -> None:
        self.name = document.name
        self.sample_tasks = list(document.sample_tasks)
        main = {team.id for team in Drawing(document).main_teams}
        self.agents = [
            {"name": node["name"], "kind": node["kind"], "color": node["color"], "id": node["id"], "speaks": node["parent"] in main}
            for node in picture.view["nodes"]
            if node["category"] == "agent" or (node["category"] == "team" and node["parent"] is not None)
        ]
        self.max_turns = _most_turns(document)
        self.flow_form = flow_fields(document)
        self._show_form(document, picture)

    def _show_form(self, document: FlowDocument, picture: Drawn) -> None:
        """The form of the chosen node or wire, and its lines in the code."""
        if document.node(self._chosen) is not None:
            self.form = node_form(document, self._chosen, picture.problems)
        else:
            self.form = wire_form(document, self._chosen) if self._chosen else NOTHING
        self.code_marks = code.marks(self._lines, self._chosen)


def _most_turns(document: FlowDocument) -> int:
    """The highest limit of turns; 0 where there is none. What is written in a limit need not be a number yet."""
    limits = [
        node.config.get("max_turns", MaxTurns.model_fields["max_turns"].default) for node in document.nodes if node.kind == MaxTurns.kind
    ]
    return max((limit for limit in limits if isinstance(limit, int)), default=0)
