"""How often an account may be asked: requests and tokens a minute, and requests at once, shared by everybody in the process who uses it."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from studio.engine.errors import ModelUnavailable
from studio.engine.models.at_once import Claim, Places
from studio.engine.models.base import Account, Told
from studio.texts import text

MINUTE = 60.0

LONGEST_TURN = 300.0
"""Seconds that a request waits for its turn; one that would wait longer fails at once."""

WORTH_TELLING = 0.5
"""Seconds from which on a wait is told."""

MOST_ACCOUNTS = 256
"""Accounts whose last minute is remembered."""


@dataclass(slots=True)
class Turn:
    """A request's place in the last minute, or in the next ones: `at` in seconds of the monotonic clock.

    Who has taken it ends it when the request is over.
    """

    at: float
    tokens: int
    rate: Rate | None = None
    claim: Claim | None = None

    def end(self) -> None:
        """The request is over: another one may be under way in its stead."""
        if self.rate is not None and self.claim is not None:
            self.rate.places.leave(self.claim)
            self.claim = None


@dataclass(slots=True)
class Rate:
    """The requests of one account within a minute. Safe for several threads; 0 is no limit."""

    requests: int = 0
    tokens: int = 0
    places: Places = field(default_factory=Places)
    _turns: list[Turn] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reserve(self, tokens: int, now: float) -> Turn:
        """The first turn, not before anybody else's, at which the minute before it has room for a request of so many tokens.

        A request that is larger than a whole minute's tokens gets a minute of its own.
        """
        with self._lock:
            self._turns = [turn for turn in self._turns if turn.at > now - MINUTE]
            turns = self._turns
            at = max(now, turns[-1].at) if turns else now
            if self.requests and len(turns) >= self.requests:
                at = max(at, turns[-self.requests].at + MINUTE)
            if self.tokens:
                spent = sum(turn.tokens for turn in turns if turn.at > at - MINUTE)
                for turn in turns:
                    if spent + tokens <= self.tokens:
                        break
                    if turn.at > at - MINUTE:
                        at, spent = turn.at + MINUTE, spent - turn.tokens
            turns.append(Turn(at, tokens))
            return turns[-1]

    def give_back(self, turn: Turn) -> None:
        """Nobody takes this turn after all."""
        with self._lock:
            self._turns = [each for each in self._turns if each is not turn]


_rates: OrderedDict[tuple[str, str], Rate] = OrderedDict()
_guard = threading.Lock()


def rate_of(account: Account, base_url: str) -> Rate | None:
    """The rate that all who use an account at an address share, None when it has no limits."""
    if not (account.requests_per_minute or account.tokens_per_minute or account.requests_at_once):
        return None
    place = (base_url, hashlib.sha256((account.key or account.name).encode("utf-8", "replace")).hexdigest())
    with _guard:
        rate = _rates.setdefault(place, Rate())
        _rates.move_to_end(place)
        while len(_rates) > MOST_ACCOUNTS:
            _rates.popitem(last=False)
    rate.requests, rate.tokens = account.requests_per_minute, account.tokens_per_minute
    rate.places.allow(account.requests_at_once)
    return rate


async def wait_for_turn(rate: Rate, tokens: int, account: str) -> AsyncGenerator[Told | Turn]:
    """Wait until an account may be asked: what a person should know about the wait, then the turn, which whoever takes it ends.

    Raises ModelUnavailable when the turn is too far away. Who is cancelled while waiting leaves the turn to others.
    """
    claim, turn = rate.places.claim(), None
    try:
        if not await claim.wait(WORTH_TELLING):
            yield Told(text("engine.rate.waits", account=account, limits=_limits(rate)), "rate_limit")
            if not await claim.wait(LONGEST_TURN):
                raise _crowded(
                    text("engine.rate.nobody_left", account=account, limits=_limits(rate), seconds=f"{LONGEST_TURN:.0f}"), account
                )
        now = time.monotonic()
        turn = rate.reserve(tokens, now)
        wait = turn.at - now
        if wait > LONGEST_TURN:
            raise _crowded(text("engine.rate.crowded", account=account, limits=_limits(rate), seconds=f"{wait:.0f}"), account)
        if wait >= WORTH_TELLING:
            yield Told(text("engine.rate.waits_for", account=account, limits=_limits(rate), seconds=f"{wait:.0f}"), "rate_limit")
        await asyncio.sleep(max(0.0, wait))
    except BaseException:
        if turn is not None:
            rate.give_back(turn)
        rate.places.leave(claim)
        raise
    turn.rate, turn.claim = rate, claim
    yield turn


def _crowded(sentence: str, account: str) -> ModelUnavailable:
    return ModelUnavailable(sentence, text("engine.rate.remedy"), account=account)


def _limits(rate: Rate) -> str:
    """What an account may be asked, as it stands within a sentence."""
    limits = {"requests": rate.requests, "tokens": rate.tokens, "at_once": rate.places.limit}
    given = {name: f"{count:,}" for name, count in limits.items() if count}
    return text(f"engine.rate.limits.{'.'.join(given)}", **given)
