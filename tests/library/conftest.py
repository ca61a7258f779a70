"""A database of its own for each test, and the flows in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.library.flows import Flows
from studio.store.database import Database, open_database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'convene.db'}")
    yield opened
    opened.close()


@pytest.fixture
def flows(database: Database) -> Flows:
    return Flows(database)
