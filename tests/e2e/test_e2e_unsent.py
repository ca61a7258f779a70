"""No change is lost: not by a page that is loaded again before the server has it, not by one that is closed, and none is made twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from e2e_flows import assistant, team
from playwright.sync_api import expect
from state_line import Line
from studio_process import StudioProcess
from visitor import Visitor

LAST_BREATH = "**/api/changes*"


@pytest.fixture
def late(arrive: Callable[..., Any], studio: StudioProcess) -> tuple[Visitor, Line]:
    """Somebody whose line can be cut, and whose pages go without a last breath, like that of a browser that was ended."""
    visitor: Visitor = arrive(studio)
    line = Line(visitor.page)
    visitor.page.route(LAST_BREATH, lambda route: route.abort("aborted"))
    visitor.page.reload()
    return visitor, line


def reload(visitor: Visitor, line: Line) -> None:
    line.up = line.down = True
    visitor.reload()


def saved(visitor: Visitor) -> None:
    expect(visitor.find("saved")).to_have_attribute("data-saving", "false")
    expect(visitor.find("saved")).to_contain_text("saved")


def test_what_was_drawn_and_typed_in_the_instant_before_a_reload_is_there_after_it(late: tuple[Visitor, Line]) -> None:
    visitor, line = late
    visitor.import_flow(team("Instant", assistant("ann", "You are ann."), assistant("bob", "You are bob.", x=300)))
    visitor.choose("ann")
    saved(visitor)
    before = visitor.nodes.count()
    line.up = False
    visitor.fill("system_message", "You sing.")
    visitor.wire("ann", "bob")
    expect(visitor.edges("speaks")).to_have_count(1)
    visitor.find("palette-assistant").click()
    expect(visitor.nodes).to_have_count(before + 1)
    expect(visitor.find("saved")).to_have_text("saving…")

    reload(visitor, line)
    expect(visitor.nodes).to_have_count(before + 1)
    expect(visitor.edges("speaks")).to_have_count(1)
    visitor.choose("ann")
    expect(visitor.field("system_message")).to_have_value("You sing.")
    saved(visitor)
    visitor.reload()
    expect(visitor.nodes).to_have_count(before + 1)


def test_a_change_of_which_only_the_answer_was_lost_is_not_made_twice(late: tuple[Visitor, Line]) -> None:
    visitor, line = late
    visitor.new_flow()
    saved(visitor)
    other = visitor.in_another_tab()
    line.down = False
    visitor.find("palette-assistant").click()
    expect(other.nodes).to_have_count(1)
    expect(visitor.find("saved")).to_have_text("saving…")

    reload(visitor, line)
    saved(visitor)
    expect(visitor.nodes).to_have_count(1)
    visitor.find("undo").click()
    expect(visitor.nodes).to_have_count(0)
    expect(visitor.find("undo")).to_be_disabled()


def test_what_is_still_being_typed_is_kept_by_a_reload(late: tuple[Visitor, Line]) -> None:
    visitor, line = late
    visitor.import_flow(team("Typed", assistant("ann", "You are ann.")))
    visitor.choose("ann")
    saved(visitor)
    line.up = False
    visitor.field("system_message").fill("Half a sent")
    expect(visitor.find("saved")).to_have_text("saving…")
    visitor.find("flow-name").fill("Half a na")
    reload(visitor, line)
    expect(visitor.find("flow-name")).to_have_value("Half a na")
    visitor.choose("ann")
    expect(visitor.field("system_message")).to_have_value("Half a sent")


def test_undo_redo_and_arrange_clicked_in_the_instant_before_a_reload_are_made_once(late: tuple[Visitor, Line]) -> None:
    visitor, line = late
    visitor.import_flow(team("Steps", assistant("ann", "You are ann.", x=40)))
    for name in ("bob", "cem", "dan"):
        before = visitor.nodes.count()
        visitor.find("palette-assistant").click()
        expect(visitor.nodes).to_have_count(before + 1)
        visitor.fill("name", name)
        expect(visitor.node(name)).to_be_visible()
    saved(visitor)
    line.up = False
    for _ in range(3):
        visitor.find("undo").click()
    expect(visitor.find("saved")).to_have_text("saving…")
    reload(visitor, line)
    expect(visitor.node("bob")).to_be_visible()
    expect(visitor.node("cem")).to_have_count(0)
    saved(visitor)

    line.down = False
    visitor.page.keyboard.press("Control+Shift+Z")
    expect(visitor.find("saved")).to_have_text("saving…")
    reload(visitor, line)
    expect(visitor.nodes).to_have_count(before)
    saved(visitor)
    place = visitor.page.locator(".react-flow__node.react-flow__node-agent").last.get_attribute("style")
    line.up = False
    visitor.find("arrange").click()
    expect(visitor.find("saved")).to_have_text("saving…")
    reload(visitor, line)
    saved(visitor)
    expect(visitor.page.locator(".react-flow__node.react-flow__node-agent").last).not_to_have_attribute("style", place or "")


def test_what_is_drawn_without_a_line_is_named_and_stays_chosen_when_it_is_back(late: tuple[Visitor, Line]) -> None:
    visitor, _ = late
    visitor.new_flow()
    saved(visitor)
    with visitor.expecting("ERR_INTERNET_DISCONNECTED", "WebSocket", "websocket"):
        visitor.context.set_offline(True)
        visitor.find("palette-human").click()
        expect(visitor.node("human")).to_be_visible()
        visitor.page.keyboard.press("Escape")
        visitor.find("palette-human").click()
        expect(visitor.node("human_2")).to_be_visible()
        expect(visitor.find("saved")).to_have_text("saving…")
        visitor.context.set_offline(False)
        saved(visitor)
    expect(visitor.nodes).to_have_count(2)
    expect(visitor.page.locator(".react-flow__node.selected")).to_have_attribute("data-testid", "node-human_2")
    visitor.inspects(visitor.node("human_2"))


def test_what_can_no_longer_be_made_is_told_with_what_was_lost(late: tuple[Visitor, Line]) -> None:
    visitor, line = late
    visitor.import_flow(team("Lost", assistant("ann", "You are ann."), assistant("bob", "You are bob.", x=300)))
    visitor.choose("ann")
    saved(visitor)
    other = visitor.in_another_tab()
    visitor.page.bring_to_front()
    line.up = False
    visitor.fill("system_message", "You sing of rain.")
    visitor.wire("ann", "bob")
    other.choose("ann")
    other.page.keyboard.press("Delete")
    expect(other.node("ann")).to_have_count(0)
    saved(other)

    reload(visitor, line)
    told = visitor.find("notices")
    expect(told).to_contain_text("“You sing of rain.”")
    expect(told).to_contain_text("→ bob")
    saved(visitor)
    visitor.reload()
    expect(visitor.node("bob")).to_be_visible()
    assert told.text_content() == ""


def test_a_page_that_is_closed_in_that_instant_loses_nothing(arrive: Callable[..., Any], studio: StudioProcess) -> None:
    visitor: Visitor = arrive(studio)
    line = Line(visitor.page)
    visitor.page.reload()
    flow = visitor.new_flow()
    saved(visitor)
    line.up = False
    visitor.find("palette-assistant").click()
    expect(visitor.find("saved")).to_have_text("saving…")
    visitor.page.close(run_before_unload=True)

    visitor._new_page()
    visitor.visit(f"/flow/{flow}")
    visitor.in_editor()
    expect(visitor.nodes).to_have_count(1)


def test_two_tabs_that_are_loaded_again_at_once_keep_what_each_of_them_changed(late: tuple[Visitor, Line]) -> None:
    visitor, line = late
    visitor.import_flow(team("Two", assistant("ann", "You are ann."), assistant("bob", "You are bob.", x=300)))
    visitor.choose("ann")
    saved(visitor)
    other = visitor.in_another_tab()
    other.choose("bob")
    line.up = False
    visitor.fill("system_message", "Ann's own.")
    other.fill("system_message", "Bob's own.")
    other.visit("/")
    visitor.page.bring_to_front()
    reload(visitor, line)
    visitor.choose("ann")
    expect(visitor.field("system_message")).to_have_value("Ann's own.")
    visitor.choose("bob")
    expect(visitor.field("system_message")).to_have_value("Bob's own.")
    saved(visitor)
