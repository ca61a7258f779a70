"""When a conversation is over: pure rules over what was said, combined with & and |."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from studio.engine.component import Component
from studio.engine.usage import NOTHING, Usage

if TYPE_CHECKING:
    from studio.engine.agents.agent import Perform


@dataclass(frozen=True, slots=True)
class Progress:
    """What a condition sees after every step: the events since it was asked last, and the totals of this task.

    `elapsed` is in seconds since the task was given, without the time that people took to answer. `messages` and `turns`
    count this task's, without the task itself; `tasks` is 1 when the task was said.
    """

    new: Sequence[Any]
    messages: int = 0
    tasks: int = 0
    turns: int = 0
    usage: Usage = NOTHING
    elapsed: float = 0.0


@dataclass(frozen=True, slots=True)
class Met:
    """A condition that is met: a sentence, and the kind of the rule."""

    reason: str
    by: str


class Condition(Component):
    """A stop rule. Stateless: what has to be remembered between steps is the `memory` value, kept by the fold."""

    category: ClassVar[str] = "condition"

    def observe(self, progress: Progress, memory: Any) -> tuple[Any, Met | None]:
        """The memory to keep, and whether the rule is met now. `memory` is None at the start of a task."""
        return None, self.check(progress)

    def check(self, progress: Progress) -> Met | None:
        raise NotImplementedError

    def seconds_left(self, progress: Progress, memory: Any) -> float | None:
        """After how many seconds at the latest the rule has to be asked again; None when time does not matter to it."""
        return None

    def pending(self, memory: Any, thread: Sequence[Any], source: str) -> Perform | None:
        """What must be found out before the rule can be asked again; its events are what `observe` sees next."""
        return None

    def __or__(self, other: Condition) -> Condition:
        from studio.engine.conditions.combined import AnyOf

        return AnyOf(conditions=(*_parts(self, AnyOf), *_parts(other, AnyOf)))

    def __and__(self, other: Condition) -> Condition:
        from studio.engine.conditions.combined import AllOf

        return AllOf(conditions=(*_parts(self, AllOf), *_parts(other, AllOf)))


def _parts(condition: Condition, combination: type) -> tuple[Condition, ...]:
    return condition.conditions if type(condition) is combination else (condition,)  # type: ignore[attr-defined]
