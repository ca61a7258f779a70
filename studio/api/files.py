"""What goes in and out as files: exports and imports."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from studio import __version__
from studio.api.run_files import attachment
from studio.api.services import services
from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument
from studio.texts import text


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
    return Response(content, media_type=media_type, headers=attachment(file_name(document.name, suffix)))


async def import_flow(request: Request) -> Response:
    """Makes a flow of the JSON document in the body and answers `{flow: id, name}`. Nothing that it names is run or fetched."""
    from studio.formats.flow_json.read import from_json

    document = await run_in_threadpool(from_json, await request.body())
    flow = services().flows.create(document)
    return JSONResponse({"flow": flow, "name": document.name}, 201)


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
