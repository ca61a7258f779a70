"""Fixtures that the tests of every room share."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from model_server import ModelServer

HERE = Path(__file__).parent

# How fast examples are made and tried is the machine's affair, which others may be busy on.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Three processes share the whole suite: on two cores, half of what they do is to wait for a browser, a container or a process.
    What is only a part of it, or is to be looked at, does not wait for their start."""
    if config.getoption("capture") == "no" or any(config.getoption(name, None) for name in ("keyword", "markexpr", "lf", "trace")):
        return 0
    places = {Path(config.invocation_params.dir, place).resolve() for place in config.args}
    return 3 if places & {HERE, HERE.parent} else 0


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests run last: Playwright keeps an event loop running in this thread for as long as its browser is open."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay until the end: the garbage collector need not look through them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    """A scripted model server of its own: `model_server.script({...})`, then talk to `model_server.base_url`."""
    with ModelServer() as server:
        yield server
