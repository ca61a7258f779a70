"""Answers of models kept on this machine, so that the same question is not paid for twice."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.engine.bill import owe
from studio.engine.events import ToolCall
from studio.engine.models.base import Account, Delta, Model, ModelClient, ModelReply, ModelRequest, Piece, Told
from studio.engine.models.normalise import Perspective, encode
from studio.engine.usage import Usage
from studio.texts import text

LARGEST_FILE = 256 * 1024 * 1024
"""Bytes of answers that are kept; the oldest go first."""

LARGEST_KEPT = 1024 * 1024
"""Bytes of one answer; a larger one is not kept."""

PATIENCE = 5.0
"""Seconds to wait for another process that writes; a file that stays busy, or is damaged, is done without."""

PLACE = "CONVENE_ANSWERS"
"""The environment variable that names another file."""

_TABLE = "create table if not exists answers (key blob primary key, at real not null, size integer not null, reply text not null)"


def answers_file() -> Path:
    """Where answers are kept: the file in CONVENE_ANSWERS, or one in the user's cache directory."""
    if named := os.environ.get(PLACE, "").strip():
        return Path(named).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("convene") / "answers.sqlite"


class Answers:
    """A file of answers, for many processes at once. What goes wrong with it is never more than an answer that is asked for again."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def find(self, key: bytes) -> ModelReply | None:
        """The answer that was kept under a key. Blocks."""
        with contextlib.suppress(sqlite3.Error, OSError, ValueError, KeyError, TypeError):
            if not self._file.exists():
                return None
            with self._open() as database:
                row = database.execute("select reply from answers where key = ?", (key,)).fetchone()
            return _read(json.loads(row[0])) if row is not None else None
        return None

    def keep(self, key: bytes, reply: ModelReply) -> None:
        """Keep an answer, and forget the oldest where there are too many. Blocks."""
        text = json.dumps(_written(reply), ensure_ascii=False)
        size = len(text.encode("utf-8", "replace"))
        if size > LARGEST_KEPT:
            return
        with contextlib.suppress(sqlite3.Error, OSError, ValueError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file.touch(mode=0o600, exist_ok=True)
            with self._open() as database:
                database.execute(_TABLE)
                database.execute("insert or replace into answers values (?, ?, ?, ?)", (key, time.time(), size, text))
                total = database.execute("select sum(size) from answers").fetchone()[0]
                while total > LARGEST_FILE:
                    oldest = database.execute("select rowid, size from answers order by at limit 100").fetchall()
                    for rowid, size in oldest:
                        if total <= LARGEST_FILE:
                            break
                        database.execute("delete from answers where rowid = ?", (rowid,))
                        total -= size

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._file, timeout=PATIENCE)
        try:
            with database:
                yield database
        finally:
            database.close()


class RememberingClient:
    """Answers from the file what was asked before, word for word, of the same model with the same settings; else asks the client.

    `identity` is everything that makes the model another one: its settings, its address.
    """

    def __init__(self, client: ModelClient, identity: str, answers: Answers) -> None:
        self._client = client
        self._identity = identity
        self._answers = answers

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Piece]:
        key = _key(self._identity, request)
        kept = await asyncio.to_thread(self._answers.find, key)
        if kept is not None:
            said = text("engine.model.remembered", model=kept.model) if kept.model else text("engine.model.remembered.nameless")
            yield Told(said, "cache_hit")
            if kept.reasoning:
                yield Delta(kept.reasoning, "reasoning")
            if kept.text:
                yield Delta(kept.text)
            yield replace(kept, usage=Usage(calls=1, remembered=1, cost=0.0))
            return
        async with contextlib.aclosing(self._client.stream(request)) as pieces:  # type: ignore[type-var]
            async for piece in pieces:
                if isinstance(piece, ModelReply):
                    owe(piece.usage, piece.model, piece)
                if isinstance(piece, ModelReply) and piece.finish in ("stop", "tool_calls") and (piece.text.strip() or piece.calls):
                    await asyncio.to_thread(self._answers.keep, key, piece)
                yield piece

    async def close(self) -> None:
        await self._client.close()


def remembering(client: ModelClient, model: Model, account: Account) -> RememberingClient:
    """A client whose answers are kept in the user's file, under what makes its model another one."""
    settings = model.model_dump_json(exclude={"account", "timeout", "retries", "remember"})
    place = [settings, account.provider, account.base_url, account.default_model]
    return RememberingClient(client, json.dumps(place), Answers(answers_file()))


def _key(identity: str, request: ModelRequest) -> bytes:
    """What an answer depends on, as one number: the same words of the same people, whenever they were said."""
    seen = Perspective(request.agent, reads=request.reads)
    seen.follow(request.thread)
    asked = {
        "identity": identity,
        "tools": [(tool.name, tool.description, dict(tool.parameters), tool.strict) for tool in request.tools],
        "choices": request.choices,
        "schema": None if request.schema is None else dict(request.schema),
        "agent": request.agent,
    }
    told = hashlib.sha256(encode(asked))
    told.update(seen.encoded(request.system, request.extra))
    return told.digest()


def _written(reply: ModelReply) -> dict[str, Any]:
    calls = [call.model_dump() for call in reply.calls]
    return {"text": reply.text, "reasoning": reply.reasoning, "calls": calls, "finish": reply.finish, "model": reply.model}


def _read(kept: dict[str, Any]) -> ModelReply:
    calls = tuple(ToolCall.model_validate(call) for call in kept["calls"])
    return ModelReply(str(kept["text"]), str(kept["reasoning"]), calls, str(kept["finish"]), model=str(kept["model"]))
