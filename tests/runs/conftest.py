"""Fixtures for tests of runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from run_house import House


@pytest.fixture(autouse=True)
def no_accounts_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "CONVENE_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest_asyncio.fixture
async def open_house(tmp_path: Path) -> AsyncIterator[Callable[[], House]]:
    """Opens houses on one folder: each is a process of its own as far as the database can tell."""
    opened: list[House] = []

    def open_one() -> House:
        opened.append(House(tmp_path))
        return opened[-1]

    yield open_one
    for house in opened:
        await house.close()


@pytest.fixture
def house(open_house: Callable[[], House]) -> House:
    return open_house()
