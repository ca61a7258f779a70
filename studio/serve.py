"""Serves the studio: one process, one port, the built front end, until it is told to stop."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.engine.errors import ConveneError
from studio.settings import Settings
from studio.texts import text

if TYPE_CHECKING:
    import uvicorn

    from studio.api.session import Sessions
    from studio.store.redaction import Redactor

PORTS_TO_TRY = 50
MAX_SOCKET_FRAME = 2_000_000
"""Bytes of one WebSocket message; Reflex itself takes one million."""


class PortRefused(ConveneError):
    code = "port_refused"

    def __init__(self, host: str, port: int, why: str, remedy: str) -> None:
        super().__init__(text("start.port_refused", host=host[:200], port=port, why=why), remedy)


def serve(settings: Settings, *, any_port: bool, open_browser: bool, say: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM. `any_port` takes the next free port when the wanted one is taken.

    Raises DataDirectoryUnusable, PortRefused, ToolchainMissing, BuildFailed, FrontEndMissing or DatabaseUnusable before anything is served.
    """
    from studio.api.guard import is_loopback
    from studio.api.services import make_data_directory
    from studio.frontend.build import ensure

    make_data_directory(settings)
    listener = listen(settings.host, settings.port, any_port=any_port)
    port = listener.getsockname()[1]
    if port != settings.port and settings.port:
        say(text("start.port_taken", port=settings.port, chosen=port))
    settings = replace(settings, port=port, hosts=reachable_hosts(settings))
    with listener:
        config, sessions = _configured(settings, ensure(say))
        address = f"http://{shown_host(settings.host)}:{port}"

        def announce() -> None:
            say(f"{text('start.open')} {address}/?auth={sessions.token}")
            say(text("start.stop"))
            if not is_loopback(settings.host):
                say(text("start.not_loopback", host=settings.host))
            if open_browser:
                _open_browser(f"{address}/?auth={sessions.one_time_token()}")

        run_until_stopped(config, listener, announce)


def listen(host: str, port: int, *, any_port: bool) -> socket.socket:
    """A socket that listens on `port`, or on one of the next fifty if `any_port`. Raises PortRefused."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError, OverflowError) as error:
        raise PortRefused(host, port, str(getattr(error, "strerror", None) or error), text("start.host_remedy")) from None
    family, kind, protocol, _, address = found[0]
    for offset in range(PORTS_TO_TRY if any_port else 1):
        listener = socket.socket(family, kind, protocol)
        if os.name == "posix":
            # Lets a restart take the port at once; on Windows the same option would share it with a stranger.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address[0], port + offset, *address[2:]))
            listener.listen(2048)
        except OSError as error:
            listener.close()
            if error.errno == errno.EADDRINUSE and any_port and offset + 1 < PORTS_TO_TRY and port + offset < 65_535:
                continue
            remedy = text("start.host_remedy" if error.errno == errno.EADDRNOTAVAIL else "start.port_remedy")
            raise PortRefused(host, port, error.strerror or str(error), remedy) from None
        return listener
    raise PortRefused(host, port, os.strerror(errno.EADDRINUSE), text("start.port_remedy"))


def reachable_hosts(settings: Settings) -> tuple[str, ...]:
    """The names that browsers may use: those given by hand, and the address itself if it names one machine."""
    from studio.api.guard import is_loopback

    everywhere = settings.host in ("0.0.0.0", "::", "")  # noqa: S104
    own = () if is_loopback(settings.host) or everywhere else (settings.host,)
    return (*own, *settings.hosts)


def prepare_reflex(web: Path, data_dir: Path) -> None:
    """Makes Reflex serve what is built in `web`, compile nothing and leave no file outside `data_dir`.

    Reflex reads its configuration from the working directory only, so this changes it.
    """
    home = data_dir / "reflex"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ |= {
        "REFLEX_WEB_WORKDIR": str(web),
        "REFLEX_DIR": str(home),
        "REFLEX_STATES_WORKDIR": str(home / "states"),
        "REFLEX_UPLOADED_FILES_DIR": str(home / "uploads"),
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_BACKEND_ONLY": "true",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
    }
    os.chdir(web)
    from reflex_base.environment import environment

    environment.REFLEX_SKIP_COMPILE.set(True)
    environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(True)


def run_until_stopped(config: uvicorn.Config, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serves on `listener`, calls `ready` once requests are answered, returns after a signal."""
    import uvicorn

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

    logging.getLogger("uvicorn.error").addFilter(is_no_cancelling)
    # uvicorn raises SIGINT again once it has shut everything down.
    with suppress(KeyboardInterrupt):
        Announcing(config).run(sockets=[listener])


def is_no_cancelling(record: logging.LogRecord) -> bool:
    """Whether a record tells something else than that a request was broken off, which is how streams end when the server stops."""
    return record.exc_info is None or not isinstance(record.exc_info[1], asyncio.CancelledError)


def _configured(settings: Settings, web: Path) -> tuple[uvicorn.Config, Sessions]:
    import uvicorn

    from studio.api.services import DataDirectoryUnusable, configure, services
    from studio.api.session import Sessions, read_token
    from studio.frontend.unused import without_clients, without_redis
    from studio.serving.connections import PromptHTTP

    # Opened before the working directory changes, for a database that is named relative to it, and before the server
    # starts, so that one that cannot be opened is told in a sentence.
    configure(settings)
    log_without_secrets(services().accounts.redactor)
    try:
        prepare_reflex(web, settings.data_dir)
        sessions = Sessions(read_token(settings.data_dir))
    except OSError as error:
        raise DataDirectoryUnusable(settings, error) from None

    without_redis()
    with without_clients():
        import studio.app

    studio.app.sessions = sessions
    config = uvicorn.Config(
        studio.app.app,
        factory=True,
        http=PromptHTTP,
        ws_max_size=MAX_SOCKET_FRAME,
        log_config=None,
        access_log=False,
        server_header=False,
        # No header may change who a request seems to come from, or how.
        proxy_headers=False,
        timeout_graceful_shutdown=3,
        lifespan="on",
    )
    return config, sessions


def log_without_secrets(redactor: Redactor) -> None:
    """Warnings and errors go to the terminal, and no key with them."""
    from studio.engine.logs import log_to

    log_to(redact=redactor.redact)


def shown_host(host: str) -> str:
    """The name under which this machine itself reaches what listens on `host`."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _open_browser(url: str) -> None:
    """Opens the person's browser, but no text browser in the terminal that we write to."""
    import webbrowser

    graphical = sys.platform in ("win32", "darwin") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    if graphical:
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
