"""What a browser may load and run on our pages (Content-Security-Policy), with the hashes of the built pages' own scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_INLINE = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PagePolicy:
    """`scripts` are the CSP hashes of inline scripts that may run."""

    scripts: tuple[str, ...] = ()

    @classmethod
    def of_build(cls, client: Path) -> PagePolicy:
        """The policy for the pages that lie in a built front end: exactly their own inline scripts run."""
        pages = (file.read_text("utf-8") for file in sorted(client.rglob("*.html")))
        return cls(tuple(dict.fromkeys(hash_ for page in pages for hash_ in inline_hashes(page))))

    def for_page(self, host: str) -> str:
        """The header of an HTML page that was asked for at `host` (name and port)."""
        return "; ".join(
            (
                "default-src 'self'",
                " ".join(("script-src 'self'", *self.scripts)),
                # Emotion, which Reflex styles with, adds style elements at run time.
                "style-src 'self' 'unsafe-inline'",
                "img-src 'self' data: blob:",
                "font-src 'self' data:",
                # Not every browser counts WebSockets of the same host as 'self'.
                f"connect-src 'self' ws://{host} wss://{host}",
                "worker-src 'self' blob:",
                "object-src 'none'",
                "base-uri 'none'",
                "form-action 'self'",
                "frame-ancestors 'none'",
            )
        )

    def for_data(self) -> str:
        """The header of everything that is no page."""
        return "default-src 'none'; frame-ancestors 'none'; sandbox"


def inline_hashes(page: str) -> Iterable[str]:
    """The CSP hash of each inline script of an HTML page."""
    for script in _INLINE.finditer(page):
        if " src=" not in script["attributes"]:
            digest = hashlib.sha256(script["code"].encode()).digest()
            yield f"'sha256-{base64.b64encode(digest).decode()}'"
