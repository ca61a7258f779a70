"""A document of a flow, and the shelf on which files that people dropped in are kept, under the hash of what is in them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass
from operator import not_
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from studio.engine.errors import ConveneError
from studio.texts import text

LARGEST = 20_000_000
"""Bytes of a document."""

LARGEST_TEXT = 200_000
"""Characters of a document that is written into the flow itself."""

MOST = 100
"""Documents of one node."""


class DocumentUnusable(ConveneError):
    code = "document_unusable"

    def __init__(self, name: str, why: str, remedy: str = "") -> None:
        super().__init__(text("engine.document.unusable", name=name, why=why), remedy or text("engine.document.unusable.remedy"))


class DocumentMissing(ConveneError):
    code = "document_missing"

    def __init__(self, name: str) -> None:
        super().__init__(text("engine.document.missing", name=name), text("engine.document.missing.remedy"))


class Document(BaseModel):
    """A file on the shelf, by the SHA-256 of its content, or a text that stands in the flow itself; never both.

    `name` ends as the file's own name does: that says how it is read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(title="Name", min_length=1, max_length=200)]
    digest: Annotated[str, Field(title="Content", pattern=r"^(?:[0-9a-f]{64})?$", exclude_if=not_)] = ""
    size: Annotated[int, Field(title="Bytes", ge=0, le=LARGEST, exclude_if=not_)] = 0
    text: Annotated[str, Field(title="Text", max_length=LARGEST_TEXT, exclude_if=not_)] = ""

    @model_validator(mode="after")
    def _is_here_or_there(self) -> Self:
        if bool(self.digest) == bool(self.text.strip()):
            raise ValueError(text("engine.document.file_or_text"))
        return self

    @classmethod
    def of(cls, path: str | Path) -> Self:
        """The text of a file, which is then a part of the flow. Raises DocumentUnusable for what is no text, or too much of it."""
        path = Path(path)
        try:
            with path.open("rb") as file:
                content = file.read(4 * LARGEST_TEXT + 1).decode()
        except OSError as problem:
            why = text("engine.document.unreadable", error=problem.strerror or problem)
            raise DocumentUnusable(path.name, why, text("engine.document.unreadable.remedy")) from None
        except UnicodeDecodeError:
            raise DocumentUnusable(path.name, text("engine.document.no_utf8")) from None
        if not content.strip() or len(content) > LARGEST_TEXT:
            why = text("engine.document.empty_or_long", count=f"{LARGEST_TEXT:,}")
            raise DocumentUnusable(path.name, why, text("engine.document.take_part"))
        return cls(name=path.name, text=content)

    @property
    def key(self) -> str:
        """Equal contents under names that end alike are one document, however they came here."""
        digest = self.digest or hashlib.sha256(self.text.encode("utf-8", "replace")).hexdigest()
        return f"{digest}{Path(self.name).suffix.lower()}"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of contents by their hashes. All functions wait for the disk."""

    folder: Path

    def put(self, name: str, content: bytes) -> Document:
        """Keep a content; one that is there already is not written again. Raises DocumentUnusable."""
        if not content:
            raise DocumentUnusable(name, text("engine.document.empty"))
        if len(content) > LARGEST:
            raise DocumentUnusable(
                name, text("engine.document.too_large", megabytes=LARGEST // 1_000_000), text("engine.document.take_part")
            )
        document = Document(name=name, digest=hashlib.sha256(content).hexdigest(), size=len(content))
        if self.has(document):
            return document
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, made = tempfile.mkstemp(dir=self.folder, prefix=".new-")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                Path(made).replace(self.folder / document.digest)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(made).unlink()
                raise
        except OSError as problem:
            why = text("engine.document.not_kept", error=problem.strerror or problem)
            raise DocumentUnusable(name, why, text("engine.document.not_kept.remedy")) from None
        return document

    def put_if(self, document: Document, content: bytes) -> bool:
        """Keep a content if it is that of a document; gives whether it is. Raises DocumentUnusable."""
        if len(content) > LARGEST or hashlib.sha256(content).hexdigest() != document.digest:
            return False
        self.put(document.name, content)
        return True

    def has(self, document: Document) -> bool:
        """Whether a document can be read here; one that stands in the flow always can."""
        if not document.digest:
            return True
        path = self.folder / document.digest
        return path.is_file() and not path.is_symlink()

    def content(self, document: Document) -> bytes:
        """Raises DocumentMissing, also for a file that is no longer what it was."""
        if not document.digest:
            return document.text.encode("utf-8", "replace")
        if not self.has(document):
            raise DocumentMissing(document.name)
        try:
            with (self.folder / document.digest).open("rb") as file:
                content = file.read(LARGEST + 1)
        except OSError:
            raise DocumentMissing(document.name) from None
        if hashlib.sha256(content).hexdigest() != document.digest:
            raise DocumentMissing(document.name)
        return content
