"""What a file is, by its content alone, and the flows that are in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from studio.flow.bounds import MAX_BYTES
from studio.flow.document import FlowDocument
from studio.flow.findings import ForeignFileError, Imported, ImportReport
from studio.flow.recorded import Recorded
from studio.flow.wellformed import check_nesting
from studio.texts import text

if TYPE_CHECKING:
    from studio.formats.python_reading.script import Script

Form = Literal["flow", "autogen_json", "autogen_database", "picture", "script", "notebook", "project"]

MAX_FILE = 500_000_000
"""Bytes of the largest file of any form: a database. Text is limited by the flow file's own bound."""

_SCRIPT = re.compile(r"^[ \t]*(?:from\s+[\w.]+\s+import|import\s+\w|def\s+\w|class\s+\w|async\s+def)", re.MULTILINE)
"""A line that JSON cannot have and nearly every script has."""

_ADDRESS = re.compile(r"https?://\S+")

SQLITE = b"SQLite format 3\x00"
ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Brought:
    """What came in: flows, runs that were held elsewhere, and what there is to say about the file as a whole."""

    flows: tuple[Imported, ...]
    runs: tuple[Recorded, ...] = ()
    report: ImportReport | None = None

    def __post_init__(self) -> None:
        """Raises Malformed for a flow that nothing could go through in bounded time."""
        for imported in self.flows:
            check_nesting(imported.document)


def _kind_of_bytes(data: bytes) -> Form | None:
    """The form of what is known by its first bytes; None for text."""
    from studio.formats.picture.hidden import is_picture

    if data.startswith(SQLITE):
        return "autogen_database"
    if data.startswith(ZIP):
        return "project"
    return "picture" if is_picture(data) else None


def recognise(data: bytes) -> Form:
    """The form of a file from its content, or its first bytes for what is no text. Raises ForeignFileError, FlowFileError."""
    if (known := _kind_of_bytes(data)) is not None:
        return known
    from studio.formats.autogen_components.source import decoded

    source = decoded(data)
    if not source.strip():
        raise ForeignFileError(text("import.blank"))
    try:
        value = json.loads(source)
    except (ValueError, RecursionError):
        if _SCRIPT.search(source):
            return "script"
        if source.lstrip().startswith(("{", "[")):
            return "flow"  # whose reader says best what is wrong with JSON
        if _ADDRESS.fullmatch(source.strip()):
            raise ForeignFileError(text("import.address"), "", text("import.address.remedy")) from None
        raise ForeignFileError(text("import.unknown"), "/", text("import.unknown.remedy")) from None
    if isinstance(value, dict) and "format" in value:
        return "flow"
    if isinstance(value, dict) and isinstance(value.get("cells"), list):
        return "notebook"
    from studio.formats.autogen_json.read import is_autogen

    if is_autogen(value):
        return "autogen_json"
    raise ForeignFileError(text("import.unknown"), "/", text("import.unknown.remedy"))


def read_file(file: Path, name: str = "", base: FlowDocument | None = None) -> Brought:
    """The flows of a file; `name` is what to call a flow without a name of its own. Nothing in the file is run, imported or fetched.

    `base` is a flow that the file is an edit of: what a program of ours does not say stays as it is there. Raises FlowFileError,
    ForeignFileError and OSError.
    """
    with file.open("rb") as opened:
        from studio.formats.picture.hidden import HEAD, MAX_PICTURE, is_picture

        head = opened.read(HEAD)
        if head.startswith(SQLITE):
            return _database(file)
        if head.startswith(ZIP):
            return _project(file, name, base)
        most = MAX_PICTURE if is_picture(head) else MAX_BYTES
        data = head + opened.read(most + 1 - len(head))
    return read_bytes(data, name, base)


def read_bytes(data: bytes, name: str = "", base: FlowDocument | None = None) -> Brought:
    """The flows of a text file's content, as `read_file` reads them. Raises FlowFileError and ForeignFileError."""
    from studio.formats.wrapped import unwrapped

    if _kind_of_bytes(data) is None:
        data = unwrapped(data)
    match recognise(data):
        case "autogen_json":
            from studio.formats.autogen_json.read import from_autogen

            return Brought(from_autogen(data, name))
        case "autogen_database":
            raise ForeignFileError(text("import.as_file"))
        case "picture":
            from studio.formats.flow_json.read import from_json
            from studio.formats.picture.hidden import flow_in_picture

            return Brought((Imported(from_json(flow_in_picture(data)), ImportReport("")),))
        case "project":
            return _project(data, name, base)
        case "script" | "notebook" as form:
            return _script(data, name, form, base)
        case "flow":
            from studio.formats.flow_json.read import from_json

            return Brought((Imported(from_json(data), ImportReport("")),))


def _project(data: bytes | Path, name: str, base: FlowDocument | None) -> Brought:
    """A project's program with its modules is a script of whom it imports, as every other one."""
    from studio.formats.convene_python.read import is_convene_python
    from studio.formats.convene_python.unzip import from_zip, in_its_files, in_one, unzipped

    project = unzipped(data)
    if is_convene_python(project.main):
        return Brought((from_zip(data, base, name),))
    source = in_one(project)
    brought = _script(source.encode(), name, "script", base)
    return Brought(tuple(in_its_files(flow, source, project) for flow in brought.flows))


def _script(data: bytes, name: str, form: Form, base: FlowDocument | None) -> Brought:
    """A script is of whom it imports: our own engine, AutoGen 0.4 or newer, AutoGen 0.2 and AG2, or Agent Framework."""
    from studio.formats.agent_framework.read import from_script as from_framework_script
    from studio.formats.agent_framework.read import is_agent_framework_script
    from studio.formats.autogen_components.source import decoded, parsed
    from studio.formats.autogen_python.read import from_script, is_autogen_script
    from studio.formats.classic_python.read import from_script as from_classic_script
    from studio.formats.classic_python.read import is_classic_script
    from studio.formats.convene_python.read import from_python, is_convene_python
    from studio.formats.foreign_script.unreached import follow_makers
    from studio.formats.notebook.read import from_notebook, told
    from studio.formats.python_reading.script import read_script

    source = decoded(data)
    if form == "script" and is_convene_python(source):
        return Brought((from_python(source, base, name),))
    notebook = from_notebook(parsed(source)) if form == "notebook" else None
    script = read_script(source if notebook is None else notebook.source)
    readers = (
        (is_autogen_script, from_script),
        (is_classic_script, from_classic_script),
        (is_agent_framework_script, from_framework_script),
    )
    theirs = [read for is_theirs, read in readers if is_theirs(script)]
    if not theirs:
        raise ForeignFileError(text("script.unknown"), "", text("script.unknown.remedy"))
    follow_makers(script)
    try:
        flows = _first_found(theirs, script, name)
    except RecursionError:
        raise ForeignFileError(text("python.deep")) from None
    return Brought(flows if notebook is None else told(flows, notebook))


def _first_found(readers: Sequence[Callable[[Script, str], tuple[Imported, ...]]], script: Script, name: str) -> tuple[Imported, ...]:
    """What the first reader finds that finds any agent; where none does, functions that are only handed to others are gone through too."""
    from studio.formats.foreign_script.reading import NobodyFound
    from studio.formats.foreign_script.unreached import unreached

    for read in readers:
        with suppress(NobodyFound):
            return read(script, name)
    if script.follow_handed_over():
        for read in readers:
            with suppress(NobodyFound):
                return read(script, name)
    raise NobodyFound(script, unreached(script))


def _database(file: Path) -> Brought:
    from studio.formats.autogen_database.read import from_database
    from studio.formats.autogen_json.read import from_autogen

    found = from_database(file, from_autogen)
    return Brought(found.flows, found.runs, found.report)
