"""`convene` without a command: opens the studio and tells in the terminal where it is."""

from __future__ import annotations

from studio.cli.say import say
from studio.settings import Settings


def open_studio(settings: Settings, *, any_port: bool, open_browser: bool) -> None:
    """Serves until Ctrl+C. Raises ConveneError before anything is served."""
    from studio.serve import serve

    serve(settings, any_port=any_port, open_browser=open_browser, say=lambda line: say(line, flush=True))
