"""The conversations that come with the engine, for the practice model to play."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).parent / "recordings"

Recording = Literal[
    "",
    "answers-with-sources",
    "article-in-chats",
    "blind-review",
    "board-of-advisers",
    "brainstorm",
    "coder-and-executor",
    "customer-service",
    "data-question",
    "debate",
    "editor-with-specialists",
    "engineering-team",
    "experts-on-call",
    "field-trip",
    "help-line",
    "press-release",
    "release-notes",
    "research-with-tools",
    "support-desk",
    "translation-check",
    "writing-room",
]
"""Each is a file in the folder; "" is none."""


@cache
def recorded(recording: Recording) -> Mapping[str, tuple[Any, ...]]:
    """What everybody says in a recording, by name and in order; nothing for "". The replies are shared: do not change them."""
    if not recording:
        return {}
    script = json.loads((FOLDER / f"{recording}.json").read_text("utf-8"))
    return {name: tuple(replies) for name, replies in script.items()}
