"""Asking a model again after a failure that may pass: with growing pauses, or after the time that the server asks for."""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import math
import random
import time
from collections.abc import AsyncGenerator, Callable, Mapping

from studio.engine.errors import ModelAnswerBroken, ModelError, ModelRefused, ModelUnavailable
from studio.engine.models.base import Piece, Retrying
from studio.texts import text

LONGEST_WAIT = 120.0
"""Seconds for which a server may ask to be left alone, as with the SDK; one that asks for more is not asked again."""

FIRST_WAIT = 0.5
"""Seconds at most before the second try; each later pause may be twice as long, up to LONGEST_PAUSE: the SDK's own figures."""

LONGEST_PAUSE = 8.0


async def tried(
    attempt: Callable[[], AsyncGenerator[Piece]],
    retries: int,
    failure_of: Callable[[BaseException], ModelError],
    learn: Callable[[ModelError], bool] = lambda failure: False,
) -> AsyncGenerator[Piece]:
    """What `attempt` yields; after a failure it is made again, `retries` times at most.

    A refusal that `learn` takes something from is no failure: the next attempt asks in another way. Raises ModelRefused at once;
    ModelUnavailable and ModelAnswerBroken after the last try.
    """
    number = 0
    while True:
        number += 1
        try:
            async with contextlib.aclosing(attempt()) as pieces:
                async for piece in pieces:
                    yield piece
            return
        except Exception as error:
            failure, hint = failure_of(error), retry_after(error)
        if learn(failure):
            number -= 1
            continue
        if isinstance(failure, ModelRefused) or number > retries or (hint or 0.0) > LONGEST_WAIT:
            raise _after(failure, number, hint or 0.0) from None
        wait = hint if hint is not None else random.uniform(0, min(LONGEST_PAUSE, FIRST_WAIT * 2 ** (number - 1)))  # noqa: S311
        yield Retrying(number, failure.sentence, wait)
        await asyncio.sleep(wait)


def retry_after(error: BaseException) -> float | None:
    """Seconds that a server asks to be left alone, None when it does not say."""
    headers: Mapping[str, str] | None = getattr(getattr(error, "response", None), "headers", None)
    if headers is None:
        return None
    told = headers.get("retry-after-ms")
    with contextlib.suppress(ValueError, TypeError):
        return _seconds(told) / 1000
    told = headers.get("retry-after")
    with contextlib.suppress(ValueError, TypeError):
        return _seconds(told)
    with contextlib.suppress(ValueError, TypeError):
        return max(0.0, email.utils.parsedate_to_datetime(told).timestamp() - time.time())  # type: ignore[arg-type]
    return None


def _seconds(told: str | None) -> float:
    """Raises ValueError and TypeError for what is no time that ends."""
    seconds = float(told)  # type: ignore[arg-type]
    if not math.isfinite(seconds):
        raise ValueError(told)
    return max(0.0, seconds)


def _after(failure: ModelError, attempts: int, rest: float) -> ModelError:
    """The last failure, which says how often it was tried, and for how long the server asks to be left alone when that is long."""
    if (attempts == 1 and rest <= LONGEST_WAIT) or not isinstance(failure, ModelUnavailable | ModelAnswerBroken):
        return failure
    kind, sentence = type(failure), failure.sentence
    if attempts > 1:
        sentence = text("engine.model.tried", sentence=sentence, count=attempts)
    if rest > LONGEST_WAIT:
        sentence = text("engine.model.rests", sentence=sentence, minutes=f"{math.ceil(rest / 60):,}")
    return kind(sentence, failure.remedy, account=failure.account, url=failure.url, status=failure.status)
