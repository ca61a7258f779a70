"""The flow as Python for the code pane: its text, which lines belong to which node, and why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument

Lines = Mapping[str, Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Written:
    """`trouble` is the sentence why a flow cannot be written yet; `lines` are first and last line (from 1) by node id."""

    text: str
    trouble: str
    lines: dict[str, list[tuple[int, int]]]


def written(document: FlowDocument) -> Written:
    from studio.formats.convene_python.write import to_python

    try:
        source = to_python(document)
    except ConveneError as error:
        return Written("", str(error), {})
    return Written(source.text, "", {node: [(first, last) for first, last in spans] for node, spans in source.lines.items()})


def marks(lines: Lines, node: str) -> list[list[int]]:
    """The lines of a node, to light up."""
    return [[first, last] for first, last in lines.get(node, ())]


def node_at(lines: Lines, line: int) -> str:
    """The node whose span around `line` is the smallest; "" for a line that belongs to none."""
    around = [(last - first, node) for node, spans in lines.items() for first, last in spans if first <= line <= last]
    return min(around)[1] if around else ""
