"""What a model is told of context variables: their values in the place of {names}."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_PLACE = re.compile(r"\{([A-Za-z_]\w*)\}")

MAX_VALUE = 20_000
"""Characters of a value in a text."""


def filled_in(text: str, variables: Mapping[str, Any]) -> str:
    """The text with {name} replaced by the value of each variable that is set; everything else in braces stays as it is."""
    if not variables or "{" not in text:
        return text
    return _PLACE.sub(lambda found: _shown(variables[found[1]]) if found[1] in variables else found[0], text)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text[:MAX_VALUE]
