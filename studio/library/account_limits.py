"""How often a model account may be asked, as it is entered and kept."""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass
from typing import Self

from studio.library.errors import AccountInvalid
from studio.texts import text

MOST = 1_000_000_000

FIELDS = ("requests_per_minute", "tokens_per_minute", "requests_at_once")


@dataclass(frozen=True, slots=True)
class AccountLimits:
    """Limits that all runs share; 0 is none."""

    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    requests_at_once: int = 0

    def __post_init__(self) -> None:
        """Raises AccountInvalid, which names the field."""
        for name, value in zip(FIELDS, astuple(self), strict=True):
            if not 0 <= value <= MOST:
                raise _odd(name)

    @classmethod
    def entered(cls, requests_per_minute: str = "", tokens_per_minute: str = "", requests_at_once: str = "") -> Self:
        """What a person typed: whole numbers, "60,000" and "60 000" too; nothing is no limit. Raises AccountInvalid."""
        typed = zip(FIELDS, (requests_per_minute, tokens_per_minute, requests_at_once), strict=True)
        return cls(*(_number(name, value) for name, value in typed))


NO_LIMITS = AccountLimits()


def _number(name: str, typed: str) -> int:
    digits = re.sub(r"[\s,_]", "", typed)
    if not digits:
        return 0
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(MOST))):
        raise _odd(name)
    return int(digits)


def _odd(name: str) -> AccountInvalid:
    return AccountInvalid(name, text("accounts.limit_odd"), text("accounts.limit_odd.remedy"))
