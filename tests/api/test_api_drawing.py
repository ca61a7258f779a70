"""A team drawn from a description: what is kept of it, whom it is counted to, and what stopping leaves behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from model_server import InTurn, ModelServer, Said
from outlines import agent, arrow, outline, written
from patience import within

from studio.api.drawing import change_flow, draw_team, keep_team
from studio.api.services import Services, open_services
from studio.engine.outlines.asking import DESIGNER, Progress, Writing
from studio.flow.document import FlowDocument
from studio.flow.redrawn import Undescribable
from studio.library import drawing as library_drawing
from studio.library.drawing import (
    DrawingTooSlow,
    FlowOvertaken,
    NobodyDraws,
    NothingChanged,
    TeamDrawing,
    Wanted,
    WishUnusable,
    usual_models,
)
from studio.settings import read_settings


@pytest.fixture
async def house(tmp_path: Path, model_server: ModelServer) -> AsyncIterator[Services]:
    opened = open_services(read_settings(data_dir=tmp_path / "data"))
    opened.accounts.save("mine", base_url=model_server.base_url, key="sk-canary-0123456789", default_model="gpt-4o-mini")
    model_server.script({"*": written(outline(agent("writer"), agent("runner", "code_runner"), ends="writer"))})
    yield opened
    await opened.close()


async def silent(piece: Progress) -> None:
    pass


async def test_what_is_drawn_is_kept_with_its_report_and_its_agents_have_the_account_that_drew(house: Services) -> None:
    drawn = await draw_team(house, TeamDrawing(Wanted("A team that writes", "mine", "other-model")), silent)
    flow = await keep_team(house, drawn)
    document = house.flows.get(flow).document
    (model,) = (node for node in document.nodes if node.kind == "openai")
    assert model.config == {"account": "mine", "model": "other-model"}
    report = house.reports.of(flow)
    assert report is not None
    assert report["format"] == "a description, drawn by other-model"
    assert report["findings"][0]["code"] == "outline_code"


async def test_an_account_without_a_default_model_takes_what_is_usual_at_its_provider(house: Services) -> None:
    house.accounts.save("bare", key="sk-canary-0123456789")
    house.accounts.save("elsewhere", base_url="http://127.0.0.1:9/v1")
    known = usual_models(house.accounts.list())
    assert (known["bare"], known["elsewhere"], known["mine"]) == ("gpt-4o-mini", "", "gpt-4o-mini")


@pytest.mark.parametrize("speaking", ["round_robin", "model_choice", "graph"])
async def test_what_is_drawn_runs_to_its_end_as_it_was_drawn(house: Services, model_server: ModelServer, speaking: str) -> None:
    arrows = [arrow("writer", "critic"), arrow("critic", "writer", "AGAIN"), arrow("critic", "printer")]
    team = outline(agent("writer"), agent("critic"), agent("printer"), speaking=speaking, arrows=arrows, ends="printer")
    model_server.script({"You design teams": written(team)})
    drawn = await draw_team(house, TeamDrawing(Wanted("A team", "mine")), silent)
    assert drawn.imported is not None
    critic = ["AGAIN, please.", "Good."] if speaking == "graph" else ["Good."]
    model_server.script({"You are writer": "A line.", "You are critic": InTurn(*critic), "You are printer": "APPROVED"})
    model_server.script({"decide who speaks next": "printer"})
    started = await house.runs.start(drawn.imported.document, "Write.")
    events = await logged(house, started.run)
    assert events[-1]["status"] == "done"
    assert "printer said “APPROVED”" in events[-1]["stop_reason"]
    said = [event["source"] for event in events if event["type"] == "message" and event["role"] == "agent"]
    assert said == (["writer", "critic"] if speaking == "graph" else []) + ["writer", "critic", "printer"]


async def test_what_it_cost_is_counted_to_the_account(house: Services) -> None:
    drawn = await draw_team(house, TeamDrawing(Wanted("A team", "mine")), silent)
    (spent,) = house.runs.spending()
    assert (spent.account, spent.model, spent.calls) == ("mine", "gpt-4o-mini", 1)
    assert spent.cost == pytest.approx(drawn.usage.cost)
    assert drawn.usage.cost


async def test_stopping_leaves_no_flow_and_counts_what_was_written_so_far(house: Services, model_server: ModelServer) -> None:
    model_server.script({"*": Said(written(outline()), each=0.05)})
    writing = asyncio.Event()

    async def tell(piece: Progress) -> None:
        if isinstance(piece, Writing):
            writing.set()

    task = asyncio.create_task(draw_team(house, TeamDrawing(Wanted("A team", "mine")), tell))
    await writing.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(model_server.wait_until, lambda server: server.open == 0)
    assert house.flows.list() == []
    (run,) = house.runs.list()
    assert run.status == "stopped"
    (spent,) = house.runs.spending()
    assert (spent.account, spent.calls) == ("mine", 1)
    assert spent.completion_tokens > 0


async def test_a_drawing_that_takes_too_long_is_given_up(
    house: Services, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_server.script({"*": Said(written(outline()), first=30)})
    monkeypatch.setattr(library_drawing, "PATIENCE", 0.1)
    with pytest.raises(DrawingTooSlow):
        await draw_team(house, TeamDrawing(Wanted("A team", "mine")), silent)
    assert house.runs.list() == []


async def test_without_an_account_or_a_description_nobody_is_asked(house: Services, model_server: ModelServer) -> None:
    with pytest.raises(NobodyDraws):
        await draw_team(house, TeamDrawing(Wanted("A team", "")), silent)
    with pytest.raises(WishUnusable):
        await draw_team(house, TeamDrawing(Wanted(" \n", "mine")), silent)
    assert model_server.asked() == []


async def test_a_hostile_answer_is_text_everywhere_and_reads_as_json_in_the_history(house: Services, model_server: ModelServer) -> None:
    evil = "<img src=x onerror=alert(1)>\x00"
    model_server.script({"*": written(outline(agent(evil, description=evil, system_message=evil), name=evil, tasks=[evil]))})
    drawn = await draw_team(house, TeamDrawing(Wanted("A team", "mine")), silent)
    document = house.flows.get(await keep_team(house, drawn)).document
    (assistant,) = (node for node in document.nodes if node.kind == "assistant")
    assert assistant.name == "img_src_x_onerror_alert_1"
    assert assistant.config["description"] == "<img src=x onerror=alert(1)>"
    (run,) = house.runs.list()
    answers = [event for event in await logged(house, run.id) if event["type"] == "message" and event["source"] == DESIGNER]
    assert [event["text"][:8] for event in answers] == ["```json\n"]


async def logged(house: Services, run: str) -> list[dict[str, Any]]:
    """All events of a run."""
    events: list[dict[str, Any]] = []
    async with asyncio.timeout(within(10)):
        async for frame in house.runs.follow(run):
            events += frame["events"] if frame["t"] == "events" else []
            if any(event["type"] == "run_finished" for event in events):
                break
    return events


async def a_flow(house: Services) -> str:
    drawn = await draw_team(house, TeamDrawing(Wanted("A team", "mine")), silent)
    return await keep_team(house, drawn)


async def test_a_flow_is_changed_by_a_sentence_as_one_step_of_undo(house: Services, model_server: ModelServer) -> None:
    flow = await a_flow(house)
    before = house.flows.get(flow).document
    team = outline(agent("writer"), agent("runner", "code_runner"), agent("critic"), ends="critic")
    model_server.script({"*": written(team)})
    drawing = TeamDrawing(Wanted("Add a critic who ends it", "mine"))
    await change_flow(house, flow, drawing, silent)
    after = house.flows.get(flow).document
    assert [node.name for node in after.nodes if node.kind == "assistant"] == ["writer", "critic"]
    assert [node.position for node in after.nodes if node.name == "writer"] == [
        node.position for node in before.nodes if node.name == "writer"
    ]
    asked = str(model_server.asked()[-1].messages[-1])
    assert "Add a critic who ends it" in asked
    assert "You are writer. Do your part." in asked
    house.flows.undo(flow)
    assert house.flows.get(flow).document == before
    changing = next(run for run in house.runs.list() if run.flow == "Changing a flow by a sentence")
    assert (changing.status, changing.task) == ("done", "Add a critic who ends it")


async def test_a_change_that_somebody_overtook_and_one_that_changes_nothing_are_left_out(
    house: Services, model_server: ModelServer
) -> None:
    flow = await a_flow(house)
    before = house.flows.get(flow).document
    with pytest.raises(NothingChanged):
        await change_flow(house, flow, TeamDrawing(Wanted("Nothing, really", "mine")), silent)

    async def meanwhile(piece: Progress) -> None:
        house.flows.edit(flow, {"type": "describe", "name": "Renamed meanwhile"})

    model_server.script({"*": written(outline(agent("somebody")))})
    with pytest.raises(FlowOvertaken):
        await change_flow(house, flow, TeamDrawing(Wanted("Another team", "mine")), meanwhile)
    assert house.flows.get(flow).document == before.model_copy(update={"name": "Renamed meanwhile"})


async def test_a_flow_that_an_outline_cannot_say_is_not_asked_about(house: Services, model_server: ModelServer) -> None:
    flow = house.flows.create(FlowDocument(name="empty"))
    with pytest.raises(Undescribable):
        await change_flow(house, flow, TeamDrawing(Wanted("Change it", "mine")), silent)
    assert model_server.asked() == []
