"""The function by which a program asks a person before each call of a tool."""

from __future__ import annotations

NAME = "asks_first"
WAITING = "asks_first_and_waits"
"""The same for functions that are coroutines."""

IMPORTS = ("import functools", "from collections.abc import Callable", "from typing import Any")
ASKS_FIRST = '''def asks_first(function: Callable[..., str]) -> Callable[..., str]:
    """Let a person agree to every call of a tool."""

    @functools.wraps(function)
    def asked(*args: Any, **kwargs: Any) -> str:
        answer = input(f"May {function.__name__} be called with {kwargs}? (yes / no) ")
        if answer.strip().lower() in ("y", "yes"):
            return function(*args, **kwargs)
        return "A person refused this call."

    return asked'''

WAITS_FIRST = (
    ASKS_FIRST.replace(f"def {NAME}(", f"def {WAITING}(")
    .replace("Callable[..., str]", "Callable[..., Awaitable[str]]")
    .replace("    def asked(", "    async def asked(")
    .replace("return function(", "return await function(")
)
WAITING_IMPORTS = (*IMPORTS, "from collections.abc import Awaitable")
