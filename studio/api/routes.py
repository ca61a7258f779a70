"""All our own routes as one Starlette application; Reflex mounts itself under it, the guard goes around both."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from studio.api.attachments import upload_attachment
from studio.api.changes import take_changes
from studio.api.channel import run_channel
from studio.api.documents import upload_document
from studio.api.files import answer_error, export_flow, health, losses
from studio.api.guard import SIGN_IN_BACK
from studio.api.imports import import_flow
from studio.api.run_files import run_file, run_file_list, run_file_preview, run_files_zip, run_picture
from studio.api.sign_in import sign_in, signed_in
from studio.engine.errors import ConveneError


def api() -> Starlette:
    """The routes below /api."""
    return Starlette(
        routes=[
            WebSocketRoute("/api/channel", run_channel),
            Route("/api/health", health),
            Route("/api/flows/{flow}/export", export_flow),
            Route("/api/flows/{flow}/losses", losses),
            Route("/api/changes", take_changes, methods=["POST"]),
            Route("/api/attachments", upload_attachment, methods=["POST"]),
            Route("/api/documents", upload_document, methods=["POST"]),
            Route("/api/sign-in", sign_in),
            Route(SIGN_IN_BACK, signed_in),
            Route("/api/import", import_flow, methods=["POST"]),
            Route("/api/runs/{run}/files", run_file_list),
            Route("/api/runs/{run}/files.zip", run_files_zip),
            Route("/api/runs/{run}/files/{path:path}", run_file),
            Route("/api/runs/{run}/previews/{path:path}", run_file_preview),
            Route("/api/runs/{run}/pictures/{path:path}", run_picture),
        ],
        exception_handlers={ConveneError: answer_error, Exception: answer_error},
    )
