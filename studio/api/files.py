"""What goes in and out as files: exports, imports and what a run left in its work folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from studio import __version__
from studio.api.services import services
from studio.api.work_files import FileMissing, open_work_file
from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument
from studio.texts import text

CHUNK = 256 * 1024


class UnknownExport(ConveneError):
    code = "unknown_export"

    def __init__(self, to: str) -> None:
        super().__init__(text("api.unknown_export", to=to[:40]), text("api.known_exports", known=", ".join(EXPORTS)))


def _json(document: FlowDocument) -> bytes:
    from studio.formats.flow_json.write import to_json

    return to_json(document).encode()


def _python(document: FlowDocument) -> bytes:
    from studio.formats.convene_python.write import to_python

    return to_python(document).text.encode()


def _zip(document: FlowDocument) -> bytes:
    from studio.formats.convene_python.project import to_zip

    return to_zip(document)


EXPORTS = {
    "json": (_json, ".json", "application/json"),
    "python": (_python, ".py", "text/plain; charset=utf-8"),
    "zip": (_zip, ".zip", "application/zip"),
}


async def health(request: Request) -> Response:
    """That the studio is there, and its version."""
    return JSONResponse({"status": "ok", "version": __version__})


async def export_flow(request: Request) -> Response:
    """A saved flow as a file: `?to=json`, `python` or `zip`."""
    to = request.query_params.get("to", "json")
    if to not in EXPORTS:
        raise UnknownExport(to)
    write, suffix, media_type = EXPORTS[to]
    document = services().flows.get(request.path_params["flow"]).document
    content = await run_in_threadpool(write, document)
    return Response(content, media_type=media_type, headers=_attachment(file_name(document.name, suffix)))


async def import_flow(request: Request) -> Response:
    """Makes a flow of the JSON document in the body and answers `{flow: id, name}`. Nothing that it names is run or fetched."""
    from studio.formats.flow_json.read import from_json

    document = await run_in_threadpool(from_json, await request.body())
    flow = services().flows.create(document)
    return JSONResponse({"flow": flow, "name": document.name}, 201)


async def run_file(request: Request) -> Response:
    """A file that a run's code wrote, always as a download."""
    run, path = request.path_params["run"], request.path_params["path"]
    opened = services()
    opened.runs.get(run)
    if "/" in run or run in (".", ".."):
        raise FileMissing(path)
    file = await run_in_threadpool(open_work_file, opened.settings.work_dir / run, path)
    headers = _attachment(path.rsplit("/", 1)[-1]) | {"Content-Length": str(os.fstat(file.fileno()).st_size)}
    return StreamingResponse(_chunks(file), media_type="application/octet-stream", headers=headers)


async def answer_error(request: Request, error: Exception) -> Response:
    """A ConveneError as JSON: the sentence, its remedy and its stable code."""
    assert isinstance(error, ConveneError)
    status = 404 if error.code.endswith(("_missing", "unknown_flow", "unknown_run")) else 422
    redact = services().accounts.redactor.redact
    return JSONResponse({"text": redact(error.sentence), "remedy": redact(error.remedy), "code": error.code}, status)


def file_name(name: str, suffix: str) -> str:
    """A file name that every system takes, made from what people called their flow."""
    kept = "".join(letter if letter.isalnum() else "_" for letter in name.lower())
    return ("_".join(filter(None, kept.split("_")))[:80] or "flow") + suffix


def _attachment(name: str) -> dict[str, str]:
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_").replace("\\", "_")
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        # A file that grows while it is read ends where it ended when the length was announced.
        left = os.fstat(file.fileno()).st_size
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
