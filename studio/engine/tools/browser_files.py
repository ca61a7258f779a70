"""Files between pages and the folder of the run, where that is allowed: what pages offer is kept, what they ask for is lent."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from studio.engine.code.work_folder import MAX_SIZE, OutsideWorkFolder, folder_size, write_file
from studio.engine.tools.browser_view import clean
from studio.engine.tools.own_functions import CallFailed
from studio.engine.tools.run_folder import RunFolder

if TYPE_CHECKING:
    from playwright.async_api import Download

MAX_DOWNLOAD = 50_000_000
"""Bytes of a file that is kept."""

MAX_LENT = 50_000_000
"""Bytes of a file that a page is given."""

_UNSAFE = re.compile(r"[^\w.-]+")


def lent(files: RunFolder, name: str, place: Path | None) -> Path:
    """A copy of a file of the run's folder in a place that only the browser has, with its own name. Blocks. Raises CallFailed.

    What the browser reads is the copy: nobody puts a link in its place meanwhile.
    """
    if place is None:
        raise CallFailed("Files may not be given to pages.")
    with files.opened(name) as handle:
        size = os.fstat(handle).st_size
        if size > MAX_LENT:
            raise CallFailed(f"'{name}' is too large to be given to a page: {size:,} bytes.")
        with os.fdopen(os.dup(handle), "rb") as file:
            content = file.read(MAX_LENT + 1)
    copy = Path(tempfile.mkdtemp(dir=place)) / PurePosixPath(name.strip()).name
    copy.write_bytes(content[:MAX_LENT])
    return copy


async def kept(download: Download, folder: Path, kept_in: str | None) -> tuple[str, str]:
    """What became of a file, for a model, and its name in the run's folder; the name is empty where it is not kept.

    `kept_in` is where in the folder files go, None for nowhere.
    """
    name = _UNSAFE.sub("_", download.suggested_filename).strip("._")[-100:] or "file"
    path = PurePosixPath(kept_in or "", name)
    if kept_in is None:
        return f"The page offered the file '{name}', which is not kept: downloads are not allowed.", ""
    try:
        place = Path(await download.path())
        size = (await asyncio.to_thread(place.stat)).st_size
        if size > MAX_DOWNLOAD or await asyncio.to_thread(folder_size, folder) + size > MAX_SIZE:
            return f"The file '{name}' is too large to be kept: {size:,} bytes.", ""
        content = await asyncio.to_thread(place.read_bytes)
        await asyncio.to_thread(write_file, folder, path, content)
    except (OSError, OutsideWorkFolder):
        return f"The file '{name}' could not be kept.", ""
    except Exception as mistake:
        return f"The file '{name}' could not be fetched: {clean(str(mistake).splitlines()[0], 200)}.", ""
    finally:
        with contextlib.suppress(Exception):
            await download.delete()
    return f"The file is kept as {path} ({size:,} bytes).", str(path)
