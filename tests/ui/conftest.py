"""A studio of its own for each test: services on a fresh data directory, and states that think a browser opened a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

# States register themselves where they are first imported; inside an async test that would be forgotten with it.
import studio.ui.pages  # noqa: F401
from studio.api import services as house
from studio.engine.models.presets import PRESETS
from studio.settings import read_settings


@pytest.fixture
def studio_services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[house.Services]:
    """The services that pages reach with `services()`."""
    for preset in PRESETS:
        for name in (f"{preset.id.upper()}_API_KEY", f"{preset.id.upper()}_BASE_URL", *preset.keys, *preset.urls):
            monkeypatch.delenv(name, raising=False)
    opened = house.open_services(read_settings(data_dir=tmp_path / "data"))
    monkeypatch.setattr(house, "_opened", opened)
    yield opened
    opened.database.close()
