"""What pages say when something went wrong or was done: a sentence and the way out."""

from __future__ import annotations

import functools
import inspect
import logging
import uuid
from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from components.shell import Notice, Notices
from studio.engine.errors import ConveneError
from studio.texts import text

log = logging.getLogger(__name__)


class NoticeState(rx.State):
    """The newest message of a tab; the browser keeps those before it for as long as they are shown."""

    latest: Notice = {"id": "", "level": "done", "text": "", "remedy": "", "undo": "", "page": ""}

    @rx.event
    def tell(self, level: str, text: str, remedy: str, undo: str = "") -> None:
        page = str(self.router.url.path)
        self.latest = {"id": uuid.uuid4().hex, "level": level, "text": text, "remedy": remedy, "undo": undo, "page": page}


def notices(on_undo: Any = None) -> rx.Component:
    """The messages of a page. `on_undo(what)` takes back what one of them tells."""
    return Notices.create(latest=NoticeState.latest, **({} if on_undo is None else {"on_undo": on_undo}))


def failure(error: ConveneError) -> Any:
    """The notice of an error: its sentence, and its remedy below."""
    return NoticeState.tell("error", error.sentence, error.remedy)


def broken(exception: Exception) -> EventSpec:
    """The notice of an error in an event handler that nobody foresaw: Reflex's own takes a script that the page's policy forbids."""
    log.error("An event of a page could not be handled", exc_info=exception)
    return NoticeState.tell("error", text("api.broken"), "")


def done(sentence: str, *, undo: str = "") -> Any:
    """The notice of something done. With `undo` the page offers to take it back, and is told that text."""
    return NoticeState.tell("done", sentence, "", undo)


def told(handler: Callable[..., Any]) -> Callable[..., Any]:
    """An event handler whose ConveneErrors become notices instead of a server error. For plain and async handlers."""
    if inspect.iscoroutinefunction(handler):

        @functools.wraps(handler)
        async def waiting(*args: Any, **kwargs: Any) -> Any:
            try:
                return await handler(*args, **kwargs)
            except ConveneError as error:
                return failure(error)

        return waiting

    @functools.wraps(handler)
    def plain(*args: Any, **kwargs: Any) -> Any:
        try:
            return handler(*args, **kwargs)
        except ConveneError as error:
            return failure(error)

    return plain
