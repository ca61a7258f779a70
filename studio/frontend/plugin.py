"""Our part in a Reflex compilation: the message catalogue goes in, absolute addresses come out."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reflex.plugins import Plugin

from studio.engine.errors import ConveneError
from studio.texts import catalogue

CATALOGUE = Path("public/studio/catalogue.js")
"""Where the texts lie among Reflex's sources, imported by `$/public/studio/texts.js`."""

_BAKED = re.compile(r"([`'\"])(http|ws)://localhost:\d+(/[\w-]*)\1")


class SameOriginBroken(ConveneError):
    code = "frontend_build"

    def __init__(self, where: str) -> None:
        super().__init__(
            f"The compiled front end holds no address that could be made relative ({where}).",
            "Reflex changed how it writes addresses: use the version that pyproject.toml names.",
        )


def same_origin(javascript: str) -> str:
    """The text with Reflex's absolute addresses replaced by expressions relative to the page's own address."""

    def relative(match: re.Match[str]) -> str:
        origin = "location.origin" if match[2] == "http" else 'location.origin.replace(/^http/,"ws")'
        return f"({origin}+{match[1]}{match[3]}{match[1]})"

    return _BAKED.sub(relative, javascript)


class StudioPlugin(Plugin):
    """Writes the catalogue as a module before the compilation and frees the result of its host and port after it."""

    def get_static_assets(self, **context: Any) -> Sequence[tuple[Path, str | bytes]]:
        texts = json.dumps(catalogue(), ensure_ascii=False, sort_keys=True, indent=0)
        return [(CATALOGUE, f"export default {texts};\n")]

    def post_build(self, **context: Any) -> None:
        static_dir: Path = context["static_dir"]
        changed = 0
        for script in sorted((static_dir / "assets").glob("*.js")):
            before = script.read_text("utf-8")
            after = same_origin(before) if "://localhost:" in before else before
            if after != before:
                script.write_text(after, "utf-8")
                changed += 1
        if not changed:
            raise SameOriginBroken(static_dir.name)
