"""What a missing optional library becomes: a sentence that says what to install."""

from __future__ import annotations

import importlib.util
from typing import Literal

from studio.engine.errors import ModelError
from studio.texts import text


class LibraryMissing(ModelError):
    code = "library_missing"

    def __init__(self, extra: str, account: str) -> None:
        super().__init__(text(f"engine.library_missing.{extra}"), text("engine.library_missing.remedy", extra=extra), account=account)


def require(library: str, extra: Literal["anthropic", "gemini"], account: str) -> None:
    """Nothing when `library`, which comes with `extra`, can be imported; it is only looked for. Raises LibraryMissing."""
    try:
        found = importlib.util.find_spec(library) is not None
    except ModuleNotFoundError:
        found = False
    if not found:
        raise LibraryMissing(extra, account)
