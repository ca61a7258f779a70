"""Opening a connection to an MCP server: starting or reaching it, and what is told where that fails."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from studio.engine.code.threads import in_thread
from studio.engine.errors import ConveneError
from studio.engine.models.base import Accounts
from studio.engine.tools.account_keys import AccountKeys
from studio.engine.tools.mcp_connection import McpConnection
from studio.engine.tools.mcp_errors import McpFailed, McpMissing, SignInNeeded
from studio.engine.tools.mcp_offers import ask_what_it_offers
from studio.engine.tools.mcp_process import ServerProcess, started
from studio.engine.tools.mcp_sampling import Sampling
from studio.engine.tools.mcp_sign_in import SignIns
from studio.engine.tools.mcp_token import signed_in
from studio.engine.tools.mcp_transport import Remote, Sse, Stdio, StreamableHttp, Transport
from studio.texts import text


@contextlib.asynccontextmanager
async def connected(
    transport: Transport, folder: Path, accounts: Accounts, timeout: float, sampling: Sampling, sign_ins: SignIns | None = None
) -> AsyncIterator[McpConnection]:
    """Start or reach a server and ask what it offers; `sampling` answers what it asks. Only after a person's yes.

    Raises McpFailed, McpMissing, AccountMissing, SignInNeeded.
    """
    if importlib.util.find_spec("mcp") is None:
        raise McpMissing
    if transport.missing:
        missing = text("engine.mcp.field_missing", field=transport.missing)
        raise McpFailed(transport.where, missing, text("engine.mcp.field_missing.remedy"))
    await in_thread(_load)
    keys = AccountKeys(accounts)
    shown = signed_in(transport.url, sign_ins) if sign_ins is not None and isinstance(transport, Remote) and transport.may_sign_in else None
    async with contextlib.AsyncExitStack() as stack:
        process: list[ServerProcess] = []
        try:
            async with asyncio.timeout(timeout):
                connection = await _opened(transport, folder, accounts, keys, stack, process, timeout, sampling, shown)
                await ask_what_it_offers(connection)
        except ConveneError:
            raise
        except TimeoutError:
            if shown is not None and shown.needed:
                raise SignInNeeded(transport.where) from None
            words, seconds = _last_words(process, keys), f"{timeout:g}"
            slow = text("engine.mcp.too_slow.said", seconds=seconds, words=words) if words else text("engine.mcp.too_slow", seconds=seconds)
            raise McpFailed(transport.where, slow, text("engine.mcp.unusable.remedy")) from None
        except Exception as mistake:
            if shown is not None and shown.needed:
                raise SignInNeeded(transport.where) from None
            words, why = _last_words(process, keys), keys.hidden(_innermost(mistake))
            broken = text("engine.mcp.broken.said", why=why, words=words) if words else text("engine.mcp.broken", why=why)
            raise McpFailed(transport.where, broken, text("engine.mcp.unusable.remedy")) from None
        yield connection


def _load() -> None:
    """Import the SDK, which takes a second in which everything else would stand still."""
    importlib.import_module("mcp")
    logger = logging.getLogger("mcp")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.CRITICAL)  # it logs with a traceback what becomes a result or an error here


async def _opened(
    transport: Transport,
    folder: Path,
    accounts: Accounts,
    keys: AccountKeys,
    stack: contextlib.AsyncExitStack,
    process: list[ServerProcess],
    timeout: float,
    sampling: Sampling,
    shown: Any,
) -> McpConnection:
    from mcp import Client
    from mcp_types import Implementation

    streams: Any
    match transport:
        case Stdio():
            program, pair = await stack.enter_async_context(started(transport.argv, transport.variables(folder, accounts, keys), folder))
            process.append(program)
            streams = contextlib.nullcontext(pair)
        case StreamableHttp():
            import httpx2
            from mcp.client.streamable_http import streamable_http_client

            http = httpx2.AsyncClient(auth=shown, headers=transport.headers_sent(keys), timeout=httpx2.Timeout(timeout, read=None))
            await stack.enter_async_context(http)
            streams = streamable_http_client(transport.url, http_client=http)
        case Sse():
            from mcp.client.sse import sse_client

            streams = sse_client(transport.url, transport.headers_sent(keys), timeout, sse_read_timeout=24 * 3600, auth=shown)
        case _:
            raise McpFailed(transport.where, text("engine.mcp.no_way", way=transport.kind))
    answers = sampling if sampling.allowed else None
    client = Client(streams, client_info=Implementation(name="convene", version="1"), cache=None, sampling_callback=answers)
    await stack.enter_async_context(client)
    return McpConnection(client, transport.where, process[0] if process else None, keys, sampling, shown=shown)


def _last_words(process: list[ServerProcess], keys: AccountKeys) -> str:
    return keys.hidden(process[0].last_words)[-400:] if process else ""


def _innermost(mistake: BaseException) -> str:
    """What the first of nested groups of errors says."""
    while isinstance(mistake, BaseExceptionGroup):
        mistake = mistake.exceptions[0]
    said = str(mistake).split("\n")[0].rstrip(".")
    return said[:300] or type(mistake).__name__
