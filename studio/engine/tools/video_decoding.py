"""Looking into a video of the run's folder: its facts, its pictures and its sound, by a process that ends in time and opens nothing."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import importlib.util
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.engine.errors import ConveneError
from studio.engine.tools.own_functions import CallFailed
from studio.engine.tools.run_folder import RunFolder
from studio.texts import text

MEMORY = 2 * 1024 * 1024 * 1024
"""Bytes that the process may take."""
LARGEST = 1024 * 1024 * 1024
"""Bytes of a video."""
LARGEST_ANSWER = 64 * 1024 * 1024
MOST_PICTURES = 9
"""Pictures that are taken at once."""

_PROGRAM = Path(__file__).with_name("video_program.py")


class VideoMissing(ConveneError):
    """What decodes videos is not installed."""

    code = "library_missing"

    def __init__(self) -> None:
        super().__init__(text("engine.video.library_missing"), text("engine.video.library_missing.remedy"))


def installed() -> bool:
    """Whether videos can be decoded here; the library is only looked for."""
    return importlib.util.find_spec("av") is not None


@dataclass(frozen=True, slots=True)
class Sound:
    """A part of what is heard, as MP3 in one channel, and how many seconds it lasts."""

    content: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Film:
    """A file of the run's folder with pictures, sound or both. `seconds` is how long one look may take.

    Every function raises VideoMissing, and CallFailed with a sentence for the model that called.
    """

    files: RunFolder
    name: str
    seconds: float

    async def facts(self) -> dict[str, Any]:
        """`seconds`, `format`, `pictures` with codec, width, height and rate, `sound` with codec, rate and channels; either may be None."""
        facts: dict[str, Any] = (await self._asked({"what": "facts"}))["facts"]
        return facts

    async def pictures(self, times: list[float]) -> list[bytes]:
        """What is shown at these seconds, as JPEG: one a time up to two, all of them on one sheet where they are more."""
        answer = await self._asked({"what": "pictures", "times": times})
        return [base64.b64decode(each) for each in answer["pictures"]]

    async def sound(self, start: float, end: float) -> Sound:
        """What is heard between two seconds; nothing where it is over before."""
        answer = await self._asked({"what": "sound", "start": start, "end": end})
        return Sound(base64.b64decode(answer["sound"]), min(float(answer["seconds"]), end - start))

    async def _asked(self, order: dict[str, Any]) -> dict[str, Any]:
        if not installed():
            raise VideoMissing
        with self.files.opened(self.name) as handle:
            size = os.fstat(handle).st_size
            if size > LARGEST:
                raise CallFailed(f"'{self.name}' is too large to be looked into: {size:,} bytes.")
            answer = await self._answered(handle, order)
        try:
            told = json.loads(answer)
        except (ValueError, RecursionError):
            told = {"mistake": "broke_off"}
        if not isinstance(told, dict) or "mistake" in told:
            raise self._failed(told if isinstance(told, dict) else {})
        return told

    async def _answered(self, handle: int, order: dict[str, Any]) -> bytes:
        """What the process says. It is ended where it takes too long or says too much, and where nobody waits any more."""
        limits = {"memory": MEMORY, "seconds": int(self.seconds) + 1}
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                str(_PROGRAM),
                json.dumps(order | limits),
                stdin=handle,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=1024 * 1024,
            )
        except OSError as problem:
            raise CallFailed(f"What looks into videos cannot be started: {problem.strerror or problem}.") from None
        assert process.stdout is not None
        answer = bytearray()
        try:
            async with asyncio.timeout(self.seconds):
                while part := await process.stdout.read(1024 * 1024):
                    answer += part
                    if len(answer) > LARGEST_ANSWER:
                        raise CallFailed(f"'{self.name}' gives more than can be taken.", "Ask for a shorter part.")
                await process.wait()
        except TimeoutError:
            raise CallFailed(f"Timed out: '{self.name}' could not be looked into within {self.seconds:g} s.", "Ask for less.") from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        return bytes(answer)

    def _failed(self, told: dict[str, Any]) -> CallFailed:
        detail = str(told.get("detail", ""))[:60]
        match told.get("mistake"):
            case "no_video":
                return CallFailed(f"'{self.name}' is no video and no sound that can be read, or it is broken.")
            case "no_pictures":
                return CallFailed(f"'{self.name}' has no pictures, only sound.")
            case "no_sound":
                return CallFailed(f"'{self.name}' has no sound.")
            case "beyond":
                return CallFailed(f"'{self.name}' is {detail} seconds long.", "Ask for a time within it.")
            case "no_frame":
                return CallFailed(f"'{self.name}' shows nothing at {detail} s.", "Ask for an earlier time.")
            case "pixels":
                return CallFailed(f"The pictures of '{self.name}' are too large: {detail} pixels.")
            case "frames":
                return CallFailed(f"'{self.name}' has no whole picture near {detail} s.", "Ask for another time.")
            case "memory":
                return CallFailed(f"'{self.name}' takes more memory than there is for it.")
            case _:
                return CallFailed(f"'{self.name}' cannot be decoded there: it is broken or of an unknown kind.")
