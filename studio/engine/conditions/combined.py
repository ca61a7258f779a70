"""Stop rules made of stop rules: any of them, or all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.conditions.condition import Condition, Met, Progress
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.agents.agent import Perform


class AnyOf(Condition):
    kind: ClassVar[str] = "any_of"
    title: ClassVar[str] = "Any of"
    summary: ClassVar[str] = "When one of several rules is met"

    conditions: Annotated[tuple[Condition, ...], Field(title="Rules", min_length=1)]

    def observe(self, progress: Progress, memory: Any) -> tuple[Any, Met | None]:
        memories, met = _observe_all(self.conditions, progress, memory)
        now = [each for each in met if each is not None]
        if not now:
            return memories, None
        return memories, Met("; ".join(each.reason for each in now), now[0].by)

    def seconds_left(self, progress: Progress, memory: Any) -> float | None:
        memories = memory or (None,) * len(self.conditions)
        left = [rule.seconds_left(progress, part) for rule, part in zip(self.conditions, memories, strict=True)]
        return min((seconds for seconds in left if seconds is not None), default=None)

    def pending(self, memory: Any, thread: Sequence[Any], source: str) -> Perform | None:
        return _first_pending(self.conditions, memory, thread, source)


class AllOf(Condition):
    """Each rule is remembered once it was met; they need not be met at the same moment."""

    kind: ClassVar[str] = "all_of"
    title: ClassVar[str] = "All of"
    summary: ClassVar[str] = "When all of several rules were met"

    conditions: Annotated[tuple[Condition, ...], Field(title="Rules", min_length=1)]

    def observe(self, progress: Progress, memory: Any) -> tuple[Any, Met | None]:
        parts, remembered = memory or (None, (None,) * len(self.conditions))
        parts, met = _observe_all(self.conditions, progress, parts)
        remembered = tuple(before or now for before, now in zip(remembered, met, strict=True))
        reasons = [each.reason for each in remembered if each is not None]
        if len(reasons) < len(remembered):
            return (parts, remembered), None
        return (parts, remembered), Met(_together(reasons), self.kind)

    def seconds_left(self, progress: Progress, memory: Any) -> float | None:
        parts, remembered = memory or ((None,) * len(self.conditions), (None,) * len(self.conditions))
        waiting = [(rule, part) for rule, part, met in zip(self.conditions, parts, remembered, strict=True) if met is None]
        left = [rule.seconds_left(progress, part) for rule, part in waiting]
        timed = [seconds for seconds in left if seconds is not None]
        return max(timed) if timed and len(timed) == len(left) else None

    def pending(self, memory: Any, thread: Sequence[Any], source: str) -> Perform | None:
        parts, remembered = memory or (None, (None,) * len(self.conditions))
        waiting = tuple(None if met else part for part, met in zip(parts or remembered, remembered, strict=True))
        return _first_pending(self.conditions, waiting, thread, source)


def _together(reasons: Sequence[str]) -> str:
    whole = reasons[0]
    for reason in reasons[1:]:
        whole = text("engine.stop.and", first=whole, second=reason)
    return whole


def _first_pending(conditions: tuple[Condition, ...], memory: Any, thread: Sequence[Any], source: str) -> Perform | None:
    memories = memory or (None,) * len(conditions)
    wanted = (rule.pending(part, thread, source) for rule, part in zip(conditions, memories, strict=True))
    return next((each for each in wanted if each is not None), None)


def _observe_all(conditions: tuple[Condition, ...], progress: Progress, memory: Any) -> tuple[tuple[Any, ...], tuple[Met | None, ...]]:
    seen = [rule.observe(progress, part) for rule, part in zip(conditions, memory or (None,) * len(conditions), strict=True)]
    return tuple(part for part, _ in seen), tuple(met for _, met in seen)
