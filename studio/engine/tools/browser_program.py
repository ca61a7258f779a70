"""The Chromium that agents surf with: where it is, how it is started, and what is said where it is missing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from studio.engine.errors import ConveneError
from studio.texts import text

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge")
"""Programs on PATH that Playwright can drive."""

QUIET = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-domain-reliability",
    "--no-pings",
    # Whatever does not go through the proxy goes nowhere: no name is looked up by the browser, and no datagram is sent.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)

_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LOCALAPPDATA", "USERPROFILE", "FONTCONFIG_PATH")


class BrowserMissing(ConveneError):
    """What drives a browser, or the browser itself, is not installed."""

    code = "library_missing"

    @classmethod
    def library(cls) -> BrowserMissing:
        return cls(text("engine.browser.library_missing"), text("engine.browser.library_missing.remedy"))

    @classmethod
    def program(cls) -> BrowserMissing:
        return cls(text("engine.browser.program_missing"), text("engine.browser.program_missing.remedy"))


class BrowserFailed(ConveneError):
    """A browser that cannot be started."""

    code = "browser_failed"

    def __init__(self, why: str) -> None:
        of_sandbox = "sandbox" in why.lower()
        remedy = text("engine.browser.not_started.sandbox" if of_sandbox else "engine.browser.not_started.remedy")
        super().__init__(text("engine.browser.not_started", why=why), remedy)


def installed() -> bool:
    """Whether Playwright is there; it is not imported."""
    return importlib.util.find_spec("playwright") is not None


def chromium() -> Path | None:
    """The browser of this machine: Playwright's own, which fits it best, else a program on PATH or in its usual place."""
    return next(filter(Path.is_file, _places()), None)


def _places() -> Iterator[Path]:
    own = sorted(_own_folder().glob("chromium-*/chrome-*"), reverse=True)
    for folder in own:
        yield from (folder / name for name in ("chrome", "chrome.exe", "Chromium.app/Contents/MacOS/Chromium"))
        yield folder / "Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing"
    yield from (Path(found) for name in NAMES if (found := shutil.which(name)))
    if sys.platform == "darwin":
        for name in ("Google Chrome", "Chromium", "Microsoft Edge"):
            yield Path(f"/Applications/{name}.app/Contents/MacOS/{name}")
    elif sys.platform == "win32":
        for root in filter(None, map(os.environ.get, ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"))):
            yield from (
                Path(root, *parts) for parts in (("Google/Chrome/Application/chrome.exe",), ("Microsoft/Edge/Application/msedge.exe",))
            )


def _own_folder() -> Path:
    """Where Playwright keeps the browsers that it installed."""
    if (named := os.environ.get("PLAYWRIGHT_BROWSERS_PATH")) and named != "0":
        return Path(named)
    match sys.platform:
        case "darwin":
            return Path.home() / "Library" / "Caches" / "ms-playwright"
        case "win32":
            return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "ms-playwright"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ms-playwright"


def surroundings() -> dict[str, str | float | bool]:
    """The variables that the browser is given: none of the keys that this process may hold in others."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


def may_sandbox() -> bool:
    """Whether Chromium can put its pages into a sandbox: root's cannot."""
    return not hasattr(os, "geteuid") or os.geteuid() != 0
