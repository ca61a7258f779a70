"""The first page and the list of runs."""

from __future__ import annotations

from typing import Any

from studio.api.services import Services
from studio.flow.document import FlowDocument
from studio.library.templates import templates
from studio.ui.history.state import HistoryState
from studio.ui.home.state import PICTURED, HomeState
from studio.ui.shared.times import lasted


async def page() -> HomeState:
    state = HomeState(_reflex_internal_init=True)  # type: ignore[call-arg]
    await state._read()
    return state


async def test_the_first_day_shows_every_template_and_the_welcome(studio_services: Services):
    state = await page()
    assert state.flows == []
    assert state.welcome
    assert [card["id"] for card in state.gallery] == [each.id for each in templates()]
    assert all(card["agents"] >= 2 for card in state.gallery)


async def test_a_closed_welcome_stays_closed(studio_services: Services):
    state = await page()
    state.close_welcome()
    assert not (await page()).welcome


async def test_a_template_becomes_a_flow_that_can_be_found_by_name(studio_services: Services):
    state = await page()
    state.use_template("debate")
    state = await page()
    (flow,) = state.flows
    assert flow["sketch"]["boxes"]
    state.search = flow["name"].upper()
    assert [found["id"] for found in state.found] == [flow["id"]]
    state.search = "nothing like it"
    assert state.found == []


async def test_a_template_that_is_gone_is_told_and_makes_no_flow(studio_services: Services):
    state = await page()
    assert state.use_template("no-such-template") is not None
    assert studio_services.flows.list() == []


async def test_a_flow_is_duplicated_renamed_and_deleted(studio_services: Services):
    flow = studio_services.flows.create(FlowDocument(name="一个流程"))
    state = await page()
    await state.duplicate(flow)
    assert len(state.flows) == 2
    await state.rename(flow, {"name": "  另一个名字 "})
    assert studio_services.flows.get(flow).document.name == "另一个名字"
    await state.delete(flow, "另一个名字")
    assert [each["id"] for each in state.flows] != [flow]
    assert len(state.flows) == 1
    assert [each["name"] for each in state.deleted] == ["另一个名字"]
    await state.bring_back(flow)
    assert len(state.flows) == 2
    assert state.deleted == []


async def test_the_list_shows_what_another_tab_changed_when_the_person_comes_back(studio_services: Services):
    state = await page()
    kept = studio_services.flows.create(FlowDocument(name="Made elsewhere"))
    await state.catch_up()
    assert [flow["id"] for flow in state.flows] == [kept]
    before = HomeState(_reflex_internal_init=True)  # type: ignore[call-arg]
    await before.catch_up()
    assert not before.loaded


async def test_a_long_list_has_pictures_only_at_its_top(studio_services: Services):
    (first, *_) = templates()
    for _ in range(PICTURED + 3):
        studio_services.flows.create(first.document)
    state = await page()
    pictured = [bool(card["sketch"]["boxes"]) for card in state.flows]
    assert pictured == [True] * PICTURED + [False] * 3


async def test_a_found_server_becomes_an_account_with_one_click(studio_services: Services):
    state = await page()
    await state.use_server("Ollama", "http://127.0.0.1:11434/v1", "llama3.2")
    account = studio_services.accounts.account("Ollama")
    assert (account.base_url, account.default_model) == ("http://127.0.0.1:11434/v1", "llama3.2")
    assert state.accounts == ["Ollama"]


def run(**facts: Any) -> Any:
    row = {"id": "r", "flow": "Flow", "flow_id": "", "task": "Task", "status": "done", "status_text": "done", "started": ""}
    return row | {"lasted": "", "messages": 0, "tokens": "", "cost": ""} | facts


def test_runs_are_found_by_task_flow_and_status():
    state = HistoryState(_reflex_internal_init=True)  # type: ignore[call-arg]
    state.runs = [run(id="a", task="Write a poem"), run(id="b", flow="Poets", status="failed"), run(id="c")]
    state.search = "poe"
    assert [each["id"] for each in state.found] == ["a", "b"]
    state.status = "failed"
    assert [each["id"] for each in state.found] == ["b"]


def test_a_duration_is_said_as_a_clock():
    assert [lasted(seconds) for seconds in (None, 0, 41.9, 75, 3_723)] == ["", "0:00", "0:41", "1:15", "1:02:03"]
