"""Short messages: they belong to the page they were made on, can be closed, and never lie on a control."""

from __future__ import annotations

from e2e_flows import talk
from playwright.sync_api import Page, expect
from visitor import Visitor

COVERED = """() => {
  const seen = [...document.querySelectorAll("button, a[href], input, select, textarea, [role=button]")].filter((one) => !one.closest(".notices"));
  const strip = document.querySelector(".notices").getBoundingClientRect();
  return seen.filter((one) => {
    const box = one.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const below = document.elementsFromPoint(x, y);
    return below.includes(one) && below[0].closest(".notices") && x >= strip.left && x <= strip.right && y >= strip.top && y <= strip.bottom;
  }).map((one) => one.textContent || one.getAttribute("aria-label"));
}"""
"""The controls whose middle lies under the messages."""


def covered(page: Page) -> list[str]:
    found: list[str] = page.evaluate(COVERED)
    return found


def test_a_message_makes_room_for_itself_and_covers_no_control(visitor: Visitor) -> None:
    visitor.import_flow(talk("Noticed", "You talk."))
    visitor.home()
    visitor.page.set_viewport_size({"width": 390, "height": 760})
    visitor.find("flow-card").filter(has_text="Noticed").get_by_test_id("flow-menu").click()
    visitor.page.get_by_role("menuitem", name="Delete").click()
    visitor.find("notice").hover()
    assert covered(visitor.page) == []
    strip, bar = visitor.find("notices").bounding_box(), visitor.page.locator(".bar").bounding_box()
    first = visitor.page.locator("main > *").first.bounding_box()
    assert strip is not None
    assert bar is not None
    assert first is not None
    assert bar["y"] + bar["height"] <= strip["y"]
    assert strip["y"] + strip["height"] <= first["y"]
    visitor.find("notice-close").click()
    expect(visitor.find("notice")).to_have_count(0)


def test_a_message_of_the_editor_makes_the_editor_smaller(visitor: Visitor) -> None:
    visitor.import_flow(talk("Smaller", "You talk."))
    other = visitor.in_another_tab()
    other.choose("ann")
    visitor.choose("ann")
    other.page.set_viewport_size({"width": 390, "height": 760})
    visitor.page.keyboard.press("Delete")
    other.find("notice").hover()
    strip, editor = other.find("notices").bounding_box(), other.page.locator(".editor").bounding_box()
    assert strip is not None
    assert editor is not None
    assert editor["y"] + editor["height"] <= strip["y"] + 1
    assert covered(other.page) == []


def test_a_message_stays_on_the_page_that_made_it(visitor: Visitor) -> None:
    visitor.import_flow(talk("Left behind", "You talk."))
    visitor.home()
    visitor.find("flow-card").filter(has_text="Left behind").get_by_test_id("flow-menu").click()
    visitor.page.get_by_role("menuitem", name="Delete").click()
    expect(visitor.find("notice")).to_contain_text("Left behind")
    visitor.page.get_by_role("link", name="Runs").first.click()
    visitor.page.wait_for_url("**/runs")
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    expect(visitor.find("notice")).to_have_count(0)
    visitor.page.go_back()
    expect(visitor.find("templates")).to_be_visible()
    expect(visitor.find("notice")).to_have_count(0)
