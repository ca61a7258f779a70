"""Asks model servers what they offer: one account when it is tested, and the usual places on this machine."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from studio.engine.errors import ConveneError, ModelError
from studio.engine.models.base import Account, Accounts, ModelReply, ModelRequest
from studio.texts import text

PATIENCE = 10.0
"""Seconds that a test may take."""

GLANCE = 0.5
"""Seconds in which a server on this machine must answer to be found."""

MAX_MODELS = 1_000
MAX_ANSWER = 2_000_000
"""Bytes of a list of models."""

LOCAL_SERVERS = (
    ("Ollama", "http://127.0.0.1:11434/v1"),
    ("LM Studio", "http://127.0.0.1:1234/v1"),
    ("vLLM", "http://127.0.0.1:8000/v1"),
)


@dataclass(frozen=True, slots=True)
class AccountTest:
    """Whether an account works, in a sentence, with the way out if not; `models` are what it offers, if it says so."""

    ok: bool
    text: str
    remedy: str = ""
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LocalServer:
    name: str
    base_url: str
    models: tuple[str, ...]


async def try_account(accounts: Accounts, name: str, patience: float = PATIENCE) -> AccountTest:
    """Ask for the list of models; where a default model is named or no list is given, ask that model for one token."""
    models: tuple[str, ...] = ()
    try:
        async with asyncio.timeout(patience):
            account = await asyncio.to_thread(accounts.account, name)
            try:
                models = await _models_of(account)
            except ModelError as refused:
                if not account.default_model or refused.status not in (404, 405, None):
                    raise
            if account.default_model:
                return AccountTest(True, await _one_word(account), models=models)
    except TimeoutError:
        return AccountTest(False, text("accounts.test.silent", seconds=f"{patience:.0f}"), text("accounts.test.silent.remedy"), models)
    except ConveneError as problem:
        return AccountTest(False, problem.sentence, problem.remedy, models)
    if not models:
        return AccountTest(True, text("accounts.test.no_models"), text("accounts.test.no_models.remedy"))
    return AccountTest(True, text("accounts.test.models", count=len(models)), models=models)


async def discover(places: Sequence[tuple[str, str]] | None = None) -> list[LocalServer]:
    """The servers that answer with a list of models, in the order of the places."""
    if places is None:
        named = os.environ.get("OPENAI_BASE_URL", "").strip().rstrip("/")
        places = [*LOCAL_SERVERS, *([("OPENAI_BASE_URL", named)] if named.startswith(("http://", "https://")) else [])]
    keys = {os.environ.get("OPENAI_BASE_URL", "").strip().rstrip("/"): os.environ.get("OPENAI_API_KEY")}
    answers = await asyncio.gather(*(_glance(url, keys.get(url)) for _, url in places))
    return [LocalServer(name, url, models) for (name, url), models in zip(places, answers, strict=True) if models is not None]


async def _glance(base_url: str, key: str | None) -> tuple[str, ...] | None:
    await asyncio.to_thread(__import__, "aiohttp")
    import aiohttp

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    limit = aiohttp.ClientTimeout(total=GLANCE)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit, trust_env=False) as session,
            session.get(f"{base_url}/models", headers=headers, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                return None
            body = await answer.content.read(MAX_ANSWER)
            return _names(json.loads(body))
    except (aiohttp.ClientError, TimeoutError, ValueError, OSError, RecursionError):
        return None


async def _models_of(account: Account) -> tuple[str, ...]:
    """The names of the models of an account's server. Raises ModelError."""
    from studio.engine.models import openai_errors
    from studio.engine.models.connections import OPENAI_URL
    from studio.engine.models.listing import offered_models
    from studio.engine.models.openai_errors import Place

    if account.base_url is None and not account.key:
        raise openai_errors.no_key(Place(OPENAI_URL, account.name, None, account.default_model, PATIENCE))
    return (await offered_models(account, PATIENCE))[:MAX_MODELS]


async def _one_word(account: Account) -> str:
    """The sentence that the default model answers. Raises ModelError."""
    from studio.engine.models.openai_client import OpenAIClient
    from studio.engine.models.openai_model import OpenAIModel

    client = OpenAIClient(OpenAIModel(account=account.name, max_tokens=1, retries=0, timeout=PATIENCE), account)
    try:
        async for piece in client.stream(ModelRequest(agent="test", extra=("Say yes.",))):
            if isinstance(piece, ModelReply):
                return text("accounts.test.answers", model=piece.model or account.default_model)
    finally:
        await client.close()
    return text("accounts.test.answers", model=account.default_model)


def _names(answer: Any) -> tuple[str, ...] | None:
    """The model names of an answer to GET /models; None when it is no such answer."""
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, list):
        return None
    names = (item.get("id") for item in data[:MAX_MODELS] if isinstance(item, dict))
    return tuple(sorted(name for name in names if isinstance(name, str) and 0 < len(name) <= 200))
