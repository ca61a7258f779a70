"""The composition root: pages, routes, services and the guard around them, as one Reflex application."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import reflex as rx

from studio.api.guard import Guard
from studio.api.policy import PagePolicy
from studio.api.routes import api
from studio.api.services import close_services, current_settings, services
from studio.api.session import Sessions, read_token
from studio.serving.shared_flows import SharedFlows
from studio.ui.pages import add_pages
from studio.ui.shared.notices import broken

sessions: Sessions | None = None
"""Set by whoever serves the application, to hand out one-time tokens; otherwise made from the data directory."""


class GuardedApp(rx.App):
    """A Reflex application of which nothing can be reached but through the guard, its own event socket included."""

    def __call__(self) -> Any:
        settings = current_settings()
        from reflex.utils.prerequisites import get_web_dir

        client = Path(get_web_dir()) / "build" / "client"
        return Guard(
            super().__call__(),
            sessions or Sessions(read_token(settings.data_dir)),
            hosts=settings.hosts,
            policy=PagePolicy.of_build(client),
            shared=SharedFlows(services, settings.hosts),
        )


@asynccontextmanager
async def serve_runs() -> AsyncIterator[None]:
    """Takes up the runs that an earlier process left, and lets the present ones come to rest at the end."""
    await services().runs.recover()
    try:
        yield
    finally:
        await close_services()


NO_FAULTS = (
    "disconnected client",  # an answer to a tab that was closed meanwhile: people close tabs
    "ResizeObserver loop",  # a browser that puts off a measurement to its next frame
)


def tells_of_a_fault(record: logging.LogRecord) -> bool:
    """Reflex also tells of what is nobody's fault."""
    return not any(each in record.getMessage() for each in NO_FAULTS)


logging.getLogger("reflex.app").addFilter(tells_of_a_fault)
app = GuardedApp(api_transformer=api(), html_lang="en", backend_exception_handler=broken)
app.register_lifespan_task(serve_runs)
add_pages(app)
