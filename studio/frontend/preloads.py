"""Tells browsers in the page of a flow or a run which scripts it will ask for, so that they come at once instead of one after the other."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any

PAGE = "404.html"
"""What every address with an id in it is answered with."""

SHOWN_FIRST = ("board", "canvas", "palette", "run_controls", "transcript")
"""Chunks that a flow and a run load as soon as they are shown; those that wait for a click, such as the code editor, are not among them."""

_ROUTES = re.compile(r"^window\.__reactRouterManifest=(.*?);?\s*$", re.DOTALL)
_IMPORTED = re.compile(r"""(?:from|import)\s*["']\./([\w.$-]+\.js)["']""")


def preload(client: Path) -> int:
    """Adds the links to the page in a folder of built pages; returns how many. A build without that page or its list stays as it is."""
    page = client / PAGE
    manifest = next((client / "assets").glob("manifest-*.js"), None)
    if manifest is None or not page.is_file():
        return 0
    found = _ROUTES.match(manifest.read_text("utf-8"))
    if found is None:
        return 0
    every = list(json.loads(found[1])["routes"].values())
    routes = [route for route in every if ":" in (route.get("path") or "")]
    styles = _of_all(every)
    named = [Path(path).name for route in routes for path in (route["module"], *route["imports"], *route["css"]) if path not in styles]
    named += [file.name for name in SHOWN_FIRST for file in sorted((client / "assets").glob(f"{name}-*")) if file.suffix in (".js", ".css")]
    text = page.read_text("utf-8")
    links = [_link(name) for name in _with_imports(client / "assets", named) if f"/assets/{name}" not in text]
    links += [f'<link rel="stylesheet" href="{escape(style)}"/>' for style in styles if f'"{style}"' not in text]
    page.write_text(text.replace("</head>", "".join(links) + "</head>", 1), "utf-8")
    packed = page.with_name(f"{PAGE}.gz")
    if packed.is_file():
        packed.write_bytes(gzip.compress(page.read_bytes(), mtime=0))
    return len(links)


def _of_all(routes: list[dict[str, Any]]) -> list[str]:
    """The styles of all pages that have any: a route would stop to load them after its scripts, where they do not stand in the page."""
    dressed = [route["css"] for route in routes if route["css"]]
    return [style for style in dressed[0] if all(style in others for others in dressed)] if dressed else []


def _link(name: str) -> str:
    kind = 'rel="modulepreload"' if name.endswith(".js") else 'rel="preload" as="style"'
    # A style that comes with a chunk is asked for as that chunk is; asked for in another way, it would be loaded twice.
    mode = " crossorigin" if name.endswith(".css") and name.startswith(SHOWN_FIRST) else ""
    return f'<link {kind}{mode} href="/assets/{escape(name)}"/>'


def _with_imports(assets: Path, names: Iterable[str]) -> Iterator[str]:
    """The names, and those of all that they import at once, each once."""
    seen: set[str] = set()
    waiting = list(names)[::-1]
    while waiting:
        name = waiting.pop()
        if name in seen or not (assets / name).is_file():
            continue
        seen.add(name)
        yield name
        if name.endswith(".js"):
            waiting.extend(_IMPORTED.findall((assets / name).read_text("utf-8")))
