"""Stops when the conversation goes round in circles: empty, thankful or nearly identical messages."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.conditions.condition import Condition, Met, Progress
from studio.texts import counted

_THANKS = re.compile(
    r"\b(thanks|thank you|you'?re welcome|my pleasure|glad (?:i|to)|happy to help|good ?bye|bye|take care|have a (?:great|good|nice)|"
    r"great job|well done|let me know if|feel free|looking forward|cheers)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_LONG = 30
"""Different words from which on a message says more than thanks."""


class LoopDetector(Condition):
    """Remembers the words of the last messages; the complaints behind it: AutoGen issues 254, 108, 907 and its FAQ on gratitude loops.

    Two messages are alike when the words that both have are at least `alike` of the words that either has (Jaccard's index).
    """

    kind: ClassVar[str] = "loop_detector"
    title: ClassVar[str] = "Going in circles"
    summary: ClassVar[str] = "When messages repeat, say nothing or only thanks"

    turns: Annotated[int, Field(title="Messages in a row", description="That bring nothing new.", ge=2, le=50)] = 3
    alike: Annotated[
        float,
        Field(title="Alike", description="Share of common words from which two messages count as the same.", ge=0.5, le=1),
        Widget("", advanced=True),
    ] = 0.9
    look_back: Annotated[
        int, Field(title="Compared with", description="So many messages before it.", ge=1, le=50), Widget("", advanced=True)
    ] = 6

    def observe(self, progress: Progress, memory: Any) -> tuple[Any, Met | None]:
        before, stale, why = memory or ((), 0, "")
        for event in progress.new:
            if event.type in ("tool_calls", "code_result"):
                before, stale = (), 0
            if event.type != "message" or event.role in ("task", "human", "code"):
                continue
            words = frozenset(_WORD.findall(event.text.casefold()))
            empty = self._why(event.text, words, before)
            stale, why = (stale + 1, empty) if empty else (0, "")
            before = (*before, words)[-self.look_back :]
        met = Met(counted(why, stale), self.kind) if stale >= self.turns else None
        return (before, stale, why), met

    def _why(self, said: str, words: frozenset[str], before: tuple[frozenset[str], ...]) -> str:
        """The text that says what is wrong with a message, by its key; empty when it brings something new."""
        if not words:
            return "engine.stop.circles_silent"
        if len(words) < _LONG and _THANKS.search(said) and "?" not in said and "```" not in said:
            return "engine.stop.circles_thanks"
        if any(len(words & other) >= self.alike * len(words | other) for other in before):
            return "engine.stop.circles_same"
        return ""
