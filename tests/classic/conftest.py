"""A model for agents of the classic vocabulary."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox_fixtures import docker_engine

__all__ = ["docker_engine"]


@pytest.fixture
def config(model_server: Any) -> dict[str, Any]:
    return {"config_list": [{"model": "test-model", "base_url": model_server.base_url, "api_key": "key"}], "cache_seed": None}
