"""Our part in a Reflex compilation: the message catalogue goes in, absolute addresses come out."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reflex.plugins import Plugin

from studio.engine.errors import ConveneError
from studio.texts import catalogue, text

CATALOGUE = Path("public/studio/catalogue.js")
"""Where the texts lie among Reflex's sources, imported by `$/public/studio/texts.js`."""

_BAKED = re.compile(r"([`'\"])(http|ws)://localhost:\d+(/[\w-]*)\1")


BUNDLER = "vite.config.js"

_GROUPS = "groups: ["
_OF_REACT = (
    "react|react-dom|react-router|scheduler|cookie|universal-cookie|react-error-boundary|mergician|@emotion|stylis|"
    r"@socket\.io|socket\.io-[a-z]+|engine\.io-[a-z]+"
)
ASKED_BY_PAGES = frozenset(
    "app attach canvas code files palette prices question run share status step steer target task time transcript ui".split()
)
"""First words of the keys that pages look up. All other texts come within what the server reports, or are said on the command line."""

_OF_EVERY_PAGE = r"texts|catalogue|icons|shell[\\/](abreast|ago|alive|handed|since)|run[\\/](channel|line|flows)"
_OF_THE_EDITOR = "canvas|palette|transcript|run_controls|run"
_FILES = {
    "base": rf"node_modules[\\/]({_OF_REACT})[\\/]",
    "icons": r"node_modules[\\/]lucide-react[\\/]",
    "shell": rf"public[\\/]studio[\\/]({_OF_EVERY_PAGE})\.",
    "room": rf"(node_modules[\\/](@xyflow|markdown-it|dompurify|highlight\.js)[\\/]|public[\\/]studio[\\/]({_OF_THE_EDITOR})[\\/.])",
}
"""{the name of a file: the paths of the modules in it}; what belongs to two is in the first."""


def shown() -> dict[str, str]:
    """The part of the catalogue that goes to the browser."""
    return {key: said for key, said in catalogue().items() if key.partition(".")[0] in ASKED_BY_PAGES}


class BundlerChanged(ConveneError):
    code = "frontend_build"

    def __init__(self) -> None:
        super().__init__(text("cli.front_end.bundler_changed"), text("cli.front_end.bundler_changed.remedy"))


class SameOriginBroken(ConveneError):
    code = "frontend_build"

    def __init__(self, where: str) -> None:
        super().__init__(text("cli.front_end.addresses_changed", where=where), text("cli.front_end.addresses_changed.remedy"))


def with_few_files(bundler: str) -> str:
    """Vite's configuration by which the scripts of a page come in a dozen files instead of forty, each of which costs a page milliseconds.

    Raises BundlerChanged.
    """
    groups = "".join(f'\n            {{ name: "{name}", test: /[\\\\/]{modules}/ }},' for name, modules in _FILES.items())
    if _GROUPS not in bundler:
        raise BundlerChanged
    return bundler if groups in bundler else bundler.replace(_GROUPS, _GROUPS + groups, 1)


def same_origin(javascript: str) -> str:
    """The text with Reflex's absolute addresses replaced by expressions relative to the page's own address."""

    def relative(match: re.Match[str]) -> str:
        origin = "location.origin" if match[2] == "http" else 'location.origin.replace(/^http/,"ws")'
        return f"({origin}+{match[1]}{match[3]}{match[1]})"

    return _BAKED.sub(relative, javascript)


class StudioPlugin(Plugin):
    """Writes the catalogue as a module before the compilation and frees the result of its host and port after it."""

    def get_static_assets(self, **context: Any) -> Sequence[tuple[Path, str | bytes]]:
        texts = json.dumps(shown(), ensure_ascii=False, sort_keys=True, indent=0)
        return [(CATALOGUE, f"export default {texts};\n")]

    def pre_compile(self, **context: Any) -> None:
        context["add_modify_task"](BUNDLER, with_few_files)

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
