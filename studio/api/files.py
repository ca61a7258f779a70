"""What goes in and out as files: exports."""

from __future__ import annotations

import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from studio import __version__
from studio.api.documents import shelf
from studio.api.run_files import attachment
from studio.api.services import services
from studio.engine.errors import ConveneError
from studio.formats.carried import with_documents
from studio.formats.targets import target
from studio.texts import text

log = logging.getLogger(__name__)


async def health(request: Request) -> Response:
    """That the studio is there, and its version."""
    return JSONResponse({"status": "ok", "version": __version__})


async def export_flow(request: Request) -> Response:
    """A saved flow as a file: `?to=` names the target, such as `json`, `convene`, `svg` or `autogen-json`; with `?project=1` as a zip."""
    chosen = target(request.query_params.get("to", "json"))
    if request.query_params.get("project") == "1":
        chosen = chosen.as_project()
    document = services().flows.get(request.path_params["flow"]).document
    content = await run_in_threadpool(chosen.write, document)
    if chosen.name == "convene" and chosen.suffix == ".zip":
        content = await run_in_threadpool(with_documents, content, document, shelf())
    return Response(content, media_type=chosen.media_type, headers=attachment(file_name(document.name, chosen.suffix)))


async def losses(request: Request) -> Response:
    """What the target in `?to=` cannot express of a saved flow, and what it does instead: `{findings}`."""
    chosen = target(request.query_params.get("to", "json"))
    document = services().flows.get(request.path_params["flow"]).document
    found = await run_in_threadpool(chosen.losses, document)
    return JSONResponse({"findings": [finding.to_dict() for finding in found]})


async def answer_error(request: Request, error: Exception) -> Response:
    """An error as JSON: the sentence, its remedy and its stable code. Of one that nobody foresaw the terminal tells more."""
    if not isinstance(error, ConveneError):
        log.error("%s %s could not be answered", request.method, request.url.path, exc_info=error)
        return JSONResponse({"text": text("api.broken"), "remedy": "", "code": "broken"}, 500)
    status = 404 if error.code.endswith(("_missing", "unknown_flow", "unknown_run")) else 422
    redact = services().accounts.redactor.redact
    return JSONResponse({"text": redact(error.sentence), "remedy": redact(error.remedy), "code": error.code}, status)


def file_name(name: str, suffix: str) -> str:
    """A file name that every system takes, made from what people called their flow."""
    kept = "".join(letter if letter.isalnum() else "_" for letter in name.lower())
    return ("_".join(filter(None, kept.split("_")))[:80] or "flow") + suffix
