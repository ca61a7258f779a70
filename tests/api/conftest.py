"""A program with the token, at the studio's own routes behind their guard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from guarding import TOKEN
from starlette.testclient import TestClient

from studio.api.guard import Guard
from studio.api.routes import api
from studio.api.services import close_services, configure
from studio.api.session import Sessions
from studio.settings import Settings


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[TestClient]:
    configure(Settings(data_dir=tmp_path, database=f"sqlite:///{tmp_path / 'convene.db'}"))
    client = TestClient(Guard(api(), Sessions(TOKEN)), base_url="http://127.0.0.1:8000", headers={"Authorization": f"Bearer {TOKEN}"})
    with client:
        yield client
        assert client.portal is not None
        client.portal.call(close_services)
