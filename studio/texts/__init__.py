"""The one message catalogue: every text that a person sees, by key."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def catalogue(language: str = "en") -> dict[str, str]:
    """All texts of a language by key. Raises FileNotFoundError for a language that is not shipped."""
    texts: dict[str, str] = json.loads((Path(__file__).parent / f"{language}.json").read_text("utf-8"))
    return texts


def text(key: str, /, **facts: Any) -> str:
    """The text of a key with its placeholders filled in. Raises KeyError for a key that is not in the catalogue."""
    return catalogue()[key].format(**facts) if facts else catalogue()[key]


def counted(key: str, count: int, /, **facts: Any) -> str:
    """The text for `count` things, `key.one` or `key.other`: what `counted` of the pages' texts does. Raises KeyError."""
    single = count == 1 and f"{key}.one" in catalogue()
    return text(f"{key}.one" if single else f"{key}.other", **{"count": count, **facts})
