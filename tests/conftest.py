"""Fixtures that the tests of every room share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from model_server import ModelServer


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    """A scripted model server of its own: `model_server.script({...})`, then talk to `model_server.base_url`."""
    with ModelServer() as server:
        yield server
