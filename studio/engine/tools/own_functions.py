"""Tools that are functions of this program: their schemas from hints and docstrings, and calling them with what a model sent."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from studio.engine.code.arguments import read_arguments
from studio.engine.code.base import MAX_OUTPUT, FunctionResult
from studio.engine.code.calling import BadArguments, fitted, shortened
from studio.engine.errors import ConveneError

log = logging.getLogger("studio.engine")


class CallFailed(ConveneError):
    """What a tool tells a model instead of a result: what went wrong, and what to do instead."""

    code = "call_failed"


Function = Callable[..., Awaitable[str]]


async def call_function(function: Function, arguments: str, timeout: float, *, limit: int = MAX_OUTPUT) -> FunctionResult:
    """Call a function with JSON arguments, within `timeout` seconds; of its text at most `limit` characters are kept.

    Mistakes become results that a model can react to. Cancelling ends the call.
    """
    began = time.monotonic()

    def result(output: str, is_error: bool) -> FunctionResult:
        return FunctionResult(shortened(output, limit), is_error, round(time.monotonic() - began, 4))

    try:
        positional, keywords = fitted(function, read_arguments(arguments))
    except BadArguments as mistake:
        return result(str(mistake), True)
    deadline = asyncio.timeout(timeout)
    try:
        async with deadline:
            return result(await function(*positional, **keywords), False)
    except ConveneError as mistake:
        return result(str(mistake), True)
    except Exception as mistake:
        if deadline.expired() and isinstance(mistake, TimeoutError):
            return result(f"Timed out: it took longer than {timeout:g} s and was stopped.", True)
        log.exception("a tool of this program failed")
        return result(f"{type(mistake).__name__}: {mistake}", True)
