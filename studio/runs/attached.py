"""The files that are given along with a task: how much they may be, and where the run finds them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from pathlib import Path

from studio.engine.events import MOST_ATTACHMENTS, Attachment, MessageSaid, ThreadEvent
from studio.runs.errors import RunRefused

MOST_DATA = 24_000_000
"""Characters of base64 that the attachments of a task may have together."""


def check_attachments(attachments: Sequence[Attachment]) -> None:
    """Raises RunRefused when they are too many or too large together."""
    if len(attachments) > MOST_ATTACHMENTS:
        raise RunRefused("too_many_attachments", count=MOST_ATTACHMENTS)
    if sum(len(each.data) for each in attachments) > MOST_DATA:
        raise RunRefused("attachments_too_large", megabytes=MOST_DATA * 3 // 4_000_000)


def carried(history: Sequence[ThreadEvent], attachments: Sequence[Attachment]) -> list[Attachment]:
    """What a run finds of a session's files: those of its own task first, then those of earlier ones, the latest first, each once."""
    found, room = list(attachments), MOST_DATA
    for event in reversed(history):
        for attachment in event.attachments if isinstance(event, MessageSaid) and event.role == "task" else ():
            room -= len(attachment.data)
            if room >= 0 and attachment not in found:
                found.append(attachment)
    return found


def write_attachments(folder: Path, attachments: Sequence[Attachment]) -> None:
    """Put them into a run's work folder under their own names, as far as those name a file there."""
    taken: set[str] = set()
    for attachment in attachments:
        name = _name(attachment.name, taken)
        taken.add(name)
        try:
            content = base64.b64decode(attachment.data, validate=True)
        except (binascii.Error, ValueError):
            continue  # it is shown as damaged to whoever reads it
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (folder / name).open("xb") as file:
            file.write(content)


def _name(wanted: str, taken: set[str]) -> str:
    """A plain file name, different from those that are taken."""
    plain = re.sub(r"[^\w.\- ()]", "_", wanted.replace("\\", "/").rsplit("/", 1)[-1]).strip(". ")[:120] or "file"
    name, number = plain, 1
    while name in taken:
        number += 1
        stem, dot, ending = plain.rpartition(".")
        name = f"{stem} ({number}).{ending}" if dot else f"{plain} ({number})"
    return name
