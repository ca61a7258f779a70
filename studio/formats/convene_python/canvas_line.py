"""The last line of an exported file: what the code does not say of a flow, so that it comes back as it was drawn.

It holds ids, places, notes, wires and names, and no value that stands in the code. Without it, or when it fits no longer, the flow
is laid out anew.
"""

from __future__ import annotations

import io
import json
import tokenize
import zlib
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from studio.flow.bounds import Unbounded, check_json
from studio.flow.document import Edge, FlowDocument, Node, Position, Size
from studio.flow.wellformed import Malformed, check_wellformed
from studio.formats.convene_python.base import Base, Hints, own_config
from studio.formats.convene_python.kept import beside, kept_in
from studio.formats.convene_python.made import Made
from studio.formats.convene_python.matching import Match

MARK = "# convene: "
VERSION = 1
MAX_LINE = 2_000_000
"""Characters; a longer line is not written, and not read."""

WORTH_PACKING = 80
"""Characters from which a text that differs from the code only a little is packed."""


class Unreadable(Exception):
    """The line is there and cannot be read."""


def canvas_line(base: Base, match: Match, told: Mapping[str, str]) -> str:
    """The line for a document whose code makes `match`; `told` are the name and the description that the code says. "" if too long."""
    document = base.document
    data: dict[str, Any] = {"v": VERSION}
    data |= {field: getattr(document, field) for field in ("name", "description") if getattr(document, field) != told[field]}
    if document.sample_tasks:
        data["tasks"] = list(document.sample_tasks)
    in_the_code = {node.id for node in kept_in(document)}
    data["nodes"] = [_node(base, node, match.made.get(node.id), node.id in in_the_code) for node in document.nodes]
    data["edges"] = [[edge.id, edge.kind, edge.source, edge.target, *([edge.config] if edge.config else [])] for edge in document.edges]
    line = MARK + _visible(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
    return line if len(line) <= MAX_LINE else ""


def _node(base: Base, node: Node, made: Made | None, kept: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"id": node.id, "kind": node.kind, "name": node.name, "at": [_short(node.position.x), _short(node.position.y)]}
    if node.size is not None:
        row["size"] = [_short(node.size.width), _short(node.size.height)]
    if node.parent is not None:
        row["in"] = node.parent
    if made is None:
        row["config"] = beside(node) if kept else node.config
        return row
    row["is"] = base.digest(node)
    if function := base.function(node) if node.kind == "python_tool" else "":
        row["def"] = function
    own = own_config(node)
    differing = {name: value for name, value in own.items() if name not in made.own or not _equal(made.own[name], value)}
    packed = {name: pack(value, made.own[name]) for name, value in differing.items() if _may_be_packed(value, made.own.get(name))}
    held = {name: value for name, value in differing.items() if name not in packed}
    left_out = [name for name in made.own if name not in own]
    return row | {key: value for key, value in (("held", held), ("packed", packed), ("out", left_out)) if value}


def pack(text: str, dictionary: str) -> str:
    """A text squeezed with another one that the reader has at hand."""
    packer = zlib.compressobj(9, zdict=dictionary.encode("utf-8", "surrogatepass"))
    return b64encode(packer.compress(text.encode("utf-8", "surrogatepass")) + packer.flush()).decode()


def _may_be_packed(value: Any, other: Any) -> bool:
    return isinstance(value, str) and isinstance(other, str) and len(value) >= WORTH_PACKING


def _equal(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _short(number: float) -> float:
    return int(number) if number == int(number) else number


def _visible(line: str) -> str:
    """The line with every character that nobody would see as its escape."""
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in line)


def split(source: str) -> tuple[str, str]:
    """A file's text without its canvas line, which becomes empty so that all lines keep their numbers, and that line's data."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    at = _place_in(source)
    if at is None:
        return source, ""
    lines = source.split("\n")
    data = lines[at].removeprefix(MARK)
    # What is too long is cut to something that cannot be read, so that it is told.
    return "\n".join([*lines[:at], "", *lines[at + 1 :]]), data.strip() if len(data) <= MAX_LINE else data[:1]


def _place_in(source: str) -> int | None:
    """Which of a file's lines, from 0, is its canvas line: the last one that begins as such a line does and is a comment."""
    head, mark, rest = source.rpartition(f"\n{MARK}")
    if not mark:
        return None
    if not rest.partition("\n")[2].strip():
        return head.count("\n") + 1
    # Below it stand other lines: of the program, or of the prompt that it is a line of.
    found = None
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and token.start[1] == 0 and token.string.startswith(MARK):
                found = token.start[0] - 1
    except (tokenize.TokenError, SyntaxError):
        return None
    return found


def read_line(data: str, told: Mapping[str, str]) -> Base:
    """The drawing that a canvas line tells of, with what it knows of each node. Raises Unreadable."""
    try:
        found = json.loads(data)
        if not isinstance(found, dict) or found.get("v") != VERSION:
            raise Unreadable
        check_json(found)
        hints: dict[str, Hints] = {}
        nodes = [_read_node(row, hints) for row in found["nodes"]]
        edges = [
            Edge(id=row[0], kind=row[1], source=row[2], target=row[3], config=row[4] if len(row) > 4 else {}) for row in found["edges"]
        ]
        document = FlowDocument(
            name=found.get("name", told["name"]),
            description=found.get("description", told["description"]),
            sample_tasks=tuple(found.get("tasks", ())),
            nodes=tuple(nodes),
            edges=tuple(edges),
        )
        check_wellformed(document)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, ValidationError, Malformed, Unbounded) as why:
        raise Unreadable from why
    return Base(document, hints)


def _read_node(row: Mapping[str, Any], hints: dict[str, Hints]) -> Node:
    whole = "config" in row
    packed = {str(name): str(value) for name, value in row.get("packed", {}).items()}
    hints[row["id"]] = Hints(
        digest=str(row.get("is", "")),
        function=str(row.get("def", "")),
        held=dict(row.get("held", {})),
        packed=packed,
        left_out=tuple(map(str, row.get("out", ()))),
        whole=whole,
    )
    size = row.get("size")
    return Node(
        id=row["id"],
        kind=row["kind"],
        name=row["name"],
        config=row["config"] if whole else {},
        position=Position(x=row["at"][0], y=row["at"][1]),
        size=Size(width=size[0], height=size[1]) if size is not None else None,
        parent=row.get("in"),
    )
