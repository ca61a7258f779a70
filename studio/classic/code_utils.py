"""Code in messages, as (language, code) pairs."""

from __future__ import annotations

from typing import Any

from studio.classic.messages import content_str
from studio.engine.code.fences import code_blocks
from studio.engine.code.languages import guessed_language

__all__ = ["UNKNOWN", "content_str", "extract_code", "infer_lang"]

UNKNOWN = "unknown"


def extract_code(text: Any) -> list[tuple[str, str]]:
    """The fenced blocks of a message; a message without any is one block of an unknown language."""
    content = content_str(text)
    blocks = code_blocks(content)
    return [(block.language, block.code) for block in blocks] or [(UNKNOWN, content)]


def infer_lang(code: str) -> str:
    """python, sh, or unknown. Nothing is executed."""
    return guessed_language(code) or UNKNOWN
