"""The program in a project's zip file: read in memory and within bounds, never unpacked to a disk."""

from __future__ import annotations

import io
import zipfile
import zlib

from studio.flow.findings import ForeignFileError
from studio.texts import text

MAX_ZIP = 20_000_000
"""Bytes of a project."""

MAX_ENTRIES = 2_000
MAX_PROGRAM = 3_000_000
"""Bytes of its program, unpacked."""

PROGRAM = "main.py"


def program_in(data: bytes) -> str:
    """The text of the outermost main.py. Raises ForeignFileError when there is none that can be read."""
    if len(data) > MAX_ZIP:
        raise ForeignFileError(text("bounds.large", where="/", limit=f"{MAX_ZIP // 1_000_000} MB"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise ForeignFileError(text("code_in.zip_entries", limit=f"{MAX_ENTRIES:,}"))
            programs = [entry for entry in entries if entry.filename.rpartition("/")[2] == PROGRAM]
            if not programs:
                raise ForeignFileError(text("code_in.zip_empty"), "", text("code_in.zip_empty.remedy"))
            chosen = min(programs, key=lambda entry: entry.filename.count("/"))
            with archive.open(chosen) as packed:
                content = packed.read(MAX_PROGRAM + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as why:
        raise ForeignFileError(text("code_in.zip_broken", why=str(why)[:200])) from None
    if len(content) > MAX_PROGRAM:
        raise ForeignFileError(text("bounds.large", where=PROGRAM, limit=f"{MAX_PROGRAM // 1_000_000} MB"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as why:
        raise ForeignFileError(text("code_in.zip_broken", why=str(why)[:200]), PROGRAM) from None
