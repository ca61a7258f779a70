"""What a missing optional library becomes: a sentence that says what to install."""

from __future__ import annotations

import importlib.util

from studio.engine.errors import ModelError


class LibraryMissing(ModelError):
    code = "library_missing"

    def __init__(self, what: str, extra: str, account: str) -> None:
        super().__init__(
            f"{what} needs a library that is not installed.", f"Install it: pip install 'convene-studio[{extra}]'", account=account
        )


def require(library: str, what: str, extra: str, account: str) -> None:
    """Nothing when `library` can be imported; it is only looked for. Raises LibraryMissing."""
    try:
        found = importlib.util.find_spec(library) is not None
    except ModuleNotFoundError:
        found = False
    if not found:
        raise LibraryMissing(what, extra, account)
