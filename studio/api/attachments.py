"""Files that a person attaches to a task: uploaded before it, held for a while, and taken along when the task is started."""

from __future__ import annotations

import base64
import mimetypes
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from studio.engine.errors import ConveneError
from studio.engine.events import LARGEST_ATTACHMENT, MOST_ATTACHMENTS, Attachment
from studio.texts import text

MAX_UPLOAD = LARGEST_ATTACHMENT * 3 // 4
"""Bytes of one file."""

HELD = 200
"""Files that are held at once; the oldest goes first."""

HELD_DATA = 200_000_000
"""Characters of base64 that are held at once."""

HELD_SECONDS = 3_600.0
"""How long a file is held that belongs to no task yet."""

_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}")


class AttachmentRefused(ConveneError):
    """`why` is a key of the message catalogue under `attach.`."""

    code = "attachment"

    def __init__(self, why: str, **facts: object) -> None:
        super().__init__(text(f"attach.{why}", **facts), text(f"attach.{why}.remedy", **facts))


class Held:
    """Uploaded files by the ids that their pages were told."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, tuple[float, Attachment]] = OrderedDict()

    def keep(self, attachment: Attachment) -> str:
        """Hold a file; its id."""
        self._forget_old()
        file = secrets.token_urlsafe(16)
        self._files[file] = time.monotonic(), attachment
        while len(self._files) > HELD or sum(len(each.data) for _, each in self._files.values()) > HELD_DATA:
            self._files.popitem(last=False)
        return file

    def take(self, files: Sequence[str]) -> tuple[Attachment, ...]:
        """The files of a task; they are held on, so that a task that is refused can be started again. Raises AttachmentRefused."""
        self._forget_old()
        missing = [file for file in files if file not in self._files]
        if missing:
            raise AttachmentRefused("gone", count=len(missing))
        return tuple(self._files[file][1] for file in files)

    def _forget_old(self) -> None:
        oldest = time.monotonic() - HELD_SECONDS
        while self._files and next(iter(self._files.values()))[0] < oldest:
            self._files.popitem(last=False)


held = Held()


async def upload_attachment(request: Request) -> Response:
    """Takes the file in the body, `?name=` its name; answers `{id, name, size}`. Raises AttachmentRefused."""
    name = file_name(request.query_params.get("name", ""))
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_UPLOAD:
            raise AttachmentRefused("large", name=name, megabytes=MAX_UPLOAD // 1_000_000)
    if not content:
        raise AttachmentRefused("empty", name=name)
    told = request.headers.get("content-type", "").partition(";")[0].strip()
    kind = mimetypes.guess_type(name)[0] or (told if _MEDIA_TYPE.fullmatch(told) else "application/octet-stream")
    attachment = Attachment(name=name, media_type=kind, data=base64.b64encode(content).decode("ascii"))
    return JSONResponse({"id": held.keep(attachment), "name": name, "type": kind, "size": len(content)}, 201)


def file_name(told: str) -> str:
    """The last part of a path, without what cannot be printed."""
    last = told.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable()).strip()[:200] or "file"


def taken(files: object) -> tuple[Attachment, ...]:
    """The held files that a start frame names. Raises AttachmentRefused."""
    if not isinstance(files, list) or len(files) > MOST_ATTACHMENTS or not all(isinstance(file, str) for file in files):
        raise AttachmentRefused("too_many", count=MOST_ATTACHMENTS)
    return held.take(files)
