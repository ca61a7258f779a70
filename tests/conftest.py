"""Fixtures that the tests of every room share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from model_server import ModelServer


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests run last: Playwright keeps an event loop running in this thread for as long as its browser is open."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    """A scripted model server of its own: `model_server.script({...})`, then talk to `model_server.base_url`."""
    with ModelServer() as server:
        yield server
