"""What a file is, by its content alone, and the flows that are in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studio.flow.bounds import MAX_BYTES
from studio.flow.findings import ForeignFileError, Imported, ImportReport
from studio.flow.recorded import Recorded
from studio.texts import text

Form = Literal["flow", "autogen_json", "autogen_database"]

MAX_FILE = 500_000_000
"""Bytes of the largest file of any form: a database. Text is limited by the flow file's own bound."""

SQLITE = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class Brought:
    """What came in: flows, runs that were held elsewhere, and what there is to say about the file as a whole."""

    flows: tuple[Imported, ...]
    runs: tuple[Recorded, ...] = ()
    report: ImportReport | None = None


def recognise(data: bytes) -> Form:
    """The form of a file from its content, or its first bytes for what is no text. Raises ForeignFileError, FlowFileError."""
    if data.startswith(SQLITE):
        return "autogen_database"
    from studio.formats.autogen_components.source import decoded

    source = decoded(data)
    try:
        value = json.loads(source)
    except (ValueError, RecursionError):
        # The reader of flow files says best what is wrong with JSON.
        return "flow"
    if isinstance(value, dict) and "format" in value:
        return "flow"
    from studio.formats.autogen_json.read import is_autogen

    if is_autogen(value):
        return "autogen_json"
    raise ForeignFileError(text("import.unknown"), "/", text("import.unknown.remedy"))


def read_file(file: Path, name: str = "") -> Brought:
    """The flows of a file; `name` is what to call a flow without a name of its own. Nothing in the file is run, imported or fetched.

    Raises FlowFileError, ForeignFileError and OSError.
    """
    with file.open("rb") as opened:
        head = opened.read(len(SQLITE))
        if head == SQLITE:
            return _database(file)
        data = head + opened.read(MAX_BYTES + 1 - len(head))
    return read_bytes(data, name)


def read_bytes(data: bytes, name: str = "") -> Brought:
    """The flows of a text file's content. Raises FlowFileError and ForeignFileError."""
    match recognise(data):
        case "autogen_json":
            from studio.formats.autogen_json.read import from_autogen

            return Brought(from_autogen(data, name))
        case "autogen_database":
            raise ForeignFileError(text("import.as_file"))
        case "flow":
            from studio.formats.flow_json.read import from_json

            return Brought((Imported(from_json(data), ImportReport("")),))


def _database(file: Path) -> Brought:
    from studio.formats.autogen_database.read import from_database
    from studio.formats.autogen_json.read import from_autogen

    found = from_database(file, from_autogen)
    return Brought(found.flows, found.runs, found.report)
