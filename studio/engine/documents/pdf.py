"""The text of a PDF, page by page, read in a process of its own: what a file does to its reader stays there, and ends in time."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec

from studio.engine.documents.document import DocumentUnusable

TIME_LIMIT = 60.0
"""Seconds for a whole document."""

MOST_PAGES = 3_000
MEMORY = 1024 * 1024 * 1024
"""Bytes that the reader may take."""


def pages_of(name: str, content: bytes) -> list[str]:
    """One text a page. Blocks. Raises DocumentUnusable, also where the library that reads PDF is not installed."""
    if find_spec("pypdf") is None:
        raise DocumentUnusable(name, "reading PDF needs the package pypdf", "Install it with: pip install 'convene-studio[pdf]'")
    try:
        reader = subprocess.run(
            [sys.executable, "-I", "-c", _READER, str(MOST_PAGES), str(MEMORY)],
            input=content,
            capture_output=True,
            timeout=TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DocumentUnusable(name, f"reading it takes more than {TIME_LIMIT:.0f} s", "Take a part of it.") from None
    except OSError as problem:
        raise DocumentUnusable(name, f"its reader could not be started ({problem.strerror or problem})") from None
    try:
        answer = json.loads(reader.stdout)
        pages = [str(page) for page in answer["pages"]] if "pages" in answer else None
        why = str(answer.get("why", ""))[:300]
    except (ValueError, TypeError, AttributeError, RecursionError):
        pages, why = None, "its reader broke off"
    if pages is None:
        raise DocumentUnusable(name, why or "it could not be read")
    return pages


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
        answer = {"why": "it is locked by a password"}
    else:
        pages, size = [], 0
        for page in reader.pages[:most]:
            pages.append(page.extract_text() or "")
            size += len(pages[-1])
            if size > 5_000_000:
                break
        answer = {"pages": pages}
except Exception as problem:
    answer = {"why": "it is no PDF that can be read (" + type(problem).__name__ + ")"}
json.dump(answer, sys.stdout)
"""
