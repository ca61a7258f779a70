"""What runs left in their work folders: the list, previews, pictures, one file, all of them. Nothing of it is ever shown as a page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from studio.api.previews import kind_of, picture_type, preview
from studio.api.services import services
from studio.api.work_files import FileMissing, list_work_files, open_work_file, zip_work_files

CHUNK = 256 * 1024
MAX_PICTURE = 32 * 1024 * 1024
"""Bytes of a picture that is shown; a larger one can be downloaded."""


async def run_file_list(request: Request) -> Response:
    """`{files: [{name, size, changed, kind}], more}`: newest first; `changed` in seconds since 1970, `kind` as in `previews`."""
    files, more = await run_in_threadpool(list_work_files, _folder(request))
    rows = [{"name": file.name, "size": file.size, "changed": file.changed, "kind": kind_of(file.name)} for file in files]
    return JSONResponse({"files": rows, "more": more})


async def run_file(request: Request) -> Response:
    """A file that a run's code wrote, always as a download."""
    path = request.path_params["path"]
    file = await run_in_threadpool(open_work_file, _folder(request), path)
    return _download(file, path.rsplit("/", 1)[-1], "application/octet-stream")


async def run_files_zip(request: Request) -> Response:
    """All files of a run as one archive."""
    file = await run_in_threadpool(zip_work_files, _folder(request))
    return _download(file, f"{request.path_params['run']}.zip", "application/zip")


async def run_file_preview(request: Request) -> Response:
    """The beginning of a file as data: text, rows of a table, that it is a picture, or that it cannot be shown."""
    path = request.path_params["path"]

    def read() -> dict[str, object]:
        with open_work_file(_folder(request), path) as file:
            return preview(path, file)

    return JSONResponse(await run_in_threadpool(read))


async def run_picture(request: Request) -> Response:
    """A picture to be shown in a page: its first bytes say what it is, never its name; anything else is missing."""
    path = request.path_params["path"]

    def read() -> tuple[bytes, str]:
        with open_work_file(_folder(request), path) as file:
            found = picture_type(file.read(16))
            if found is None or os.fstat(file.fileno()).st_size > MAX_PICTURE:
                raise FileMissing(path)
            file.seek(0)
            return file.read(MAX_PICTURE), found

    content, media_type = await run_in_threadpool(read)
    return Response(content, media_type=media_type, headers={"Content-Disposition": "inline"})


def attachment(name: str) -> dict[str, str]:
    """Headers that make a browser save what it gets under `name`, whatever letters that has."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_").replace("\\", "_")
    plain = "".join(letter if letter.isprintable() else "_" for letter in plain)
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}


def _folder(request: Request) -> Path:
    """The work folder of the run that was asked for. Raises UnknownRun, and FileMissing for what is no run's id."""
    run: str = request.path_params["run"]
    opened = services()
    opened.runs.get(run)
    if "/" in run or run in (".", ".."):
        raise FileMissing(run)
    return opened.settings.work_dir / run


def _download(file: BinaryIO, name: str, media_type: str) -> Response:
    headers = attachment(name) | {"Content-Length": str(os.fstat(file.fileno()).st_size)}
    return StreamingResponse(_chunks(file), media_type=media_type, headers=headers)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        # A file that grows while it is read ends where it ended when the length was announced.
        left = os.fstat(file.fileno()).st_size
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
