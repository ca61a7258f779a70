"""The picture of a flow as PNG: drawn by an optional library, the flow in a chunk of its own."""

from __future__ import annotations

import re

from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument
from studio.formats.picture.hidden import PNG, hidden_flow, svg_metadata, with_flow
from studio.formats.picture.tokens import Theme
from studio.formats.picture.write import to_svg
from studio.texts import text

SCALE = 2.0
"""Pixels of the picture for each of the canvas: sharp on screens with small ones."""

MAX_SIDE = 8_000
MAX_PIXELS = 16_000_000

_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"')


class PictureLibraryMissing(ConveneError):
    """The extra `png` is not installed."""

    code = "picture_library_absent"

    def __init__(self) -> None:
        super().__init__(text("picture.library_missing"), text("picture.library_missing.remedy"))


class PictureNotDrawn(ConveneError):
    """The library refused the picture."""

    code = "picture_not_drawn"

    def __init__(self, why: str) -> None:
        super().__init__(text("picture.not_drawn", why=why[:300]), text("picture.library_missing.remedy"))


def to_png(document: FlowDocument, theme: Theme = "light") -> bytes:
    """The picture of any document as PNG, with the flow inside. Raises PictureLibraryMissing and PictureNotDrawn."""
    try:
        import resvg_py
    except ImportError:
        raise PictureLibraryMissing from None
    flow = hidden_flow(document)
    # The library need not read the flow.
    svg = to_svg(document, theme).replace(svg_metadata(flow), "", 1) if flow else to_svg(document, theme)
    try:
        drawn = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=_width(svg), resources_dir=None))
    except (ValueError, RuntimeError) as error:
        raise PictureNotDrawn(str(error)) from error
    if not drawn.startswith(PNG):
        raise PictureNotDrawn(text("picture.no_png"))
    return with_flow(drawn, flow)


def _width(svg: str) -> int:
    """Pixels from left to right, so that neither a side nor the whole is too large."""
    found = _SIZE.search(svg)
    assert found is not None
    width, height = float(found[1]), float(found[2])
    scale = min(SCALE, MAX_SIDE / max(width, height), (MAX_PIXELS / (width * height)) ** 0.5)
    return max(1, int(width * scale))
