"""The report of an import beside its flow: lines that lead to nodes, until they are put aside."""

from __future__ import annotations

from typing import Any

from autogen_samples import sample
from reflex.istate.data import ReflexURL, RouterData

from studio.api.services import Services
from studio.flow.findings import Imported
from studio.formats.autogen_json.read import from_autogen
from studio.library.flows import OpenFlow
from studio.ui.editor.report import report_rows
from studio.ui.editor.state import EditorState
from studio.ui.home.state import HomeState


def imported(house: Services) -> tuple[OpenFlow, Imported]:
    (made,) = from_autogen(sample("py-0.7.5-nested-society-of-mind.json"))
    flow = house.flows.create(made.document)
    house.reports.keep(flow, made.report)
    return house.flows.get(flow), made


def test_each_line_names_its_nodes_and_its_place(studio_services: Services):
    opened, made = imported(studio_services)
    rows = report_rows(studio_services.reports.of(opened.id), opened.document)
    assert len(rows) == len(made.report.findings)
    assert rows[0]["level"] == "decision"
    assert rows[0]["where"].startswith("line ")
    assert all(row["nodes"] and row["names"] for row in rows)


def test_a_node_that_was_removed_since_is_led_to_no_more(studio_services: Services):
    opened, _ = imported(studio_services)
    gone = opened.document.model_copy(update={"nodes": ()})
    assert all(row["nodes"] == [] for row in report_rows(studio_services.reports.of(opened.id), gone))


def test_reports_that_are_none_show_nothing(studio_services: Services):
    opened, _ = imported(studio_services)
    broken: list[Any] = [None, {}, {"findings": 3}, {"findings": [1, None]}]
    for report in broken:
        assert report_rows(report, opened.document) == []


def test_a_report_is_shown_until_it_is_put_aside(studio_services: Services):
    opened, _ = imported(studio_services)
    state = EditorState(_reflex_internal_init=True)  # type: ignore[call-arg]
    state._read_report(opened)
    assert state.report
    assert "AutoGen 0.6–0.7.5" in state.report_form
    state.put_report_aside(opened.id)
    assert state.report == []
    state._read_report(opened)
    assert state.report == []


def visited(state: EditorState, flow: str) -> EditorState:
    """The editor at the address of a flow."""
    state.router = RouterData(url=ReflexURL(f"http://127.0.0.1:8000/flow/{flow}"))
    state.open()
    return state


def test_a_report_stands_open_until_the_flow_is_changed(studio_services: Services):
    first, second = imported(studio_services)[0], imported(studio_services)[0]
    state = visited(EditorState(_reflex_internal_init=True), first.id)  # type: ignore[call-arg]
    assert state.drawer == "report"
    state.toggle_drawer(first.id, "report")
    assert visited(state, first.id).drawer == ""
    assert visited(state, second.id).drawer == "report"
    studio_services.flows.edit(first.id, {"type": "describe", "name": "mine"})
    assert visited(state, first.id).drawer == ""


def test_what_a_line_led_to_stays_with_its_flow(studio_services: Services):
    first, second = imported(studio_services)[0], imported(studio_services)[0]
    state = visited(EditorState(_reflex_internal_init=True), first.id)  # type: ignore[call-arg]
    node = first.document.nodes[0].id
    state.go_to([node])
    state.select(first.id, [node])
    assert state.form["id"] == node
    visited(state, second.id)
    assert (state.focus, state.form["id"]) == ({}, "")
    # The canvas tells a moment later what was chosen on it, when the page may show another flow.
    state.select(first.id, [node])
    assert (state.selected, state.form["id"]) == ([], "")


async def test_one_flow_is_opened_and_several_are_listed(studio_services: Services):
    opened, _ = imported(studio_services)
    state = HomeState(_reflex_internal_init=True)  # type: ignore[call-arg]
    assert f"/flow/{opened.id}" in str(await state.imported(opened.id, 1, 0))
    assert "Brought in: 2 flows, 1 run." in str(await state.imported(opened.id, 2, 1))
    assert "Brought in: 3 flows." in str(await state.imported(opened.id, 3, 0))
    assert "Brought in: 5 runs." in str(await state.imported("", 0, 5))
    assert [flow["id"] for flow in state.flows] == [opened.id]
