"""Reading a notebook: its code cells as one script, magics left out, its prose as notes. Runs nothing, and looks at no output."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from studio.flow.document import Node
from studio.flow.findings import Finding, ForeignFileError, Imported, Level, Place, by_importance
from studio.flow.layout import place
from studio.formats.python_reading.source import MAX_SOURCE, Source
from studio.texts import text

MAX_CELLS = 2_000
MAX_NOTES = 12
MAX_NOTE = 4_000
_MAGIC = re.compile(r"^\s*(?:[%!]|\w+\s*=\s*[%!]|[\w.]+\?{1,2}\s*$|(?:pip|pip3|conda|cd|ls)\s+\S)")


@dataclass(frozen=True, slots=True)
class Notebook:
    """`source` is the script; `cells` are (first line of the script, number of the cell from 1), in their order."""

    source: str
    cells: tuple[tuple[int, int], ...]
    notes: tuple[str, ...] = ()
    skipped: tuple[Finding, ...] = field(default=())

    def place(self, line: int | None) -> Place:
        """The cell, and the line in it, of a line of the script."""
        if line is None or not self.cells:
            return Place("", line)
        first, number = self.cells[max(0, bisect_right(self.cells, (line, MAX_CELLS + 1)) - 1)]
        return Place(text("notebook.cell", number=number), line - first + 1)


def from_notebook(value: Mapping[str, Any]) -> Notebook:
    """The script of a notebook. Raises ForeignFileError where it is too long, or where there is no Python in it."""
    lines: list[str] = []
    cells: list[tuple[int, int]] = []
    notes: list[str] = []
    skipped: list[Finding] = []
    size = 0
    for number, cell in enumerate(value["cells"][:MAX_CELLS], 1):
        if not isinstance(cell, Mapping):
            continue
        written = _text(cell.get("source"))
        size += len(written)
        if size > MAX_SOURCE:
            raise ForeignFileError(text("python.large", limit=f"{MAX_SOURCE:,}"))
        if cell.get("cell_type") == "markdown" and written.strip() and len(notes) < MAX_NOTES:
            notes.append(written.strip()[:MAX_NOTE])
        elif cell.get("cell_type") == "code":
            code = _python(written, number, skipped)
            if code:
                cells.append((len(lines) + 1, number))
                lines += code
    if len(value["cells"]) > MAX_CELLS:
        skipped.append(_left_out("cells", "", MAX_CELLS, None))
    if not lines:
        raise ForeignFileError(text("notebook.empty"))
    return Notebook("\n".join(lines) + "\n", tuple(cells), tuple(notes), tuple(skipped))


def told(imported: tuple[Imported, ...], notebook: Notebook) -> tuple[Imported, ...]:
    """Flows with cells and lines in their reports; the first one with what was left out, and with the prose as notes."""
    found = []
    for index, each in enumerate(imported):
        findings = [replace(finding, place=notebook.place(finding.place.line)) for finding in each.report.findings]
        document = each.document
        if index == 0:
            findings += notebook.skipped
            added = tuple(Node(id=f"n_note{number:06d}", kind="note", config={"text": note}) for number, note in enumerate(notebook.notes))
            document = place(document.model_copy(update={"nodes": (*document.nodes, *added)})) if added else document
        found.append(Imported(document, replace(each.report, findings=by_importance(findings))))
    return tuple(found)


def _python(written: str, number: int, skipped: list[Finding]) -> list[str]:
    """The lines of a cell, what is no Python among them left empty; none for a cell that is no Python at all."""
    lines = written.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip().startswith("%%") and not first.lstrip().startswith(("%%time", "%%capture")):
        skipped.append(_left_out("magic", first.strip(), number, 1))
        return []
    if _is_python(lines):
        return lines
    magic = {index for index, line in enumerate(lines) if _MAGIC.match(line)}
    found = [f"{line[: len(line) - len(line.lstrip())]}pass" if index in magic else line for index, line in enumerate(lines)]
    if not _is_python(found):
        skipped.append(_left_out("no_python", first.strip(), number, 1, "decision"))
        return []
    skipped += [_left_out("magic", lines[index].strip(), number, index + 1) for index in sorted(magic)]
    return found


def _is_python(lines: list[str]) -> bool:
    try:
        Source("\n".join(lines))
    except ForeignFileError:
        return False
    return True


def _left_out(code: str, what: str, number: int, line: int | None, level: Level = "approximated") -> Finding:
    where = Place(text("notebook.cell", number=number), line) if line is not None else Place()
    return Finding(level, code, text(f"notebook.{code}", what=what[:120], limit=number), place=where)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(each for each in value if isinstance(each, str))
    return value if isinstance(value, str) else ""
