"""Small films for tests: a second red, a second green, a second blue, then black; and a tone. Skips where nothing can make them."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any

import pytest

RATE = 16_000


def needed() -> Any:
    """The library that makes films and looks into them; a test that needs it skips where it is missing."""
    return pytest.importorskip("av", reason="PyAV (convene-studio[video]) is not installed")


def film(path: Path, seconds: int = 4, size: tuple[int, int] = (64, 48), *, sound: bool = True, pictures: bool = True) -> Path:
    """Writes a film, by the ending of its name, at ten pictures a second."""
    av = needed()
    with av.open(str(path), "w") as out:
        shown = out.add_stream("mpeg4", rate=10) if pictures else None
        heard = out.add_stream("aac", rate=RATE) if sound else None
        if heard is not None:
            heard.layout = "mono"
        if shown is not None:
            shown.width, shown.height, shown.pix_fmt = *size, "yuv420p"
            for number in range(seconds * 10):
                out.mux(shown.encode(_plain(av, size, number // 10)))
            out.mux(shown.encode(None))
        if heard is not None:
            for number in range(seconds * RATE // 1024):
                out.mux(heard.encode(_tone(av, number)))
            out.mux(heard.encode(None))
    return path


def colour(jpeg: bytes, across: float = 0.5, down: float = 0.5) -> str:
    """Which of the film's colours a picture has at a place, told as shares of its width and height."""
    import io

    frame = next(needed().open(io.BytesIO(jpeg)).decode(video=0)).reformat(format="rgb24")
    plane = frame.planes[0]
    at = int(frame.height * down) * plane.line_size + int(frame.width * across) * 3
    parts = bytes(plane)[at : at + 3]
    return {(1, 0, 0): "red", (0, 1, 0): "green", (0, 0, 1): "blue", (0, 0, 0): "black", (1, 1, 1): "white"}.get(
        tuple(int(part > 127) for part in parts), str(list(parts))
    )


def _plain(av: Any, size: tuple[int, int], second: int) -> Any:
    frame = av.VideoFrame(*size, "rgb24")
    plane = frame.planes[0]
    row = bytes(255 if place == second else 0 for place in range(3)) * size[0]
    plane.update(row.ljust(plane.line_size, b"\0") * size[1])
    return frame.reformat(format="yuv420p")


def _tone(av: Any, number: int) -> Any:
    frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
    frame.sample_rate, frame.pts = RATE, number * 1024
    frame.planes[0].update(struct.pack("1024f", *(0.3 * math.sin((number * 1024 + i) / RATE * 2 * math.pi * 440) for i in range(1024))))
    return frame
