"""Where names of a script live, and how much a reading may do before it is cut off."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from studio.formats.python_reading.values import Imported, weight

MAX_STEPS = 100_000
"""Expressions and statements that one reading looks at, repeats of loops and calls included."""

MAX_CALLS = 25
"""Functions of the script within one another."""

MAX_NESTING = 160
"""Expressions within expressions, through all calls: it bounds Python's own stack."""

MAX_ITEMS = 20_000
"""Of one list or dictionary."""

MAX_BITS = 4_096
"""Of a whole number: Python itself writes none out that has some thousand digits."""

MAX_LOOKED = 2_000_000
"""Values in lists that are worked with, each time anew; a text counts one for every hundred characters."""

MAX_TEXT = 1_000_000
"""Characters of one text that is put together."""

MAX_WRITTEN = 10_000_000
"""Characters of all texts that are put together."""


class OutOfSteps(Exception):
    """The reading is cut off: the script would go on for too long."""


class Left(Exception):
    """A function returns or raises: what it gives, and whether that is certain."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Broken(Exception):
    """A loop is left, or goes on with its next round."""

    def __init__(self, ends: bool) -> None:
        self.ends = ends


class Unsure(Exception):
    """A function is left where nobody knows whether that would be reached: what follows counts as well."""


@dataclass(slots=True)
class Budget:
    """What is left of a reading."""

    steps: int = MAX_STEPS
    written: int = MAX_WRITTEN
    looked: int = MAX_LOOKED
    nesting: int = 0

    def step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise OutOfSteps

    def look(self, *values: Any) -> None:
        """Something is worked out of values, which goes through all that is in them. Raises OutOfSteps."""
        for value in values:
            if isinstance(value, str):
                self.looked -= len(value) // 100
            elif isinstance(value, (list, tuple, set, dict)):
                self.looked -= weight(value)
        if self.looked < 0:
            raise OutOfSteps

    def write(self, size: int) -> bool:
        """Whether a text of so many characters may be put together."""
        if size > MAX_TEXT or size > self.written:
            return False
        self.written -= size
        return True


@dataclass(eq=False, slots=True)
class Scope:
    """Names and what they are worth. `around` is where a function was written; `outer` the names that belong there."""

    names: dict[str, Any] = field(default_factory=dict)
    around: Scope | None = None
    outer: set[str] = field(default_factory=set)
    is_class: bool = False

    def find(self, name: str) -> tuple[bool, Any]:
        """Whether a name is known, and its value."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names and (scope is self or not scope.is_class):
                return True, scope.names[name]
            scope = scope.around
        return False, None

    def set(self, name: str, value: Any) -> None:
        scope: Scope = self
        if name in self.outer:
            while scope.around is not None and (scope is self or name not in scope.names):
                scope = scope.around
        scope.names[name] = value


BUILTIN = frozenset(
    "abs all any bool bytes callable chr dict dir enumerate Exception filter float format frozenset getattr hasattr hash id input int "
    "isinstance issubclass iter len list map max min next object open ord pow print property range repr reversed round set setattr "
    "slice sorted staticmethod classmethod str sum super tuple type vars zip ValueError KeyError RuntimeError TypeError ImportError "
    "NotImplementedError KeyboardInterrupt FileNotFoundError StopIteration AttributeError display quit exit".split()
)


def builtin(name: str) -> Imported | None:
    return Imported(f"builtins.{name}") if name in BUILTIN else None
