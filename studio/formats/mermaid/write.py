"""Writing a flow as a Mermaid flowchart: teams as boxes in boxes, who may speak after whom, and what each of them uses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from textwrap import wrap

from studio.flow import words
from studio.flow.catalogue.titles import field_title
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.findings import Finding, Findings
from studio.flow.kinds import Part, drawn_class, parts
from studio.flow.notes import note_lines
from studio.flow.ports import label as called
from studio.flow.view import turn
from studio.flow.wires import Drawing
from studio.formats.mermaid.labels import MAX_LABEL, flat, label, names
from studio.texts import text

NOTE_WIDTH = 60
"""Characters of a line of a note."""

NOTE_LINES = 12

SHAPES: Mapping[str, tuple[str, str]] = {
    "agent": ("(", ")"),
    "human": ("([", "])"),
    "model": ("[[", "]]"),
    "tool": ("[/", "/]"),
    "memory": ("[(", ")]"),
    "condition": ("{{", "}}"),
    "note": ("[", "]"),
    "unknown": ("[", "]"),
}
"""The brackets of a node by its category; a human has those of its kind."""

SHOWN: Mapping[str, frozenset[str]] = {
    "team": frozenset({"description", "selection"}),
    "agent": frozenset({"description"}),
    "human": frozenset({"input_mode"}),
    "model": frozenset({"account", "model"}),
    "condition": frozenset(
        {"text", "sources", "total", "prompt", "completion", "name", "max_messages", "max_turns", "dollars", "target", "seconds"}
    ),
    "note": frozenset({"text"}),
}
"""Fields that a label says, by category or kind."""


def to_mermaid(document: FlowDocument) -> str:
    """The flowchart of any document, as text that ends with a line feed. Every text is quoted and escaped."""
    return "\n".join(_Chart(document).lines()) + "\n"


def losses(document: FlowDocument) -> tuple[Finding, ...]:
    """Which settings of each node the flowchart does not show, and that it is no way back into the studio."""
    drawing, found = Drawing(document), Findings()
    found.add(Finding("approximated", "lost_way_back", text("mermaid.way_back"), text("mermaid.way_back.remedy")))
    if document.sample_tasks or document.description:
        found.add(Finding("approximated", "lost_flow_fields", text("mermaid.flow_fields")))
    for node in drawing.nodes:
        fields = _unsaid(node, drawing)
        if fields:
            what = text("mermaid.settings", name=called(node) or words.title(node), fields=", ".join(fields))
            found.add(Finding("approximated", "lost_settings", what, nodes=(node.id,), subject=node.id))
    return found.sorted()


def _unsaid(node: Node, drawing: Drawing) -> list[str]:
    """The titles of the fields that a person filled in and that the label does not hold, or not as a whole."""
    category, component = drawing.categories[node.id], drawn_class(node.kind)
    if component is None:
        return [text("mermaid.all_settings")] if node.config else []
    said = SHOWN.get(category, frozenset()) | SHOWN.get(node.kind, frozenset())
    return [
        field_title(component, part)
        for name, part in parts(component).items()
        if name in node.config and not _is_said(part, node.config[name], name in said)
    ]


def _is_said(part: Part, value: object, shown: bool) -> bool:
    if value in (None, "", [], {}, ()) or value == part.info.default:
        return True
    if part.name == "text" and isinstance(value, str) and part.widget.name == "text":
        return shown and sum(len(wrap(each.text, NOTE_WIDTH)) for each in note_lines(value)) <= NOTE_LINES
    if part.role == "nested" and isinstance(value, Mapping):
        return shown and set(value) <= {"kind"}
    return shown and not (isinstance(value, str) and (len(value) > MAX_LABEL or "\n" in value.strip()))


class _Chart:
    def __init__(self, document: FlowDocument) -> None:
        self.document = document
        self.drawing = Drawing(document)
        drawn = self.drawing.nodes
        self.names = names((node.id, node.name, self.drawing.categories[node.id]) for node in drawn)

    def lines(self) -> Iterator[str]:
        yield "---"
        yield f"title: {json.dumps(flat(self.document.name) or '-', ensure_ascii=False)}"
        yield "---"
        yield "flowchart LR"
        for node in self.drawing.nodes:
            if self.drawing.team_of(node) is None:
                yield from self.node(node, "  ")
        for edge in self.document.edges:
            yield from self.edge(edge)
        if any(node.kind == "human" for node in self.drawing.nodes):
            yield "  classDef human stroke-width:2px"
        if self.drawing.of("note"):
            yield "  classDef note stroke-dasharray:4 4"

    def node(self, node: Node, indent: str) -> Iterator[str]:
        """A node as one line; a team as a box around its members."""
        if self.drawing.categories[node.id] != "team":
            first, last = SHAPES.get(node.kind) or SHAPES[self.drawing.categories[node.id]]
            look = f":::{node.kind}" if node.kind in ("human", "note") else ""
            yield f"{indent}{self.names[node.id]}{first}{label(*self.words(node))}{last}{look}"
            return
        yield f"{indent}subgraph {self.names[node.id]}[{label(*self.words(node))}]"
        for member in self.drawing.inside(node):
            yield from self.node(member, indent + "  ")
        yield f"{indent}end"

    def words(self, node: Node) -> list[str]:
        """The lines of a label; never none."""
        name, line, drawing = called(node), words.line(node, self.drawing), self.drawing
        place = turn(node, drawing)
        if place is not None:
            name = f"{place} · {name}"
        match drawing.categories[node.id]:
            case "team":
                found = [name, line, " · ".join(words.chips(node, drawing))]
            case "note":
                held = node.config.get("text")
                wrapped = (line for each in note_lines(held if isinstance(held, str) else "") for line in wrap(each.text, NOTE_WIDTH))
                found = list(islice(wrapped, NOTE_LINES))
            case "agent":
                found = [name, line]
            case _:
                found = [words.title(node), line or name]
        return [each for each in found if each.strip()] or [words.title(node) or node.kind or "-"]

    def edge(self, edge: Edge) -> Iterator[str]:
        """A wire as an arrow; none between a team and what lies in it, which the boxes say already."""
        source, target = self.drawing.by_id.get(edge.source), self.drawing.by_id.get(edge.target)
        if source is None or target is None or self._holds(source, target) or self._holds(target, source):
            return
        says = words.arrow(edge)
        if edge.kind == "speaks":
            waits = text("mermaid.join_all") if words.join(edge, self.drawing) == "all" else ""
            barred = self.drawing.is_barred(edge)
            says = ", ".join(filter(None, (says, waits, text("mermaid.barred") if barred else "")))
            line = "-.-x" if barred else "-->"
            arrow = f"{line}|{label(says)}|" if says else line
        else:
            arrow = "-.->"
        yield f"  {self.names[source.id]} {arrow} {self.names[target.id]}"

    def _holds(self, outer: Node, inner: Node) -> bool:
        at = self.drawing.team_of(inner)
        while at is not None:
            if at.id == outer.id:
                return True
            at = self.drawing.team_of(at)
        return False
