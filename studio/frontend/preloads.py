"""Tells browsers in the page of a flow or a run which scripts it will ask for, so that they come and run at once."""

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
    routes = [route for route in json.loads(found[1])["routes"].values() if ":" in (route.get("path") or "")]
    named = [Path(path).name for route in routes for path in (route["module"], *route["imports"])]
    text = page.read_text("utf-8")
    links = [_link(name) for name in _with_imports(client / "assets", named) if f"/assets/{name}" not in text]
    added = "".join(links) + _begun_at_once(routes) if links else ""
    page.write_text(text.replace("</head>", f"{added}</head>", 1), "utf-8")
    packed = page.with_name(f"{PAGE}.gz")
    if packed.is_file():
        packed.write_bytes(gzip.compress(page.read_bytes(), mtime=0))
    return len(links)


def _begun_at_once(routes: list[dict[str, Any]]) -> str:
    """A script that starts the page of an address; React Router would do so once all that is around the page is there."""
    pages = {route["path"].partition("/")[0]: route["module"] for route in routes}
    return f'<script type="module" async>const page={json.dumps(pages)}[location.pathname.split("/")[1]];if(page)import(page);</script>'


def _link(name: str) -> str:
    return f'<link rel="modulepreload" href="/assets/{escape(name)}"/>'


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
        waiting.extend(_IMPORTED.findall((assets / name).read_text("utf-8")))
