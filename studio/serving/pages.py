"""The files of the pages for guests, read once from beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

_FOLDER = Path(__file__).parent / "page"
_TYPES = {"chat.css": "text/css", "docs.css": "text/css", "chat.js": "text/javascript"}


@cache
def asset(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")


async def page_asset(request: Request) -> Response:
    """A style sheet or the script of a page."""
    name = request.url.path.rsplit("/", 1)[-1]
    return Response(asset(name), media_type=_TYPES[name])
