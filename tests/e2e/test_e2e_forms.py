"""Forms of the newer fields, and the palette that folds: the shape of an answer, tables, names that are offered, other names."""

from __future__ import annotations

import re

from e2e_flows import assistant, human, node, team
from model_server import ModelServer
from playwright.sync_api import expect
from visitor import Visitor


def test_the_shape_of_an_answer_is_drawn_as_a_table(visitor: Visitor) -> None:
    visitor.import_flow(team("Shapes", assistant("ann", "You sum up.")))
    visitor.choose("ann")
    visitor.page.locator(".inspector summary").click()
    shape = visitor.field("output")
    visitor.find("output-add").click()
    shape.get_by_placeholder("Field").fill("title")
    shape.get_by_placeholder("What it is").fill("A headline")
    visitor.find("output-add").click()
    shape.get_by_placeholder("Field").nth(1).fill("mood")
    shape.get_by_label("Type of mood").select_option("choice")
    shape.get_by_placeholder("yes, no, perhaps").fill("glad, sad")
    shape.get_by_placeholder("yes, no, perhaps").blur()
    visitor.find("output-json").click()
    written = visitor.find("output-text")
    expect(written).to_have_value(re.compile(r'"enum": \[\s*"glad",\s*"sad"\s*\]'))
    written.fill('{"type": "object", "properties": {"n": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}')
    written.blur()
    expect(shape).to_contain_text("more than a table can show")


def test_whom_a_filter_hears_is_a_table_that_offers_names(visitor: Visitor) -> None:
    inner = {**assistant("eve", "You doubt."), "parent": "n_f"}
    filtered = {**node("n_f", "filter", "desk", 260, 60), "size": {"width": 240.0, "height": 150.0}}
    visitor.import_flow(team("Filters", assistant("ann", "You write."), filtered, inner))
    visitor.choose("desk")
    visitor.find("hears-add").click()
    visitor.find("cell-source").fill("ann")
    visitor.find("cell-count").fill("two")
    expect(visitor.field("hears")).to_contain_text("A number is wanted.")
    visitor.find("cell-count").fill("2")
    visitor.find("cell-count").blur()
    expect(visitor.node("desk")).to_contain_text("hears ann and the task")
    visitor.reload()
    visitor.choose("desk")
    expect(visitor.find("cell-count")).to_have_value("2")


def test_names_are_offered_where_somebody_may_be_named(visitor: Visitor) -> None:
    visitor.import_flow(team("Names", assistant("ann", "You write."), human("boss")))
    visitor.choose("ann")
    visitor.page.locator(".inspector summary").click()
    visitor.page.get_by_role("button", name="+ boss").click()
    expect(visitor.field("handoffs")).to_have_value("boss")
    expect(visitor.page.get_by_role("button", name="+ boss")).to_have_count(0)
    visitor.choose("boss")
    visitor.fill("name", "chief")
    visitor.choose("ann")
    expect(visitor.field("handoffs")).to_have_value("chief")


def test_the_palette_folds_what_is_used_less_and_finds_it_under_other_names(visitor: Visitor) -> None:
    visitor.new_flow()
    expect(visitor.find("palette-planner")).to_be_visible()
    expect(visitor.find("palette-sequence")).to_have_count(0)
    groups = visitor.page.locator(".pl-groups")
    assert groups.evaluate("list => list.scrollHeight <= list.clientHeight"), "The folded palette fits without scrolling."
    visitor.find("palette-more-teams").click()
    expect(visitor.find("palette-sequence")).to_be_visible()
    visitor.reload()
    expect(visitor.find("palette-sequence")).to_be_visible()
    visitor.find("palette-more-teams").click()

    for asked, entry in (("magentic", "planner"), ("nested chat", "chat"), ("triage", "swarm"), ("mock", "practice")):
        visitor.find("palette-search").fill(asked)
        expect(visitor.find(f"palette-{entry}")).to_be_visible()
    visitor.find("palette-search").press("Enter")
    expect(visitor.node("practice")).to_be_visible()


def test_a_guard_is_a_card_of_the_form_and_keeps_back_what_it_finds(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You tell": ["The secret is 7. DONE"]})
    visitor.import_flow(team("Guarded", assistant("ann", "You tell."), stop="No."))
    visitor.choose("ann")
    visitor.page.locator(".inspector summary").click()
    visitor.find("guards-add").click()
    visitor.find("cell-what").fill("secret")
    visitor.find("cell-message").fill("No.")
    visitor.find("cell-message").blur()
    visitor.node("ann").hover()
    expect(visitor.node("ann")).to_contain_text("guarded")
    visitor.run("What is it?")
    visitor.ends("done")
    expect(visitor.message("ann")).to_contain_text("No.")
    expect(visitor.find("transcript")).not_to_contain_text("secret is")
