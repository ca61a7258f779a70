"""What an import or an export says about what it did: findings, each with its node and its place in the source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument

Level = Literal["decision", "approximated", "exact"]
"""decision: a person must look; approximated: it came over and differs; exact: it came over as it was."""

LEVELS: dict[Level, int] = {"decision": 0, "approximated": 1, "exact": 2}
MAX_FINDINGS = 2_000
"""Of one report: a hostile file must not make it endless."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the source: a JSON pointer (RFC 6901) or "" for text, and a line that counts from 1 (None: not known)."""

    pointer: str = ""
    line: int | None = None

    def __str__(self) -> str:
        return " · ".join(part for part in (f"line {self.line}" if self.line else "", self.pointer) if part)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a report. `code` is stable, `text` a sentence, `remedy` what to do about it; `nodes` are the ids that it is about.

    `subject` is what it names beside the nodes: an account whose key is missing, a model that is gone.
    """

    level: Level
    code: str
    text: str
    remedy: str = ""
    nodes: tuple[str, ...] = ()
    place: Place = Place()
    subject: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {**asdict(self), "nodes": list(self.nodes)}


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came over, in the order of importance. `format` names what the source was, in words."""

    format: str
    findings: tuple[Finding, ...] = ()

    def of(self, level: Level) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level == level)

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {"format": self.format, "findings": [finding.to_dict() for finding in self.findings]}


@dataclass(frozen=True, slots=True)
class Imported:
    """A flow that was read from a foreign file, laid out, with what there is to say about it."""

    document: FlowDocument
    report: ImportReport


@dataclass(slots=True)
class Findings:
    """Findings while they are collected; equal ones are kept once, with the nodes of all."""

    kept: dict[tuple[str, ...], Finding] = field(default_factory=dict)
    left_out: int = 0

    def add(self, finding: Finding) -> None:
        key = (finding.code, finding.text, finding.subject or finding.place.pointer)
        known = self.kept.get(key)
        if known is not None:
            self.kept[key] = replace(known, nodes=tuple(dict.fromkeys((*known.nodes, *finding.nodes))))
        elif len(self.kept) < MAX_FINDINGS:
            self.kept[key] = finding
        else:
            self.left_out += 1

    def sorted(self) -> tuple[Finding, ...]:
        """Decisions first, then what was approximated, then what is as it was."""
        return by_importance(self.kept.values())


def by_importance(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: LEVELS[finding.level]))


class ForeignFileError(ConveneError):
    """A file that cannot be imported; `where` is the place of the mistake, such as `line 3, column 7` or `/config/participants`."""

    code = "foreign_file"

    def __init__(self, why: str, where: str = "", remedy: str = "") -> None:
        super().__init__(why, remedy)
        self.where = where
