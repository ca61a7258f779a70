"""The flow as the code pane shows it: its text for a target, which lines belong to which node, what is lost, and why there is none."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.api.files import file_name
from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument
from studio.formats.targets import TARGETS, Target, offered
from studio.texts import text
from studio.ui.editor.report import ReportRow, report_rows

log = logging.getLogger("convene.code")

Lines = Mapping[str, Sequence[tuple[int, int]]]

OWN = "convene"
"""The target that is our own engine: its lines know their nodes."""

PICTURES = frozenset({"svg", "png"})


@dataclass(frozen=True, slots=True)
class Written:
    """`trouble` is the sentence why a flow cannot be written yet; `lines` are first and last line (from 1) by node id.

    `losses` are what the target cannot express, as rows that lead to their nodes. A picture has no text.
    """

    text: str
    trouble: str
    lines: dict[str, list[tuple[int, int]]]
    file: str
    losses: list[ReportRow]


def written(document: FlowDocument, to: str = OWN) -> Written:
    target = known(to)
    file = "main.py" if target.name == OWN else file_name(document.name, target.suffix)
    try:
        losses = lost(document, target)
        if target.name == OWN:
            from studio.formats.convene_python.write import to_python

            source = to_python(document)
            lines = {node: [(first, last) for first, last in spans] for node, spans in source.lines.items()}
            return Written(source.text, "", lines, file, losses)
        content = target.write(document).decode() if target.language else ""
        lines = dict(target.lines(document)) if target.lines is not None else {}
    except ConveneError as error:
        return Written("", str(error), {}, file, [])
    except Exception:
        # A mistake of one target shows where that target is asked for; the pane goes on for every other one.
        log.exception("The flow could not be written for %s", target.name)
        return Written("", text("api.broken"), {}, file, [])
    return Written(content, "", lines, file, losses)


def known(to: str) -> Target:
    """The target of a name; our own where nobody offers it any more."""
    return next((each for each in offered() if each.name == to), TARGETS[OWN])


def lost(document: FlowDocument, target: Target) -> list[ReportRow]:
    """What a target cannot express, as rows. Raises ConveneError for a flow that cannot be written yet."""
    return report_rows({"findings": [finding.to_dict() for finding in target.losses(document)]}, document)


def counts(document: FlowDocument) -> dict[str, int]:
    """How many things each target cannot express; -1 where the flow cannot be written for it yet."""
    found = {}
    for target in offered():
        try:
            found[target.name] = len(target.losses(document))
        except ConveneError:
            found[target.name] = -1
        except Exception:
            log.exception("What is lost could not be counted for %s", target.name)
            found[target.name] = -1
    return found


def marks(lines: Lines, node: str) -> list[list[int]]:
    """The lines of a node, to light up."""
    return [[first, last] for first, last in lines.get(node, ())]


def node_at(lines: Lines, line: int) -> str:
    """The node whose span around `line` is the smallest; "" for a line that belongs to none."""
    around = [(last - first, node) for node, spans in lines.items() for first, last in spans if first <= line <= last]
    return min(around)[1] if around else ""
