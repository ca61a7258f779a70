"""The flow inside a picture: it comes back as it was, and no picture does harm by being looked into."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress

import pytest
from drawn_flows import flows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.engine.errors import ConveneError
from studio.flow.bounds import MAX_BYTES
from studio.flow.document import FlowDocument, Node
from studio.flow.findings import ForeignFileError
from studio.formats.picture.hidden import KEYWORD, PNG, with_flow
from studio.formats.picture.raster import to_png
from studio.formats.picture.write import to_svg
from studio.formats.recognise import read_bytes, recognise

STRANGE = FlowDocument(
    name='评审 <b> & "quotes" \u2028 ]]> \x00',
    nodes=(
        Node(id="n_a", kind="assistant", name="研究员", config={"system_message": "</metadata><script>\x0b\x1f\ufffe 🙂 &amp; \\u0041"}),
    ),
)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    """A picture of one pixel with more chunks."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return PNG + head + b"".join(chunks) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def compressed(data: bytes) -> bytes:
    return chunk(b"iTXt", KEYWORD.encode() + b"\0\1\0\0\0" + data)


def opened(data: bytes) -> FlowDocument:
    (imported,) = read_bytes(data).flows
    return imported.document


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_flow_comes_back_from_its_picture(theme: str) -> None:
    assert opened(to_svg(STRANGE, theme).encode()) == STRANGE  # type: ignore[arg-type]
    assert opened(to_png(STRANGE, theme)) == STRANGE  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flows())
def test_any_flow_comes_back_from_its_picture(flow: FlowDocument) -> None:
    assert opened(to_svg(flow).encode()) == flow


def test_a_flow_comes_back_from_a_browsers_picture() -> None:
    """A browser writes the chunk as it is, without packing it."""
    held = to_svg(STRANGE).partition('id="convene-flow">')[2].partition("<")[0]
    assert opened(png(chunk(b"iTXt", KEYWORD.encode() + b"\0\0\0\0\0" + held.encode()))) == STRANGE
    assert opened(with_flow(png(), held)) == STRANGE


def test_a_program_that_escapes_the_text_anew_does_no_harm() -> None:
    assert opened(to_svg(STRANGE).replace('"format"', "&quot;format&quot;", 1).encode()) == STRANGE


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ('<ns0:metadata id="convene-flow">', "</ns0:metadata>"),
        ("<metadata\n     id='convene-flow'\n     >", "</metadata >"),
        ('<metadata class="a" id = "convene-flow" xml:space="preserve">', "</metadata>"),
    ],
)
def test_a_program_that_writes_the_element_anew_does_no_harm(begin: str, end: str) -> None:
    held = to_svg(STRANGE).replace("</metadata>", end, 1)
    assert opened(held.replace('<metadata id="convene-flow">', begin, 1).encode()) == STRANGE


@pytest.mark.parametrize(
    "data", [png(), b'<svg xmlns="http://www.w3.org/2000/svg"/>', b'<?xml version="1.0"?>\n<svg:svg><svg:g/></svg:svg>']
)
def test_a_picture_without_a_flow_says_so(data: bytes) -> None:
    assert recognise(data) == "picture"
    with pytest.raises(ForeignFileError, match="no flow in this picture"):
        opened(data)


def test_a_flow_that_mentions_a_picture_is_still_a_flow() -> None:
    flow = FlowDocument(name="<svg >", description="<svg ></svg>")
    assert recognise(flow.model_dump_json().encode()) == "flow"


@pytest.mark.parametrize(
    "data",
    [
        png(compressed(b"no zlib")),
        png(compressed(zlib.compress(b"x" * 5_000)[:-8])),
        png(chunk(b"iTXt", KEYWORD.encode() + b"\0")),
        png(chunk(b"iTXt", KEYWORD.encode() + b"\0\1\0")),
        png(compressed(zlib.compress(b"\xff\xfe"))),
        png(compressed(zlib.compress(b"{}"))).replace(b"iTXtconvene", b"iTXtconvene", 1)[:-30],
        PNG + struct.pack(">I", 2**32 - 1) + b"iTXt" + b"x" * 40,
        png(compressed(zlib.compress(b"{}")))[:60],
        b'<svg ><metadata id="convene-flow">&#' + b"9" * 5_000 + b";</metadata></svg>",
    ],
)
def test_a_damaged_picture_gets_a_sentence(data: bytes) -> None:
    with pytest.raises(ConveneError):
        opened(data)


def test_a_changed_flow_is_noticed() -> None:
    data = bytearray(png(chunk(b"iTXt", KEYWORD.encode() + b'\0\0\0\0\0{"format":"convene.flow"}')))
    at = data.index(b"convene.flow", data.index(b"format"))
    data[at] ^= 1
    with pytest.raises(ForeignFileError, match="damaged"):
        opened(bytes(data))


def test_a_bomb_is_not_unpacked_to_its_end() -> None:
    packed = zlib.compressobj(9)
    bomb = b"".join(packed.compress(b" " * 5_000_000) for _ in range(8)) + packed.flush()
    with pytest.raises(ForeignFileError, match="MB"):
        opened(png(compressed(bomb)))
    with pytest.raises(ForeignFileError, match="MB"):
        opened(b'<svg ><metadata id="convene-flow">' + b" " * (MAX_BYTES + 1) + b"</metadata></svg>")


def test_entities_are_never_expanded() -> None:
    laughs = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
    data = f'<!DOCTYPE svg [<!ENTITY l0 "ha">{laughs}<!ENTITY f SYSTEM "file:///etc/passwd">]><svg ><metadata id="convene-flow">&l9;&f;</metadata></svg>'
    with pytest.raises(ConveneError) as caught:
        opened(data.encode())
    assert "root:" not in str(caught.value)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400), st.booleans())
def test_no_picture_does_harm(noise: bytes, at: int, vector: bool) -> None:
    whole = to_svg(FlowDocument()).encode() if vector else png(compressed(zlib.compress(FlowDocument().model_dump_json().encode())))
    data = whole[:at] + noise + whole[at + len(noise) // 2 :]
    with suppress(ConveneError):
        read_bytes(data)
