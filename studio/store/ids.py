"""Names for rows: short, random, safe in a URL and as a folder's name."""

from __future__ import annotations

import secrets
import string

_LETTERS = string.ascii_lowercase + string.digits


def new_id() -> str:
    """Twelve random letters and digits (62 bits)."""
    return "".join(secrets.choice(_LETTERS) for _ in range(12))
