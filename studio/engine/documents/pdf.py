"""The text of a PDF, page by page, read in a process of its own: what a file does to its reader stays there, and ends in time."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec

from studio.engine.documents.document import DocumentUnusable
from studio.texts import text

TIME_LIMIT = 60.0
"""Seconds for a whole document."""

MOST_PAGES = 3_000
MEMORY = 1024 * 1024 * 1024
"""Bytes that the reader may take."""


def pages_of(name: str, content: bytes) -> list[str]:
    """One text a page. Blocks. Raises DocumentUnusable, also where the library that reads PDF is not installed."""
    if find_spec("pypdf") is None:
        raise DocumentUnusable(name, text("engine.document.pypdf_missing"), text("engine.document.pypdf_missing.remedy"))
    try:
        reader = subprocess.run(
            [sys.executable, "-I", "-c", _READER, str(MOST_PAGES), str(MEMORY)],
            input=content,
            capture_output=True,
            timeout=TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        why = text("engine.document.reading_too_slow", seconds=f"{TIME_LIMIT:.0f}")
        raise DocumentUnusable(name, why, text("engine.document.take_part")) from None
    except OSError as problem:
        raise DocumentUnusable(name, text("engine.document.reader_not_started", error=problem.strerror or problem)) from None
    try:
        answer = json.loads(reader.stdout)
        if "pages" in answer:
            return [str(page) for page in answer["pages"]]
        locked = answer.get("locked")
        why = text("engine.document.locked") if locked else text("engine.document.no_pdf", error=str(answer["broken"])[:100])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        why = text("engine.document.reader_broke_off")
    raise DocumentUnusable(name, why)


_READER = """
import io, json, logging, sys
most, memory = int(sys.argv[1]), int(sys.argv[2])
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
except (ImportError, ValueError, OSError):
    pass
logging.disable(logging.CRITICAL)
try:
    import pypdf
    reader = pypdf.PdfReader(io.BytesIO(sys.stdin.buffer.read()))
    if reader.is_encrypted and not reader.decrypt(""):
        answer = {"locked": True}
    else:
        pages, size = [], 0
        for page in reader.pages[:most]:
            pages.append(page.extract_text() or "")
            size += len(pages[-1])
            if size > 5_000_000:
                break
        answer = {"pages": pages}
except Exception as problem:
    answer = {"broken": type(problem).__name__}
json.dump(answer, sys.stdout)
"""
