"""Pieces of a script as a whole: whether something lies within them is looked up, however many there are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable


class Spans:
    """Pieces of a script, those that overlap as one."""

    def __init__(self, pieces: Iterable[tuple[int, int]]) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        for start, end in sorted(pieces):
            if self.ends and start <= self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            else:
                self.starts.append(start)
                self.ends.append(end)

    def hold(self, start: int, end: int) -> bool:
        """Whether something lies within one of them."""
        at = bisect_right(self.starts, start) - 1
        return at >= 0 and end <= self.ends[at]
