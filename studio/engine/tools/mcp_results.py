"""What an MCP server answers, as a tool's result: texts, data, and pictures as files of the run."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
import mimetypes
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from studio.engine.code.base import MAX_OUTPUT, FunctionResult
from studio.engine.code.calling import shortened
from studio.engine.code.work_folder import OutsideWorkFolder, write_file

MAX_FILES = 8
"""Pictures and sounds that are kept of one answer."""
MAX_FILE = 10_000_000
"""Bytes of one of them."""


async def result_of(content: Iterable[Any], structured: Any, is_error: bool, folder: Path) -> FunctionResult:
    """The blocks of an answer in order. `structured` counts only when there is no text: servers send both for the same."""
    texts: list[str] = []
    files: list[str] = []
    for block in content:
        match block.type:
            case "text":
                texts.append(block.text)
            case "image" | "audio":
                texts.append(await _kept(block.data, block.mime_type, folder, files))
            case "resource":
                texts.append(await resource_text(block.resource, folder, files))
            case "resource_link":
                texts.append(f"[resource {block.uri}: {block.title or block.name}]")
            case other:
                texts.append(f"[{other}]")
    if not any(text.strip() for text in texts) and structured is not None:
        texts = [json.dumps(structured, ensure_ascii=False, default=str)]
    output = _clean("\n".join(texts))
    if is_error and not output.strip():
        output = "The server says that it failed, and nothing else."
    return FunctionResult(shortened(output, MAX_OUTPUT), is_error, files=tuple(files))


async def resource_text(resource: Any, folder: Path, files: list[str]) -> str:
    """The contents of a resource: its text, or the name of the file that it was put into."""
    text = getattr(resource, "text", None)
    if isinstance(text, str):
        return text
    return await _kept(resource.blob, resource.mime_type or "application/octet-stream", folder, files)


async def _kept(data: str, mime_type: str, folder: Path, files: list[str]) -> str:
    what = "picture" if mime_type.startswith("image/") else "file"
    if len(files) >= MAX_FILES:
        return f"[one {what} more, left out: at most {MAX_FILES} are kept of one answer]"
    if len(data) > MAX_FILE * 4 // 3 + 4:
        return f"[{what} left out: it is larger than {MAX_FILE // 1_000_000} MB]"
    try:
        content = await asyncio.to_thread(base64.b64decode, data, validate=True)
    except (binascii.Error, ValueError):
        return f"[{what} left out: it cannot be decoded]"
    name = f"mcp-{hashlib.sha256(content).hexdigest()[:12]}{_ending(mime_type)}"
    try:
        await asyncio.to_thread(write_file, folder, PurePosixPath(name), content)
    except (OSError, OutsideWorkFolder):
        return f"[{what} left out: it could not be written into the work folder]"
    if name not in files:
        files.append(name)
    return f"[{what}: {name}]"


def _ending(mime_type: str) -> str:
    ending = mimetypes.guess_extension(mime_type.split(";")[0].strip()) or ".bin"
    return ending if re.fullmatch(r"\.[a-z0-9]{1,8}", ending) else ".bin"


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
