"""What models have answered in a step and no event has counted yet: where the step fails or is broken off, it is counted all the same."""

from __future__ import annotations

from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field

from studio.engine.usage import Usage

NOT_USED = "not_used"
"""The code of the notice that counts an answer of which nothing came."""


@dataclass(frozen=True, slots=True)
class Item:
    """An answer's usage, and the model whose it was. `answer` is the object that it came in: passed on by several, it is owed once."""

    usage: Usage
    model: str
    answer: object


@dataclass(slots=True)
class Bill:
    """What is owed. Everybody who works for one step, at whatever depth, writes on the same one."""

    owed: list[Item] = field(default_factory=list)

    def settle(self, usage: Usage) -> None:
        """An event counts so much: the item that is just as much, else as many as it covers."""
        if not usage.calls:
            return
        left = _size(usage)
        for place, item in enumerate(self.owed):
            if _size(item.usage) == left:
                del self.owed[place]
                return
        for item in list(self.owed):
            if all(size <= room for size, room in zip(_size(item.usage), left, strict=True)):
                left = tuple(room - size for size, room in zip(_size(item.usage), left, strict=True))
                self.owed.remove(item)


_current: ContextVar[Bill | None] = ContextVar("bill", default=None)


class _Billing:
    """What `contextmanager` would make of a generator, for what every step goes through."""

    __slots__ = ("_token",)

    def __enter__(self) -> Bill:
        bill = Bill()
        self._token = _current.set(bill)
        return bill

    def __exit__(self, *error: object) -> None:
        _current.reset(self._token)


def billed() -> AbstractContextManager[Bill]:
    """The bill of a step; tasks that are made within it write on it too."""
    return _Billing()


def owe(usage: Usage, model: str, answer: object) -> None:
    """A model has answered; until an event counts it, it is owed. Whoever passes the same answer on may say so again."""
    bill = _current.get()
    if bill is not None and usage.calls and not (bill.owed and any(item.answer is answer for item in bill.owed)):
        bill.owed.append(Item(usage, model, answer))


def settle(usage: Usage) -> None:
    """An event of the log counts so much of what is owed."""
    bill = _current.get()
    if bill is not None and bill.owed:
        bill.settle(usage)


def _size(usage: Usage) -> tuple[int, ...]:
    return usage.calls, usage.prompt_tokens, usage.completion_tokens
