"""Files that people drop into a documents node: read once to see that they can be, then kept among the documents of this installation."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from studio.api.attachments import file_name
from studio.api.services import current_settings
from studio.engine.documents.document import LARGEST, Document, DocumentUnusable, Shelf
from studio.engine.documents.reading import sections_of
from studio.texts import text


def shelf() -> Shelf:
    """Where the documents of this installation are."""
    return Shelf(current_settings().data_dir / "documents")


async def upload_document(request: Request) -> Response:
    """Takes the file in the body, `?name=` its name; answers what a node holds of it: `{name, digest, size}`. Raises DocumentUnusable."""
    name = file_name(request.query_params.get("name", ""))
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST:
            raise DocumentUnusable(
                name, text("engine.document.too_large", megabytes=LARGEST // 1_000_000), text("engine.document.take_part")
            )
    kept = await run_in_threadpool(_kept, name, bytes(content))
    return JSONResponse({"name": kept.name, "digest": kept.digest, "size": kept.size}, 201)


def _kept(name: str, content: bytes) -> Document:
    if content:
        sections_of(name, content)
    return shelf().put(name, content)
