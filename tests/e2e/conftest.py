"""What the end-to-end tests share: the studio in a process of its own, a browser, and people who use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import headless, needed
from model_server import ModelServer
from studio_process import StudioProcess


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One headless Chromium. Without one the tests skip, unless CONVENE_REQUIRE_BROWSER=1 makes that a failure."""
    needed()
    with headless() as browser:
        yield browser


@pytest.fixture(scope="session")
def house_model() -> Iterator[ModelServer]:
    """The model server behind the account `openai` of every studio here."""
    with ModelServer() as server:
        yield server


@pytest.fixture
def model(house_model: ModelServer) -> ModelServer:
    """The model server behind the studio's account `openai`, with an empty script."""
    house_model.clear()
    return house_model


@pytest.fixture(scope="session")
def studio(browser: Any, house_model: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    """The studio that all tests use who do not break it."""
    place = tmp_path_factory.mktemp("studio")
    with StudioProcess(place, OPENAI_API_KEY="sk-of-the-house", OPENAI_BASE_URL=house_model.base_url) as process:
        yield process
    assert process.complaints == [], "The server told of mistakes while people used it."


@pytest.fixture
def arrive(browser: Any) -> Iterator[Callable[..., Any]]:
    """Makes people: `arrive(studio)` is a Visitor on the first page. At the end no browser may have complained of anything."""
    from visitor import Visitor

    people: list[Visitor] = []

    def arrive(studio: StudioProcess, **options: Any) -> Visitor:
        people.append(Visitor(browser, studio, **options))
        return people[-1].enter()

    yield arrive
    complaints = [complaint for person in people for complaint in person.complaints]
    for person in people:
        person.leave()
    assert complaints == []


@pytest.fixture
def visitor(arrive: Callable[..., Any], studio: StudioProcess) -> Any:
    """A person on the first page of the studio."""
    return arrive(studio)
