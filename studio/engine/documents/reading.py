"""What stands in a document: its text in sections, each with the place by which a person finds it again."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from studio.engine.documents.document import DocumentUnusable
from studio.texts import text

MOST_CHARACTERS = 5_000_000
"""Characters of a document that are read."""

MOST_CELLS = 2_000
"""Columns of a table that are read."""

LONGEST_HEADING = 500
"""Characters of a line that can be a heading."""

ROWS = 20
"""Rows of a table that have a place in common."""

_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t]*#*$")
_UNDERLINE = re.compile(r"^(=+|-+)[ \t]*$")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document. `place` is words such as a heading, a page or rows; empty for the whole."""

    place: str
    text: str


def sections_of(name: str, content: bytes) -> list[Section]:
    """The sections of a document in order, by the end of its name: PDF, HTML, CSV and TSV, Markdown, and text for all others.

    Blocks; a PDF is read in a process of its own. Raises DocumentUnusable for what holds no text.
    """
    ending = PurePath(name).suffix.lower()
    if content.startswith(b"%PDF-") or ending == ".pdf":
        from studio.engine.documents.pdf import pages_of

        found = [Section(text("engine.document.page", number=number), page) for number, page in enumerate(pages_of(name, content), 1)]
    else:
        written = _decoded(name, content)[:MOST_CHARACTERS]
        found = list(_READERS.get(ending, _paragraphs)(written))
    found = [Section(section.place, section.text.strip()) for section in found if section.text.strip()]
    if not found:
        raise DocumentUnusable(name, text("engine.document.no_text_in_it"), text("engine.document.no_text_in_it.remedy"))
    return found


def _decoded(name: str, content: bytes) -> str:
    """Raises DocumentUnusable for what is no text."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\0" in content[:8_192]:
        raise DocumentUnusable(name, text("engine.document.unknown_form"), text("engine.document.unknown_form.remedy"))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _markdown(text: str) -> Iterator[Section]:
    """A section a heading; its place is the headings above it, the outermost first. A fence's lines are no headings."""
    path: list[tuple[int, str]] = []
    lines: list[str] = []
    fence = ""

    def section() -> Section:
        return Section(" › ".join(heading for _, heading in path), "\n".join(lines))

    for line in text.splitlines():
        mark = line.lstrip()[:3]
        if mark in ("```", "~~~"):
            fence = "" if fence == mark else fence or mark
        under = None if fence else _UNDERLINE.match(line)
        heading = _HEADING.match(line) if not fence and len(line) <= LONGEST_HEADING else None
        if heading is not None:
            level, words = len(heading[1]), heading[2]
        elif under is not None and lines and lines[-1].strip() and (len(lines) == 1 or not lines[-2].strip()):
            level, words = 1 if under[1][0] == "=" else 2, lines.pop().strip()
        else:
            lines.append(line)
            continue
        yield section()
        lines = []
        path = [*((depth, above) for depth, above in path if depth < level), (level, words[:120])]
    yield section()


def _html(text: str) -> Iterator[Section]:
    from studio.engine.tools.page_text import page_text

    page = page_text(text, "")
    for section in _markdown(page.text):
        yield Section(section.place or page.title, section.text)


def _table(written: str) -> Iterator[Section]:
    """Each row says for each column what stands in it; so many rows are a section."""
    first = written.partition("\n")[0][:20_000]
    delimiter = max(",;\t|", key=lambda each: first.count(each))
    head: list[str] = []
    rows: list[str] = []
    begin = 2
    try:
        for number, row in enumerate(csv.reader(io.StringIO(written), delimiter=delimiter), 1):
            cells = row[:MOST_CELLS]
            if number == 1:
                head = cells
                continue
            pairs = ((head[at].strip() if at < len(head) else "", cell.strip()) for at, cell in enumerate(cells))
            rows.append("; ".join(f"{title}: {cell}" if title else cell for title, cell in pairs if cell))
            if len(rows) == ROWS:
                yield Section(text("engine.document.rows", first=begin, last=number), "\n\n".join(rows))
                rows, begin = [], number + 1
    except csv.Error:
        yield from _paragraphs(written)
        return
    if rows:
        yield Section(text("engine.document.rows", first=begin, last=begin + len(rows) - 1), "\n\n".join(rows))
    elif not rows and begin == 2 and head:
        yield Section(text("engine.document.row", number=1), "; ".join(head))


def _paragraphs(text: str) -> Iterator[Section]:
    yield Section("", text)


_READERS: Mapping[str, Callable[[str], Iterator[Section]]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".html": _html,
    ".htm": _html,
    ".csv": _table,
    ".tsv": _table,
}
