"""What agents remember: found by words and person, forgotten, and brought back as long as the page says what was done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, TypedDict

import reflex as rx

from studio.api.services import services
from studio.library.memories import Memories, Note
from studio.texts import counted
from studio.ui.shared.notices import done, told

MOST = 200
"""Notes that the page holds; a search finds the others."""


class NoteRow(TypedDict):
    key: str
    text: str
    person: str
    memory: str
    at: str


class MemoriesState(rx.State):
    rows: list[NoteRow] = []
    count: int = 0
    search: str = ""
    loaded: bool = False
    _forgotten: list[Note] = []

    @rx.event
    @told
    async def open(self) -> None:
        await self._read()

    @rx.event
    @told
    async def set_search(self, value: str) -> None:
        self.search = value[:500]
        await self._read()

    @rx.event
    @told
    async def forget(self, key: str) -> Any:
        """One note."""
        return await self._forget([key])

    @rx.event
    @told
    async def forget_found(self) -> Any:
        """Everything that the search finds, whether it is shown or not."""
        return await self._forget([note.key for note in await asyncio.to_thread(_memories().notes, self.search)])

    @rx.event
    @told
    async def bring_back(self, _what: str) -> None:
        await asyncio.to_thread(_memories().bring_back, self._forgotten)
        self._forgotten = []
        await self._read()

    async def _forget(self, keys: Sequence[str]) -> Any:
        self._forgotten = await asyncio.to_thread(_memories().forget, keys)
        await self._read()
        return done(counted("ui.memories.forgotten", len(self._forgotten)), undo="memories")

    async def _read(self) -> None:
        found = await asyncio.to_thread(_memories().notes, self.search)
        self.count = len(found)
        self.rows = [
            {
                "key": note.key,
                "text": note.text,
                "person": note.person,
                "memory": note.memory,
                "at": note.at.isoformat() if note.at is not None else "",
            }
            for note in found[:MOST]
        ]
        self.loaded = True


def _memories() -> Memories:
    return Memories(services().settings.data_dir / "memories")
