"""Looking back: a run opens as it was, can be stepped through, and outlives its flow."""

from __future__ import annotations

from e2e_flows import assistant, team
from model_server import ModelServer
from playwright.sync_api import expect
from visitor import Visitor


def test_a_run_is_stepped_through_and_outlives_its_flow(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You are ann": ["First.", "Third. DONE"], "You are bob": ["Second."]})
    flow = visitor.import_flow(team("Looking back", assistant("ann", "You are ann."), assistant("bob", "You are bob.", x=300)))
    visitor.run("Count to three for the records.")
    visitor.ends("done")

    visitor.home()
    card = visitor.find("flow-card").filter(has_text="Looking back")
    card.get_by_role("button", name="More").click()
    visitor.page.get_by_role("menuitem", name="Delete").click()
    expect(card).to_have_count(0)

    visitor.visit("/runs")
    visitor.find("runs").get_by_role("link", name="Count to three for the records.").first.click()
    visitor.page.wait_for_url("**/run/**")
    expect(visitor.messages).to_have_count(4)
    assert visitor.speakers() == ["you", "ann", "bob", "ann"]
    expect(visitor.node("bob")).to_be_visible()
    expect(visitor.find("palette")).to_have_count(0)

    visitor.find("step-through").click()
    expect(visitor.messages).to_have_count(1)
    forward = visitor.page.get_by_role("button", name="One event on")
    for shown in range(2, 5):
        while visitor.messages.count() < shown:
            forward.click()
        assert visitor.messages.count() == shown
    visitor.find("step-slider").press("Home")
    expect(visitor.messages).to_have_count(1)
    visitor.find("step-slider").press("End")
    expect(visitor.find("run-finished")).to_have_attribute("data-status", "done")

    visitor.visit(f"/flow/{flow}")
    expect(visitor.page.get_by_role("main").get_by_role("link", name="Flows")).to_be_visible()
    expect(visitor.find("run-button")).to_have_count(0)
    visitor.find("bring-back").click()
    visitor.in_editor()
    expect(visitor.node("bob")).to_be_visible()


def test_undo_on_the_page_of_a_run_takes_nothing_of_its_flow_back(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You are ann": ["Counted. DONE"]})
    flow = visitor.import_flow(team("Only looked at", assistant("ann", "You are ann.")))
    visitor.choose("ann")
    visitor.fill("description", "Counts.")
    visitor.run("Count without being undone.")
    visitor.ends("done")
    visitor.visit("/runs")
    visitor.find("runs").get_by_role("link", name="Count without being undone.").first.click()
    visitor.page.wait_for_url("**/run/**")
    expect(visitor.node("ann")).to_contain_text("Counts.")
    visitor.page.keyboard.press("Control+z")
    visitor.find("tab-inspector").click()
    expect(visitor.find("tab-inspector")).to_have_attribute("aria-selected", "true")

    visitor.visit(f"/flow/{flow}")
    visitor.in_editor()
    visitor.choose("ann")
    expect(visitor.field("description")).to_have_value("Counts.")


def test_deleting_a_flow_is_taken_back_at_once_or_later(visitor: Visitor) -> None:
    visitor.import_flow(team("Too quick", assistant("ann", "You are ann.")))
    visitor.home()
    card = visitor.find("flow-card").filter(has_text="Too quick")

    def delete() -> None:
        card.get_by_role("button", name="More").click()
        visitor.page.get_by_role("menuitem", name="Delete").click()
        expect(card).to_have_count(0)

    delete()
    visitor.find("notice-undo").click()
    expect(card).to_have_count(1)
    delete()
    visitor.home()
    expect(card).to_have_count(0)
    visitor.find("deleted-flows").click()
    lines = visitor.find("deleted-dialog").get_by_role("listitem")
    lines.filter(has_text="Too quick").get_by_test_id("bring-back").click()
    expect(card).to_have_count(1)
