"""A web page as text that reads well: Markdown with its title, headings, lists, tables and links, without what surrounds the content."""

from __future__ import annotations

import html
import re
import urllib.parse
from dataclasses import dataclass, field

from studio.engine.tools.html_pieces import Piece, pieces_of

MAX_LINK = 500
"""Characters of an address that is worth showing."""
MAX_LIST_DEPTH = 8
ENOUGH = 200
"""Characters of text that make a page's own main part the whole of it."""

_SPACE = re.compile(r"[\s\u00a0]+")

_SKIPPED = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "svg",
        "math",
        "canvas",
        "object",
        "video",
        "audio",
        "select",
        "button",
        "textarea",
    }
)
_AROUND = frozenset({"nav", "footer", "aside", "dialog", "menu"})
_BLOCKS = frozenset(
    "address article aside body center dd details dialog div dl dt fieldset figcaption figure footer form header hgroup html main nav p "
    "section summary legend caption tbody thead tfoot".split()
)
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}


@dataclass(frozen=True, slots=True)
class PageText:
    """`text` is Markdown; links in it are absolute."""

    title: str
    text: str


def page_text(source: str, url: str) -> PageText:
    """The readable part of an HTML page at `url`: its main part where the page says which one that is, else all but menus and footers.

    Nothing is executed or fetched; whatever the page is, reading it takes time in proportion to its length.
    """
    pieces = pieces_of(source)
    title, base = _title(pieces), _base(pieces, url)
    for within in ("main", "article"):
        text = _Writer(base, within).written(pieces)
        if len(text) >= ENOUGH:
            return PageText(title, text)
    return PageText(title, _Writer(base, "").written(pieces))


def _title(pieces: list[Piece]) -> str:
    for index, piece in enumerate(pieces[:-1]):
        if piece.what == "open" and piece.name == "title":
            return _SPACE.sub(" ", html.unescape(pieces[index + 1].text)).strip()[:300]
    return ""


def _base(pieces: list[Piece], url: str) -> str:
    given = next((piece.attribute("href") for piece in pieces if piece.what == "open" and piece.name == "base"), "")
    return _absolute(given, url) or url


def _absolute(link: str, base: str) -> str:
    """Where a link leads, empty for what is no address of the web."""
    try:
        found = urllib.parse.urljoin(base, link) if link and not link.startswith("#") else ""
    except ValueError:
        return ""
    fine = found.lower().startswith(("http://", "https://")) and len(found) <= MAX_LINK and not re.search(r"[\s<>()]", found)
    return found if fine else ""


@dataclass(slots=True)
class _Writer:
    """Writes Markdown block by block. `within` names the element whose inside alone is wanted; empty takes the page."""

    base: str
    within: str
    blocks: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    prefix: str = ""
    lists: list[int] = field(default_factory=list)
    """The next number of each open list, 0 for one with bullets."""
    link: str = ""
    link_at: int = 0
    cells: list[str] | None = None
    row_is_first: bool = True
    quotes: int = 0
    verbatim: int = 0
    inside: int = 0
    skipping: str = ""
    skip_depth: int = 0

    def written(self, pieces: list[Piece]) -> str:
        for piece in pieces:
            if self.skipping:
                self._skip(piece)
            elif piece.what == "text":
                if self.inside or not self.within:
                    self._text(piece.text)
            elif piece.what == "open":
                self._open(piece)
            else:
                self._close(piece)
        self._row()
        self._flush()
        return "\n".join(self.blocks).strip("\n")

    def _skip(self, piece: Piece) -> None:
        if piece.name == self.skipping and piece.what != "text":
            self.skip_depth += 1 if piece.what == "open" else -1
            if self.skip_depth <= 0:
                self.skipping = ""

    def _text(self, text: str) -> None:
        text = html.unescape(text)
        if self.verbatim:
            self.line.append(text)
        elif text.strip():
            self.line.append(_SPACE.sub(" ", text))
        elif self.line:
            self.line.append(" ")

    def _open(self, piece: Piece) -> None:
        name = piece.name
        if name in _SKIPPED or name == "title" or (not self.within and name in _AROUND and not piece.text.endswith("/")):
            if not piece.text.endswith("/"):
                self.skipping, self.skip_depth = name, 1
            return
        if self.within and (name == self.within or (self.within == "main" and piece.attribute("role") == "main")):
            self._flush()
            self.inside += name == self.within
        if self.within and not self.inside:
            return
        match name:
            case "a":
                self._end_link()
                self.link, self.link_at = _absolute(piece.attribute("href"), self.base), len(self.line)
            case "br":
                self.line.append("\n" if self.verbatim else "  \n" if self.cells is None else " ")
            case "hr":
                self._flush()
                self.blocks += ["", "---"]
            case "img":
                if alt := _SPACE.sub(" ", piece.attribute("alt")):
                    self.line.append(f"[picture: {alt[:200]}]")
            case "ul" | "ol":
                self._flush()
                self.lists.append(1 if name == "ol" else 0)
            case "li":
                self._flush()
                self.prefix = self._bullet()
            case "blockquote":
                self._flush()
                self.quotes = min(self.quotes + 1, 4)
            case "pre":
                self._flush()
                self.verbatim += 1
            case "code" if not self.verbatim:
                self.line.append("`")
            case "table":
                self._row()
                self._flush()
                self.row_is_first = True
            case "tr":
                self._row()
                self._flush()
                self.cells = []
            case "td" | "th" if self.cells is not None:
                self._cell()
            case _ if name in _HEADINGS:
                self._flush()
                self.prefix = f"{_HEADINGS[name]} "
            case _ if name in _BLOCKS:
                self._flush()

    def _close(self, piece: Piece) -> None:
        name = piece.name
        if self.within and not self.inside:
            return
        match name:
            case "a":
                self._end_link()
            case "ul" | "ol":
                self._flush()
                if self.lists:
                    self.lists.pop()
            case "blockquote":
                self._flush()
                self.quotes = max(self.quotes - 1, 0)
            case "pre":
                self._flush()
                self.verbatim = max(self.verbatim - 1, 0)
            case "code" if not self.verbatim:
                self.line.append("`")
            case "tr" | "table":
                self._row()
                self._flush()
            case "td" | "th" if self.cells is not None:
                self._cell()
            case _ if name in _HEADINGS or name == "li" or name in _BLOCKS:
                self._flush()
                self.prefix = "" if name == "li" or name in _HEADINGS else self.prefix
        if self.within == name:
            self._flush()
            self.inside = max(self.inside - 1, 0)

    def _bullet(self) -> str:
        depth = min(max(len(self.lists) - 1, 0), MAX_LIST_DEPTH)
        number = self.lists[-1] if self.lists else 0
        if number:
            self.lists[-1] += 1
        return "  " * depth + (f"{number}. " if number else "- ")

    def _end_link(self) -> None:
        if not self.link:
            return
        text = "".join(self.line[self.link_at :])
        del self.line[self.link_at :]
        self.line.append(f"{text[: len(text) - len(text.lstrip())]}[{text.strip()}]({self.link})" if text.strip() else text)
        self.link = ""

    def _cell(self) -> None:
        self._end_link()
        text = _SPACE.sub(" ", "".join(self.line)).strip()
        self.line.clear()
        if self.cells is not None and text:
            self.cells.append(text.replace("|", "\\|"))

    def _row(self) -> None:
        """Write the cells of a table's row; the first row of a table is its head."""
        if self.cells is None:
            return
        self._cell()
        cells, self.cells = self.cells, None
        if len(cells) == 1:
            self.blocks += ["", cells[0]]
        elif cells:
            self.blocks += [""] if self.row_is_first else []
            self.blocks.append(f"| {' | '.join(cells)} |")
            if self.row_is_first:
                self.blocks.append("|" + " --- |" * len(cells))
            self.row_is_first = False

    def _flush(self) -> None:
        """End the block that is being written."""
        if self.cells is not None:
            self.line.append(" ")
            return
        link = self.link
        self._end_link()
        text = "".join(self.line)
        self.line.clear()
        self.link, self.link_at = link, 0
        if self.verbatim:
            if text.strip():
                self.blocks += ["", "```", text.strip("\n"), "```"]
            return
        lines = [_SPACE.sub(" ", part).strip() for part in text.split("\n")]
        text = "\n".join(part for part in lines if part)
        if not text or text == "``":
            return
        is_item = bool(self.lists) and not self.prefix.startswith("#")
        body = text.replace("\n", "\n" + " " * len(self.prefix)) if is_item else text
        block = self.prefix + body if self.prefix else ("  " * len(self.lists) + body if self.lists else body)
        if self.quotes:
            mark = "> " * self.quotes
            block = "\n".join(mark + part for part in block.split("\n"))
        if not (is_item and self.blocks and self.blocks[-1].lstrip().startswith(("- ", *"0123456789"))):
            self.blocks.append("")
        self.blocks.append(block)
        self.prefix = ""
