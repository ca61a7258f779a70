"""Attachments of a message as the parts of a message in the OpenAI protocol, as far as a server takes them."""

from __future__ import annotations

import base64
import binascii
import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.engine.errors import ConveneError
from studio.engine.events import LARGEST_ATTACHMENT, Attachment
from studio.engine.models.quirks import Quirks
from studio.texts import text

LONGEST_FILE = 100_000
"""Characters of a text file that are shown to a model."""

LARGEST_TOGETHER = 40_000_000
"""Characters of base64 that one conversation may send with every request."""

IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What servers know as images; others are left out."""

TOO_MANY = "there are too many to send with every request"
"""What a model reads of an attachment for which there is no room."""

_TEXTS = frozenset(
    {"application/json", "application/xml", "application/yaml", "application/toml", "application/javascript", "application/sql"}
)


class AttachmentUnreadable(ConveneError):
    code = "attachment"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(text("engine.attachment.unusable", name=name, why=why), text("engine.attachment.unusable.remedy"))


@dataclass(frozen=True, slots=True)
class Part:
    """An attachment as it is sent. `left_out` says why it is not, `size` is the characters of base64 that it costs."""

    body: dict[str, Any]
    left_out: str = ""
    size: int = 0


def attached(path: str | Path, media_type: str | None = None) -> Attachment:
    """The attachment that a file makes, read now; its type is told by its name. Raises AttachmentUnreadable."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_ATTACHMENT * 3 // 4 + 1)
    except OSError as error:
        raise AttachmentUnreadable(path.name, error.strerror or text("engine.attachment.unreadable")) from None
    if len(content) > LARGEST_ATTACHMENT * 3 // 4:
        raise AttachmentUnreadable(path.name, text("engine.attachment.too_large", count=f"{LARGEST_ATTACHMENT * 3 // 4:,}"))
    kind = media_type or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Attachment(name=path.name, media_type=kind, data=base64.b64encode(content).decode("ascii"))


def parts(attachments: Iterable[Attachment], quirks: Quirks, room: int = LARGEST_TOGETHER, reads: tuple[str, ...] = ()) -> list[Part]:
    """The attachments in order: images and files where the server takes them, text files as text, else words in their place.

    `room` is how many characters of base64 may still be sent, `reads` are the beginnings of the media types that tools read instead.
    """
    written = []
    for attachment in attachments:
        part = _part(attachment, quirks, room)
        if part.left_out and attachment.media_type.lower().startswith(reads):
            part = Part({"type": "text", "text": f"[The file {attachment.name} is in this conversation's folder. Your tools can read it.]"})
        room -= part.size
        written.append(part)
    return written


def _part(attachment: Attachment, quirks: Quirks, room: int) -> Part:
    kind, name, size = attachment.media_type.lower(), attachment.name, len(attachment.data)
    if attachment.url:
        if not quirks.images:
            return _left_out(f"image {name}", "the model takes no images", text("engine.attachment.image_not_taken", name=name))
        return Part({"type": "image_url", "image_url": {"url": attachment.url}})
    if kind.startswith("text/") or kind in _TEXTS or kind.endswith(("+json", "+xml")):
        return _text_file(attachment)
    if kind in IMAGES:
        if not quirks.images:
            return _left_out(f"image {name}", "the model takes no images", text("engine.attachment.image_not_taken", name=name))
        if size > room:
            return _left_out(f"image {name}", TOO_MANY, text("engine.attachment.image_too_many", name=name))
        return Part({"type": "image_url", "image_url": {"url": f"data:{kind};base64,{attachment.data}"}}, size=size)
    if not quirks.files:
        return _left_out(f"file {name}", "the model takes no such files", text("engine.attachment.file_not_taken", name=name))
    if kind != "application/pdf":
        return _left_out(f"file {name}", f"models do not read {kind}", text("engine.attachment.file_not_read", name=name, kind=kind))
    if size > room:
        return _left_out(f"file {name}", TOO_MANY, text("engine.attachment.file_too_many", name=name))
    return Part({"type": "file", "file": {"filename": name, "file_data": f"data:{kind};base64,{attachment.data}"}}, size=size)


def _text_file(attachment: Attachment) -> Part:
    name = attachment.name
    try:
        content = base64.b64decode(attachment.data, validate=True).decode("utf-8-sig", "replace")
    except (binascii.Error, ValueError):
        return _left_out(f"file {name}", "its content is damaged", text("engine.attachment.file_damaged", name=name))
    rest = f"\n… ({len(content) - LONGEST_FILE:,} more characters)" if len(content) > LONGEST_FILE else ""
    fence = "`" * max(3, 1 + _longest_run(content[:LONGEST_FILE]))
    return Part({"type": "text", "text": f"File {name}:\n{fence}\n{content[:LONGEST_FILE]}{rest}\n{fence}"})


def _longest_run(content: str) -> int:
    """The longest row of backquotes, which a fence around a content must surpass."""
    longest = run = 0
    for character in content:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest


def _left_out(what: str, why: str, notice: str) -> Part:
    """What stands in the place of an attachment: the model reads what was left out and why, a person reads the notice."""
    return Part({"type": "text", "text": f"[The {what} was left out: {why}.]"}, notice)
