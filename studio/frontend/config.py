"""The one Reflex configuration, used when the pages are compiled and when they are served."""

from __future__ import annotations

import os

import reflex as rx
from reflex.plugins import SitemapPlugin

from studio.frontend.plugin import StudioPlugin

THIRTY_DAYS = 30 * 24 * 3600

# Reflex would otherwise ask the package index for its newest version each time it compiles.
os.environ.setdefault("REFLEX_CHECK_LATEST_VERSION", "false")

config = rx.Config(
    app_name="studio",
    app_module_import="studio.app",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    backend_host="127.0.0.1",
    # Every request passes `studio.api.guard` first, which lets no foreign Origin through, on any host and port. A list of
    # origins here would only break forwarded ports.
    cors_allowed_origins=["*"],
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
    # Named after Redis, it also bounds how long an open tab is remembered in memory.
    redis_token_expiration=THIRTY_DAYS,
    plugins=[StudioPlugin()],
    disable_plugins=[SitemapPlugin],
)
