"""The pages for guests: the chat page, and the files of all pages, read once from beside this module."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from studio.texts import text

_FOLDER = Path(__file__).parent / "page"
FILES = {
    "chat.css": "text/css",
    "chat.js": "text/javascript",
    "chat.svg": "image/svg+xml",
    "docs.css": "text/css",
    "question.js": "text/javascript",
    "service.js": "text/javascript",
    "words.js": "text/javascript",
}
"""What the pages load, by its name, with its type."""

_WORDS = (
    "about answer approve code done failed interrupted paused reason reject running send stopped tools unreachable waiting wrong you"
).split()


@cache
def asset(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")


async def page_asset(request: Request) -> Response:
    """A style sheet, a picture or a script of a page."""
    name = request.url.path.rsplit("/", 1)[-1]
    return Response(asset(name), media_type=FILES[name])


async def chat_page(request: Request) -> Response:
    """The page to chat with a flow. It is the same for all flows: what it shows of one, it asks for with the token."""
    return HTMLResponse(_chat_page())


@cache
def _chat_page() -> str:
    words = {name: text(f"guest.chat.{name}") for name in _WORDS}
    places = ("title", "anew", "token", "enter", "task", "send", "stop", "noscript")
    return asset("chat.html").format(
        texts=escape(json.dumps(words, ensure_ascii=False)), **{name: escape(text(f"guest.chat.{name}")) for name in places}
    )
