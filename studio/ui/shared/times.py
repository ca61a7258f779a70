"""Moments and durations as pages pass them on."""

from __future__ import annotations

from datetime import datetime


def iso(moment: datetime | None) -> str:
    """ISO 8601 with the time zone; "" for no moment."""
    return "" if moment is None else moment.isoformat()


def lasted(seconds: float | None) -> str:
    """`0:41`, `1:02:03`; "" when it is not known."""
    if seconds is None:
        return ""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
