"""The program in a project's zip file: read in memory and within bounds, its tools put back into it, never unpacked to a disk."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from studio.flow.document import FlowDocument
from studio.flow.findings import Finding, ForeignFileError, Imported, Place
from studio.formats.convene_python.canvas_line import split
from studio.formats.convene_python.document_files import FOLDER, named, put_together
from studio.formats.convene_python.read import from_python
from studio.formats.packed import opened, unpacked
from studio.formats.python_reading.source import Source
from studio.formats.python_text.modules import PACKAGE, joined
from studio.texts import text

MAX_ENTRIES = 2_000
MAX_TEXT = 3_000_000
"""Bytes of its Python files, unpacked."""

PROGRAM = "main.py"


@dataclass(frozen=True, slots=True)
class Unzipped:
    """The program, its tools by the name of their module, and the documents beside it by the name of their file."""

    main: str
    modules: Mapping[str, str]
    documents: Mapping[str, str]


def from_zip(data: bytes | Path, base: FlowDocument | None = None, name: str = "") -> Imported:
    """The flow of a project, as `from_python` reads its program; places name the file. Raises ForeignFileError."""
    project = unzipped(data)
    source = in_one(project)
    return in_its_files(from_python(source, base, name), source, project)


def in_one(project: Unzipped) -> str:
    """The program with its tools and documents put back into it. Raises ForeignFileError where one of them is no Python."""
    for source in (split(project.main)[0], *project.modules.values()):
        Source(source)
    return put_together(joined(project.main, project.modules), project.documents)


def in_its_files(read: Imported, source: str, project: Unzipped) -> Imported:
    """What was read of a project's program in one, with places in the files of the project."""
    findings = tuple(_in_its_file(finding, source.split("\n"), project) for finding in read.report.findings)
    return Imported(read.document, replace(read.report, findings=findings))


def unzipped(data: bytes | Path) -> Unzipped:
    """The outermost main.py with the tools beside it, of a zip file's content or of one where it lies.

    Raises ForeignFileError when there is none that can be read.
    """
    with opened(data) as archive:
        return _program_in(archive)


def _program_in(archive: zipfile.ZipFile) -> Unzipped:
    entries = {entry.filename: entry for entry in archive.infolist()}
    if len(entries) > MAX_ENTRIES:
        raise ForeignFileError(text("code_in.zip_entries", limit=f"{MAX_ENTRIES:,}"))
    programs = [path for path in entries if path.rpartition("/")[2] == PROGRAM]
    if not programs:
        raise ForeignFileError(text("code_in.zip_empty"), "", text("code_in.zip_empty.remedy"))
    main = min(programs, key=lambda path: path.count("/"))
    folder = f"{main.removesuffix(PROGRAM)}{PACKAGE}/"
    tools = [path for path in entries if path.startswith(folder) and path.endswith(".py") and path.count("/") == folder.count("/")]
    left = MAX_TEXT
    texts: dict[str, str] = {}

    def read(path: str, encoding: str) -> str:
        nonlocal left
        found = unpacked(archive, entries[path], left)
        left -= len(found)
        if left < 0:
            raise ForeignFileError(text("bounds.large", where=path[:200], limit=f"{MAX_TEXT // 1_000_000} MB"))
        return found.decode(encoding)

    for path in (main, *tools):
        texts[path] = read(path, "utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    beside = f"{main.removesuffix(PROGRAM)}{FOLDER}/"
    documents = {name: read(f"{beside}{name}", "utf-8") for name in named(texts[main]) if f"{beside}{name}" in entries}
    return Unzipped(texts[main], {path.removeprefix(folder).removesuffix(".py"): texts[path] for path in tools}, documents)


def _in_its_file(finding: Finding, lines: list[str], project: Unzipped) -> Finding:
    """The finding with its place in the file that the line stands in."""
    line = finding.place.line
    if line is None or not 1 <= line <= len(lines):
        return finding
    wanted = lines[line - 1]
    for file, content in ((PROGRAM, project.main), *((f"{PACKAGE}/{name}.py", tool) for name, tool in project.modules.items())):
        found = [number for number, each in enumerate(content.split("\n"), 1) if each == wanted]
        if found:
            return replace(finding, place=Place(file, min(found, key=lambda number: abs(number - line))))
    return finding
