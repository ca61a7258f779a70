"""The real application of `studio.app`, guard and Reflex included, over a front end of one page and a data directory of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.routing import Mount, Route, WebSocketRoute

from studio.api.guard import Guard
from studio.api.services import configure
from studio.settings import Settings

PAGE = "<!doctype html><title>Convene</title><script>window.inside = 1</script>"


@contextmanager
def served_app(folder: Path) -> Iterator[Guard]:
    """Builds the application as the launcher does, without a port. What it sets in the environment is put back."""
    web = folder / "_web"
    (web / "build" / "client").mkdir(parents=True)
    (web / "build" / "client" / "index.html").write_text(PAGE)
    (web / "backend").mkdir()
    (web / "backend" / "stateful_pages.json").write_text(json.dumps([]))
    before = dict(os.environ)
    os.environ |= {
        "REFLEX_WEB_WORKDIR": str(web),
        "REFLEX_STATES_WORKDIR": str(folder / "states"),
        "REFLEX_DIR": str(folder / "reflex"),
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_BACKEND_ONLY": "true",
    }
    from reflex_base.environment import environment

    environment.REFLEX_SKIP_COMPILE.set(True)
    environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(True)
    configure(Settings(data_dir=folder / "data", database=f"sqlite:///{folder / 'data' / 'convene.db'}"))
    try:
        import studio.app

        studio.app.sessions = None
        yield studio.app.app()
    finally:
        os.environ.clear()
        os.environ.update(before)


def all_routes(app: Any, prefix: str = "") -> Iterator[tuple[str, str, set[str]]]:
    """("http" or "websocket" or "mount", path, methods) of everything that an ASGI application answers, mounts included."""
    for route in getattr(app, "routes", []):
        match route:
            case Mount():
                inner = list(all_routes(route.app, prefix + route.path))
                yield from inner or [("mount", prefix + route.path, set())]
            case WebSocketRoute():
                yield "websocket", prefix + route.path, set()
            case Route():
                yield "http", prefix + route.path, set(route.methods or ())
            case _:
                raise AssertionError(f"a route of a kind that this test does not know: {route!r}")
