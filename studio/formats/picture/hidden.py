"""The flow inside a picture: how it is put there and found again, without reading the picture as XML or as pixels."""

from __future__ import annotations

import html
import json
import re
import struct
import zlib

from studio.flow.bounds import MAX_BYTES
from studio.flow.document import FlowDocument
from studio.flow.findings import ForeignFileError
from studio.texts import text

MAX_HIDDEN = 3_000_000
"""Bytes of a flow that is put into a picture. A larger one is left out, and the losses say so."""

MAX_PICTURE = 30_000_000
"""Bytes of a picture that is looked into."""

KEYWORD = "convene.flow"
PNG = b"\x89PNG\r\n\x1a\n"

_ELEMENT = re.compile(
    rb"<(?:[A-Za-z_][\w.-]{0,40}:)?metadata\s(?:[^<>]{0,150}\s)?id\s{0,8}=\s{0,8}[\"']convene-flow[\"'][^<>]{0,150}>([^<]*)</"
)
"""The element that we write, also as other programs write it anew: with a prefix, with attributes of their own, in other quotes."""

_SVG = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,40}:)?svg[\s>]")
HEAD = 4_096
"""Bytes in which a picture can be told."""


def hidden_flow(document: FlowDocument) -> str:
    """The flow as JSON of ASCII characters without `<`, `>` and `&`, so that it needs no escaping; empty when it is too large."""
    data = json.dumps(document.model_dump(mode="json"), ensure_ascii=True, separators=(",", ":"))
    for character in "<>&\x7f":
        data = data.replace(character, f"\\u{ord(character):04x}")
    return data if len(data) <= MAX_HIDDEN else ""


def svg_metadata(flow: str) -> str:
    """The element that holds the flow in an SVG."""
    return f'<metadata id="convene-flow">{flow}</metadata>' if flow else ""


def with_flow(png: bytes, flow: str) -> bytes:
    """A PNG with the flow in a compressed iTXt chunk right before its end."""
    if not flow:
        return png
    body = KEYWORD.encode() + b"\0\1\0\0\0" + zlib.compress(flow.encode(), 9)
    end = png.rindex(b"\0\0\0\0IEND")
    return png[:end] + struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body)) + png[end:]


def is_picture(data: bytes) -> bool:
    """Whether this is a PNG or an SVG, by its first bytes."""
    if data.startswith(PNG):
        return True
    head = data[:HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"<") and _SVG.search(head) is not None


def flow_in_picture(data: bytes) -> str:
    """The JSON of the flow in a PNG or an SVG, not looked at yet. Raises ForeignFileError when there is none, or it is too large."""
    if len(data) > MAX_PICTURE:
        raise ForeignFileError(text("bounds.large", where=text("bounds.file"), limit=f"{MAX_PICTURE // 1_000_000} MB"))
    found = _in_png(data) if data.startswith(PNG) else _in_svg(data)
    if found is None:
        raise ForeignFileError(text("picture.no_flow"), "/", text("picture.no_flow.remedy"))
    try:
        return found.decode()
    except UnicodeDecodeError:
        raise _broken() from None


def _in_svg(data: bytes) -> bytes | None:
    """The text of the one element that we write; no entity but those that stand for one character is looked up anywhere."""
    found = _ELEMENT.search(data)
    if found is None:
        return None
    if len(found[1]) > MAX_BYTES:
        raise _large()
    held = found[1]
    if b"&" not in held:
        return held
    try:
        return html.unescape(held.decode("utf-8", "replace")).encode()
    except ValueError:  # a character by a number of thousands of digits
        raise _broken() from None


def _in_png(data: bytes) -> bytes | None:
    at = len(PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if at + 12 + length > len(data):
            raise _broken()
        if kind == b"IEND":
            return None
        if kind == b"iTXt" and body.startswith(KEYWORD.encode() + b"\0"):
            (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
            if checksum != zlib.crc32(kind + body):
                raise _broken()
            return _text_of(body)
        at += 12 + length
    return None


def _text_of(body: bytes) -> bytes:
    """The text of an iTXt chunk: after its keyword come whether and how it is compressed, a language and a translated keyword."""
    _, _, rest = body.partition(b"\0")
    if len(rest) < 2:
        raise _broken()
    parts = rest[2:].split(b"\0", 2)
    if len(parts) != 3:
        raise _broken()
    held = parts[2]
    if rest[0] == 0:
        if len(held) > MAX_BYTES:
            raise _large()
        return held
    try:
        inflating = zlib.decompressobj()
        found = inflating.decompress(held, MAX_BYTES + 1)
    except zlib.error:
        raise _broken() from None
    if len(found) > MAX_BYTES:
        raise _large()
    if not inflating.eof:
        raise _broken()
    return found


def _broken() -> ForeignFileError:
    return ForeignFileError(text("picture.broken"), "/", text("picture.no_flow.remedy"))


def _large() -> ForeignFileError:
    return ForeignFileError(text("bounds.large", where=text("bounds.file"), limit=f"{MAX_BYTES // 1_000_000} MB"))
