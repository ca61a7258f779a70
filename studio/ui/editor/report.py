"""What was said when a flow was brought in, as a list that leads to its nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from studio.flow.document import FlowDocument
from studio.flow.ports import label
from studio.texts import text


class ReportRow(TypedDict):
    """`where` is its place in the source; `nodes` are those of its nodes that are still drawn, `names` what they are called."""

    level: str
    text: str
    remedy: str
    where: str
    nodes: list[str]
    names: str


def report_rows(report: Mapping[str, Any] | None, document: FlowDocument) -> list[ReportRow]:
    """The rows of a stored report, in its order; what is no finding in it is left out."""
    named = {node.id: label(node) or node.kind for node in document.nodes}
    found = report.get("findings") if report is not None else None
    return [_row(finding, named) for finding in found if isinstance(finding, dict)] if isinstance(found, list) else []


def _row(finding: Mapping[str, Any], named: Mapping[str, str]) -> ReportRow:
    nodes = [node for node in finding.get("nodes") or [] if node in named]
    place = finding.get("place") or {}
    line, pointer = place.get("line"), str(place.get("pointer") or "")
    where = text("ui.report.line", line=line) if line else ""
    return {
        "level": str(finding.get("level", "")),
        "text": str(finding.get("text", "")),
        "remedy": str(finding.get("remedy", "")),
        "where": " · ".join(part for part in (where, pointer) if part),
        "nodes": nodes,
        "names": ", ".join(dict.fromkeys(named[node] for node in nodes)),
    }
