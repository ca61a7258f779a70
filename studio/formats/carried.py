"""Documents that travel with a project: the files that a flow's nodes name, put into its zip file, and taken out of one again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from studio.engine.documents.document import LARGEST, Document, DocumentUnusable, Shelf
from studio.flow.checks.missing_document import documents_of
from studio.flow.document import FlowDocument
from studio.flow.findings import ForeignFileError
from studio.formats.packed import opened, unpacked
from studio.texts import text

FOLDER = "documents"
"""Where a program looks for them: a folder beside it."""

MOST_BYTES = 200_000_000
"""Bytes of all documents of one project."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def with_documents(project: bytes, flow: FlowDocument, shelf: Shelf) -> bytes:
    """A project's zip file with the documents of its flow that are on the shelf. Raises DocumentUnusable when they are too much.

    What is missing is left out: the check of the flow and the program itself say so.
    """
    wanted = [document for document in _files(flow) if shelf.has(document)]
    if not wanted:
        return project
    if sum(document.size for document in wanted) > MOST_BYTES:
        why = text("carried.project_too_large", megabytes=MOST_BYTES // 1_000_000)
        raise DocumentUnusable(wanted[0].name, why, text("carried.project_too_large.remedy"))
    buffer = io.BytesIO(project)
    with zipfile.ZipFile(buffer, "a") as archive:
        folder = archive.namelist()[0].partition("/")[0]
        for document in wanted:
            entry = zipfile.ZipInfo(f"{folder}/{FOLDER}/{document.digest}", _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, shelf.content(document))
    return buffer.getvalue()


def keep_documents(file: Path, flows: Iterable[FlowDocument], shelf: Shelf) -> None:
    """Put onto the shelf what flows name and a zip file carries; what is not what its name says is passed over. Blocks."""
    wanted = {document.digest: document for flow in flows for document in _files(flow) if not shelf.has(document)}
    if not wanted or not zipfile.is_zipfile(file):
        return
    left = MOST_BYTES
    with suppress(ForeignFileError), opened(file) as archive:
        for entry in archive.infolist():
            document = wanted.get(entry.filename.rpartition("/")[2])
            if document is None or not entry.filename.rpartition("/")[0].endswith(FOLDER):
                continue
            found = unpacked(archive, entry, min(LARGEST, left))
            left -= len(found)
            if left < 0:
                return
            shelf.put_if(document, found)


def _files(flow: FlowDocument) -> list[Document]:
    """The documents of a flow that are files, each once."""
    found = {document.digest: document for node in flow.nodes for document in documents_of(node) if document.digest}
    return list(found.values())
