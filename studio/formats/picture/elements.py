"""Elements of SVG as text: every word that a person wrote is escaped and measured."""

from __future__ import annotations

from xml.sax.saxutils import escape

from studio.formats.picture.measuring import clipped, is_known, width
from studio.formats.picture.wires import number


def plain(text: str) -> str:
    """Words as XML may hold them."""
    return escape("".join(character for character in text if character.isprintable()), {'"': "&quot;"})


def rect(x: float, y: float, width: float, height: float, radius: float, fill: str, stroke: str = "", dashes: str = "") -> str:
    """A rectangle; a line of one pixel lies inside its edge, as a border does."""
    inset = 0.5 if stroke else 0.0
    line = f' stroke="{stroke}"' if stroke else ""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    places = (number(each) for each in (x + inset, y + inset, max(width - 2 * inset, 0), max(height - 2 * inset, 0), radius))
    return '<rect x="{}" y="{}" width="{}" height="{}" rx="{}"'.format(*places) + f' fill="{fill}"{line}{dashed}/>'


def words(
    text: str, x: float, y: float, size: float, fill: str, *, strong: bool = False, most: float | None = None, middle: bool = False
) -> str:
    """One line of text on the base line `y`, cut to `most` pixels. In another font it is drawn as wide as it was measured."""
    line = clipped(text, size, most, strong) if most is not None else " ".join(text.split())
    if not line:
        return ""
    length = width(line, size, strong)
    weight = ' font-weight="600"' if strong else ""
    anchor = ' text-anchor="middle"' if middle else ""
    fixed = f' textLength="{number(length)}" lengthAdjust="spacingAndGlyphs"' if is_known(line) else ""
    return f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" fill="{fill}"{weight}{anchor}{fixed}>{plain(line)}</text>'


def drawn_icon(path: str, x: float, y: float, size: float, color: str) -> str:
    """An icon of the 16 pixel grid, in a size of pixels."""
    return (
        f'<path transform="translate({number(x)} {number(y)}) scale({number(size / 16)})" d="{path}" fill="none" stroke="{color}" '
        'stroke-width="1.3" stroke-linecap="round" stroke-linejoin="round"/>'
    )
