"""The place on the first page where a team is described: what is drawn, what goes wrong, and what stays written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from model_server import ModelServer, Said
from outlines import outline, written

from studio.api.services import Services
from studio.library.drawing import Wanted
from studio.ui.home.describing import DescribingState
from studio.ui.home.state import HomeState
from studio.ui.shared import drawings


@pytest.fixture(autouse=True)
def no_drawing_is_left() -> Iterator[None]:
    yield
    drawings._open.clear()


@pytest.fixture
def house(studio_services: Services, model_server: ModelServer) -> Services:
    studio_services.accounts.save("my server", base_url=model_server.base_url, key="sk-canary-0123456789", default_model="gpt-4o-mini")
    model_server.script({"*": written(outline())})
    return studio_services


async def described(**form: Any) -> tuple[DescribingState, str]:
    """The page after a description was sent and came to its end, and the flow's id."""
    state = DescribingState(_reflex_internal_init=True)  # type: ignore[call-arg]
    state.draw({"wish": "A team that writes", "account": "my server", "model": "", **form})
    assert state.drawing
    made = drawings.find(state.drawing)
    assert made is not None
    await asyncio.wait({made.task})
    assert drawings.take(state.drawing) is made
    return state, state._ended(made)


async def test_a_description_becomes_a_flow_with_a_report_of_what_was_drawn_and_what_it_cost(house: Services):
    state, flow = await described()
    assert house.flows.get(flow).document.name == "Short texts"
    assert (state.drawing, state.wish, state.trouble) == ("", "", "")
    report = house.reports.of(flow)
    assert report is not None
    assert report["findings"][-1]["text"].startswith("Drawing it took")
    assert "$0.00" in report["findings"][-1]["text"]


async def test_what_was_written_stays_when_no_team_came_of_it(house: Services, model_server: ModelServer):
    model_server.script({"*": "No."})
    state, flow = await described()
    assert flow == ""
    assert state.wish == "A team that writes"
    assert "no answer was a team" in state.trouble
    assert state.remedy
    assert state.open_account == ""
    assert house.flows.list() == []


async def test_a_refused_key_leads_to_the_account(house: Services, model_server: ModelServer):
    model_server.keys = {"sk-other"}
    state, _ = await described()
    assert "401" in state.trouble
    assert state.open_account == "my%20server"
    assert "sk-canary" not in state.trouble + state.remedy


async def test_an_empty_description_and_an_account_that_is_gone_are_told(house: Services):
    assert "the description is empty" in (await described(wish=" "))[0].trouble
    assert "no model account 'gone'" in (await described(account="gone"))[0].trouble
    assert "the practice model only plays" in (await described(account=""))[0].trouble


async def test_stopping_says_so_and_makes_no_flow(house: Services, model_server: ModelServer):
    model_server.script({"*": Said(written(outline()), first=30)})
    state = DescribingState(_reflex_internal_init=True)  # type: ignore[call-arg]
    state.draw({"wish": "A team", "account": "my server"})
    assert await asyncio.to_thread(model_server.wait_until, lambda server: server.open == 1)
    state.stop()
    made = drawings.take(state.drawing)
    assert made is not None
    await asyncio.wait({made.task})
    assert state._ended(made) == ""
    assert "nothing was made" in state.trouble
    assert house.flows.list() == []


async def test_a_second_click_begins_no_second_drawing(house: Services, model_server: ModelServer):
    state = DescribingState(_reflex_internal_init=True)  # type: ignore[call-arg]
    state.draw({"wish": "A team", "account": "my server"})
    first = state.drawing
    assert state.draw({"wish": "Another team", "account": "my server"}) is None
    assert state.drawing == first
    made = drawings.find(first)
    assert made is not None
    await asyncio.wait({made.task})
    assert len(model_server.asked()) == 1


async def test_a_drawing_from_before_the_last_start_is_forgotten(house: Services):
    state = DescribingState(_reflex_internal_init=True)  # type: ignore[call-arg]
    state.drawing = "of another life"
    assert state.open() is None
    assert state.drawing == ""


async def test_too_many_drawings_at_once_break_off_the_first(house: Services, model_server: ModelServer):
    model_server.script({"*": Said(written(outline()), first=30)})
    keys = [drawings.begin(house, Wanted("A team", "my server")) for _ in range(drawings.MOST_AT_ONCE)]
    first, rest = drawings.find(keys[0]), [drawings.find(key) for key in keys[1:]]
    keys.append(drawings.begin(house, Wanted("A team", "my server")))
    assert first is not None
    await asyncio.wait({first.task})
    assert first.task.cancelled()
    assert drawings.find(keys[0]) is None
    for key in keys[1:]:
        drawings.stop(key)
    await asyncio.wait({made.task for made in [*rest, drawings.find(keys[-1])] if made is not None})


async def test_the_first_page_knows_each_accounts_model(house: Services):
    home = HomeState(_reflex_internal_init=True)  # type: ignore[call-arg]
    await home._read()
    assert home.default_models == {"my server": "gpt-4o-mini"}
