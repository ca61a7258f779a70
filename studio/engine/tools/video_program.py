"""What looks into a video, in a process of its own that can open nothing: the file is its standard input, the order its argument.

It is started by path and never imported. The order is JSON, and so is the one line that it answers: {"facts": …}, {"pictures": [base64 of
JPEG…]}, {"sound": base64 of MP3, "seconds": …}, or {"mistake": code, "detail": …}.
"""

import base64
import importlib
import io
import json
import pkgutil
import sys
from fractions import Fraction
from typing import Any

FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpegts,mpeg,mpegvideo,ogg,asf,wav,mp3,flac,aac,gif"
"""Those that hold everything in one file: playlists and the like, which name other files and addresses, are none of them."""

MOST_PIXELS = 8192 * 4320
MOST_FRAMES = 3_000
"""Frames that are looked through for one picture: from one whole picture of the film to the next."""
MOST_PACKETS = 2_000_000
WIDTH, SMALL = 1280, 426
"""Pixels that a picture is wide at most: one by itself, and one on a sheet."""
COLUMNS = 3
RATE = 16_000
"""Samples a second, which is what speech is recognised at."""
BITS = 32_000


class Mistake(Exception):
    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


def main() -> None:
    order = json.loads(sys.argv[1])
    try:
        limit_early(order["memory"], order["seconds"])
        av = whole_library()
        answer = done(av, order)
    except Mistake as mistake:
        answer = {"mistake": mistake.code, "detail": mistake.detail}
    except MemoryError:
        answer = {"mistake": "memory"}
    except Exception as problem:
        answer = {"mistake": "broken", "detail": type(problem).__name__}
    json.dump(answer, sys.stdout)


def whole_library() -> Any:
    """Everything that it would import later, when nothing can be opened any more."""
    import av

    for part in pkgutil.walk_packages(av.__path__, "av."):
        if part.name != "av.__main__":
            importlib.import_module(part.name)
    av.logging.set_level(None)
    return av


def limit_early(memory: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the time limit of whoever waits is left
        return
    for name, most in (("RLIMIT_AS", memory), ("RLIMIT_CPU", seconds), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0)):
        try:
            resource.setrlimit(getattr(resource, name), (most, most))
        except (ValueError, OSError):
            continue


def open_nothing_more() -> None:
    """From here on neither a file nor a connection can be opened, whatever the video says."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    except (ImportError, ValueError, OSError):
        return


def done(av: Any, order: dict[str, Any]) -> dict[str, Any]:
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "", "max_streams": "64"}
    open_nothing_more()
    try:
        film = av.open(io.FileIO(0), options=options)
    except (av.FFmpegError, ValueError) as problem:
        raise Mistake("no_video", type(problem).__name__) from None
    with film:
        try:
            match order["what"]:
                case "facts":
                    return {"facts": facts(film)}
                case "pictures":
                    return {"pictures": pictures(av, film, order["times"])}
                case _:
                    return sound(av, film, order["start"], order["end"])
        except av.FFmpegError as problem:
            raise Mistake("broken", type(problem).__name__) from None


def facts(film: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"seconds": length(film), "format": film.format.long_name[:60], "pictures": None, "sound": None}
    for stream in film.streams.video[:1]:
        rate = stream.average_rate
        told["pictures"] = {"codec": stream.codec_context.name, "width": stream.width, "height": stream.height, "rate": float(rate or 0)}
    for stream in film.streams.audio[:1]:
        told["sound"] = {"codec": stream.codec_context.name, "rate": stream.rate, "channels": stream.channels}
    return told


def length(film: Any) -> float:
    """Seconds; where the file does not say, its packets do."""
    if film.duration:
        return float(film.duration / 1_000_000)
    end = 0.0
    for number, packet in enumerate(film.demux()):
        if number > MOST_PACKETS:
            break
        if packet.pts is not None and packet.time_base is not None:
            end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    film.seek(0)
    return end


def pictures(av: Any, film: Any, times: list[float]) -> list[str]:
    if not film.streams.video:
        raise Mistake("no_pictures")
    stream = film.streams.video[0]
    if stream.width * stream.height > MOST_PIXELS:
        raise Mistake("pixels", f"{stream.width} × {stream.height}")
    stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
    stream.codec_context.thread_count = 1
    if (seconds := length(film)) and max(times) > seconds:
        raise Mistake("beyond", f"{seconds:.2f}")
    wide = WIDTH if len(times) <= 2 else SMALL
    shown = [smaller(frame_at(film, stream, time), wide) for time in times]
    if len(shown) > 2:
        shown = [sheet(av, shown)]
    return [base64.b64encode(jpeg(av, picture)).decode() for picture in shown]


def frame_at(film: Any, stream: Any, time: float) -> Any:
    """The frame that is shown at a time, counted from the first one."""
    begin = stream.start_time or 0
    film.seek(begin + int(time / stream.time_base), stream=stream, backward=True)
    wanted = float(begin * stream.time_base) + time
    found = None
    for number, frame in enumerate(film.decode(stream)):
        if found is not None and (frame.time is None or frame.time > wanted + 0.0005):
            break
        found = frame
        if number > MOST_FRAMES:
            raise Mistake("frames", f"{time:g}")
    if found is None:
        raise Mistake("no_frame", f"{time:g}")
    if found.width * found.height > MOST_PIXELS:
        raise Mistake("pixels", f"{found.width} × {found.height}")
    return found


def smaller(frame: Any, wide: int) -> Any:
    """At most so wide, and twice as high; even numbers, which JPEG wants."""
    share = min(1.0, wide / frame.width, 2 * wide / frame.height)
    size = [max(2, int(side * share) // 2 * 2) for side in (frame.width, frame.height)]
    return frame.reformat(width=size[0], height=size[1], format="rgb24")


def sheet(av: Any, frames: list[Any]) -> Any:
    """All on one picture, row by row, with a white line between."""
    wide, high = max(frame.width for frame in frames) + 2, max(frame.height for frame in frames) + 2
    rows = -(-len(frames) // COLUMNS)
    canvas = bytearray(b"\xff" * (wide * COLUMNS * 3 * high * rows))
    for number, frame in enumerate(frames):
        left, top = number % COLUMNS * wide, number // COLUMNS * high
        plane = frame.planes[0]
        content, line = bytes(plane), plane.line_size
        for row in range(frame.height):
            at = ((top + row) * wide * COLUMNS + left) * 3
            canvas[at : at + frame.width * 3] = content[row * line : row * line + frame.width * 3]
    whole = av.VideoFrame(wide * COLUMNS, high * rows, "rgb24")
    plane = whole.planes[0]
    line = wide * COLUMNS * 3
    plane.update(b"".join(bytes(canvas[row * line : (row + 1) * line]).ljust(plane.line_size, b"\0") for row in range(high * rows)))
    return whole


def jpeg(av: Any, frame: Any) -> bytes:
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width // 2 * 2, frame.height // 2 * 2, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"qmin": "3", "qmax": "5"}
    plain = frame.reformat(width=encoder.width, height=encoder.height, format="yuvj420p")
    plain.pts = 0
    return b"".join(bytes(packet) for packet in [*encoder.encode(plain), *encoder.encode(None)])


def sound(av: Any, film: Any, start: float, end: float) -> dict[str, Any]:
    """What is heard from a second to another one, in one channel, as MP3."""
    if not film.streams.audio:
        raise Mistake("no_sound")
    stream = film.streams.audio[0]
    stream.codec_context.thread_count = 1
    begin = float((stream.start_time or 0) * stream.time_base)
    if start > 0:
        film.seek(int((begin + start) / stream.time_base), stream=stream, backward=True)
    kept = io.BytesIO()
    samples = 0
    with av.open(kept, "w", format="mp3") as out:
        track = out.add_stream("libmp3lame", rate=RATE)
        track.bit_rate, track.layout, track.format = BITS, "mono", "s16p"
        plain = av.AudioResampler(format="s16p", layout="mono", rate=RATE)

        def encode(frames: list[Any]) -> int:
            count = 0
            for each in frames:
                count += each.samples
                each.pts = None
                out.mux(track.encode(each))
            return count

        for frame in film.decode(stream):
            heard = (frame.time or 0.0) - begin
            if heard + frame.samples / frame.sample_rate <= start:
                continue
            if heard >= end or samples >= (end - start + 1) * RATE:
                break
            samples += encode(plain.resample(frame))
        samples += encode(plain.resample(None))
        out.mux(track.encode(None))
    return {"sound": base64.b64encode(kept.getvalue()).decode() if samples else "", "seconds": samples / RATE}


if __name__ == "__main__":
    main()
