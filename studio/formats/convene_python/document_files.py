"""The documents of a project: texts of the program that are files beside it, and the program with these texts in it again."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from studio.engine.documents.document import Document
from studio.engine.parsing import parsed
from studio.flow.findings import ForeignFileError
from studio.formats.convene_python.canvas_line import MARK, split
from studio.formats.python_reading.source import Source
from studio.formats.python_text.formatting import formatted
from studio.formats.python_text.literals import literal, quoted
from studio.formats.python_text.modules import lines_of

FOLDER = "documents"
"""The folder of the files, beside the program."""

NAME = "DOCUMENTS"
"""What the program calls that folder."""

MAKES = f'{NAME} = Path(__file__).with_name("{FOLDER}")\n'
_IMPORT = "from pathlib import Path\n"
_PLAIN = re.compile(r"[^\W_][\w.\- ]{0,99}")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Names that Windows keeps for itself."""


@dataclass(frozen=True, slots=True)
class Apart:
    """`files` are texts by the name of the file."""

    program: str
    files: dict[str, str]


def apart(program: str) -> Apart:
    """The program with the texts of its documents in files. One that no file could be named after stays. Raises FormatterMissing."""
    code, line = split(program)
    tree = parsed(code)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found = [] if names & {NAME, "Path"} else list(_documents(tree))
    files: dict[str, str] = {}
    changes = []
    for call, name, text in found:
        same = next((each for each in files if each.casefold() == name.casefold()), name)
        if _can_be_named(name, text) and same == name and files.setdefault(name, text) == text:
            changes.append((_span(call), f"{Document.__name__}.of({NAME} / {quoted(name)})"))
    if not changes:
        return Apart(program, {})
    first = min(span[0] for span, _ in changes)
    place = max(node.lineno for node in tree.body if node.lineno <= first[0])
    lines = [each.encode() for each in lines_of(code)]
    _change(lines, changes)
    lines.insert(place - 1, f"{MAKES}\n".encode())
    head = next((node.end_lineno or 0 for node in tree.body[:1] if isinstance(node, ast.Expr)), 0)
    lines.insert(head, _IMPORT.encode())
    text = formatted(b"".join(lines).decode())[0]
    return Apart(f"{text.rstrip(chr(10))}\n{MARK}{line}\n" if line else text, files)


def put_together(program: str, files: Mapping[str, str]) -> str:
    """The program with the texts of these files in it; a document whose file is missing stays as it is. Raises SyntaxError."""
    tree = parsed(program)
    changes = [
        (_span(call), f"{Document.__name__}(name={quoted(name)}, text={literal(files[name])})")
        for call, name in _files(tree)
        if name in files
    ]
    if not changes:
        return program
    lines = [each.encode() for each in lines_of(program)]
    for node in tree.body:
        if isinstance(node, ast.Assign) and [ast.unparse(each) for each in node.targets] == [NAME]:
            lines[node.lineno - 1] = b"\n"
    _change(lines, changes)
    return b"".join(lines).decode()


def named(program: str) -> list[str]:
    """The names of the files beside a program that it makes documents of, each once; none of a text that is no Python."""
    try:
        tree = Source(split(program)[0]).tree
    except ForeignFileError:
        return []
    return list(dict.fromkeys(name for _, name in _files(tree)))


def _documents(tree: ast.Module) -> Iterator[tuple[ast.Call, str, str]]:
    """The calls that make documents of a text, with its name and the text."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=Document.__name__), args=[], keywords=[one, other]):
                match one, other:
                    case (
                        ast.keyword(arg="name", value=ast.Constant(value=str(name))),
                        ast.keyword(arg="text", value=ast.Constant(value=str(text))),
                    ):
                        yield node, name, text


def _files(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """The calls that make documents of files beside the program, with the file's name."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=Document.__name__), attr="of"),
                args=[ast.BinOp(left=ast.Name(id=folder), op=ast.Div(), right=ast.Constant(value=str(name)))],
            ) if folder == NAME:
                yield node, name


def _can_be_named(name: str, text: str) -> bool:
    """Whether a file may be called so everywhere, and holds the very same text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return bool(_PLAIN.fullmatch(name)) and not _RESERVED.fullmatch(name) and not name.endswith((".", " "))


def _span(node: ast.Call) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where a call begins and ends: lines from 1, bytes from 0."""
    return (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0)


def _change(lines: list[bytes], changes: list[tuple[tuple[tuple[int, int], tuple[int, int]], str]]) -> None:
    """Puts texts in the place of spans, the last one first."""
    for ((first, begin), (last, end)), text in sorted(changes, reverse=True):
        after = lines[last - 1][end:]
        lines[first - 1] = lines[first - 1][:begin] + text.encode() + (after if first == last else b"")
        if first != last:
            lines[last - 1] = after
            for number in range(first, last - 1):
                lines[number] = b""
