"""Zip files from elsewhere: read where they lie, within bounds of their list of files and of what each of them unpacks to."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from studio.flow.findings import ForeignFileError
from studio.texts import text

MOST_AT_ONCE = 4_000_000
"""Bytes that are read at once. The list of a zip file's files is, so a longer one is a broken one."""

_USUAL = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How files may be packed: other ways take as much memory as the file says."""

_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, EOFError, OSError, OverflowError, ValueError)
"""What reading a damaged zip file raises."""


class _InPieces(io.BufferedReader):
    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(MOST_AT_ONCE if size is None or size < 0 else min(size, MOST_AT_ONCE))


@contextmanager
def opened(packed: bytes | Path) -> Iterator[zipfile.ZipFile]:
    """A zip file, by its content or where it lies. Raises ForeignFileError, also for what its block finds broken in it."""
    try:
        raw = io.FileIO(packed) if isinstance(packed, Path) else cast(io.RawIOBase, io.BytesIO(packed))
        with _InPieces(raw) as file, zipfile.ZipFile(file) as archive:
            yield archive
    except _BROKEN as why:
        raise ForeignFileError(text("code_in.zip_broken", why=str(why)[:200])) from None


def unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """What a file unpacks to, cut off behind `most` bytes and one. Raises ForeignFileError for one that is packed in an unusual way."""
    if entry.compress_type not in _USUAL:
        raise ForeignFileError(text("code_in.zip_packing", file=entry.filename[:200]), "", text("code_in.zip_packing.remedy"))
    with archive.open(entry) as file:
        return file.read(most + 1)
