"""Numbers of foreign files and the bounds of our fields: what is beyond them becomes the bound, and is told."""

from __future__ import annotations

import math
from typing import Any

from studio.engine.component import Component
from studio.flow.kinds import parts


def nearest(component: type[Component] | None, field: str, value: Any) -> int | float | None:
    """The bound of a field that a number goes beyond; None for a number within it, and for what is no number."""
    part = parts(component).get(field) if component is not None else None
    if part is None:
        return None
    least = next((each.ge for each in part.info.metadata if hasattr(each, "ge")), None)
    most = next((each.le for each in part.info.metadata if hasattr(each, "le")), None)
    return beyond(value, least, most)


def beyond(value: Any, least: Any, most: Any) -> int | float | None:
    """The bound that a number goes beyond, as a number of its type; None within both, for none, and for what is no number."""
    if not isinstance(value, int | float) or isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    for bound, is_beyond in ((least, least is not None and value < least), (most, most is not None and value > most)):
        if is_beyond:
            return type(value)(bound)
    return None
