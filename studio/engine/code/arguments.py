"""Reading the arguments of a call from what a model wrote: JSON, with the small repairs that models need."""

from __future__ import annotations

import json
import re
from typing import Any

from studio.engine.code.calling import BadArguments, shown

MAX_ARGUMENTS = 1_000_000
"""Characters of JSON that one call may carry."""

_SPARE_COMMA = re.compile(r'("(?:[^"\\]|\\.)*(?:"|\\?\Z))|,(?=\s*[}\]])', re.DOTALL)
"""A whole string, which is kept (also one without an end: looking for its end again and again would take for ever), or a comma that
nothing follows."""


def read_arguments(text: str) -> dict[str, Any]:
    """The JSON object in `text`. Raw line ends and tabs inside strings are taken as meant, commas before a closing bracket and a
    code fence around it are passed over; nothing at all is no arguments.

    Raises BadArguments with a sentence that tells a model what to send instead.
    """
    if not text.strip():
        return {}
    if len(text) > MAX_ARGUMENTS:
        raise BadArguments(f"The arguments are too long: {len(text):,} characters, at most {MAX_ARGUMENTS:,} are taken.")
    try:
        value = _repaired(text)
        if isinstance(value, str):
            value = _repaired(value)
    except (ValueError, RecursionError) as mistake:
        raise BadArguments(f"The arguments are not valid JSON ({_why(mistake)}). Send one JSON object.") from None
    if not isinstance(value, dict):
        raise BadArguments(f"The arguments must be one JSON object, but are {shown(value)}. Send a JSON object.")
    return value


def _repaired(text: str) -> Any:
    try:
        return _loads(text)
    except ValueError:
        plain = text.strip()
        if plain.startswith("```") and plain.endswith("```"):
            plain = plain[3:-3].removeprefix("json")
        return _loads(_SPARE_COMMA.sub(lambda found: found[1] or "", plain))


def _loads(text: str) -> Any:
    return json.loads(text, strict=False, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _why(mistake: BaseException) -> str:
    if isinstance(mistake, json.JSONDecodeError):
        return f"{mistake.msg}, line {mistake.lineno}, column {mistake.colno}"
    return "nested too deeply" if isinstance(mistake, RecursionError) else str(mistake).split(";")[0]
