"""Editing the code in the code pane: it changes the canvas when it is applied, and only what was edited."""

from __future__ import annotations

import json
from typing import Any

from e2e_flows import interview
from playwright.sync_api import Locator, expect
from state_line import Line
from visitor import Visitor

SAID = "You interview people."


PASTE = """text => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def flow_of(visitor: Visitor) -> dict[str, Any]:
    """The flow as the studio has it."""
    address = visitor.page.url.rstrip("/").rsplit("/", 1)[-1].partition("?")[0]
    answer = visitor.page.request.get(f"{visitor.studio.origin}/api/flows/{address}/export?to=json")
    flow: dict[str, Any] = json.loads(answer.text())
    return flow


def code_of(visitor: Visitor, name: str) -> Locator:
    """The open code pane of a new flow."""
    visitor.import_flow(interview(name, SAID))
    visitor.find("code-button").click()
    visitor.find("code-target").select_option("convene")
    pane = visitor.find("code-pane")
    expect(pane).to_have_attribute("data-target", "convene")
    expect(pane).to_contain_text(SAID)
    return pane


def write(visitor: Visitor, pane: Locator, words: str, *, back: int) -> None:
    """Types into the line that holds the system message, so many characters before its end."""
    pane.locator(".cm-line", has_text=SAID).click()
    visitor.page.keyboard.press("End")
    for _ in range(back):
        visitor.page.keyboard.press("ArrowLeft")
    visitor.page.keyboard.type(words)
    expect(visitor.find("code-edited")).to_be_visible()


def test_edited_code_changes_the_canvas_in_one_step(visitor: Visitor) -> None:
    pane = code_of(visitor, "Applied")
    before = flow_of(visitor)
    write(visitor, pane, " Be brief.", back=2)
    expect(visitor.node("ann")).not_to_contain_text("Be brief.")
    visitor.page.keyboard.press("Control+Enter")
    expect(visitor.find("code-edited")).to_have_count(0)
    visitor.choose("ann")
    expect(visitor.field("system_message")).to_have_value(f"{SAID} Be brief.")
    after = flow_of(visitor)
    assert [node["id"] for node in after["nodes"] if node not in before["nodes"]] == ["n_ann"]
    assert after["edges"] == before["edges"]
    expect(pane).to_contain_text(f"{SAID} Be brief.")

    visitor.find("undo").click()
    expect(visitor.field("system_message")).to_have_value(SAID)
    expect(pane).not_to_contain_text("Be brief.")
    assert flow_of(visitor) == before


def test_what_is_not_understood_is_shown_before_anything_changes(visitor: Visitor) -> None:
    pane = code_of(visitor, "Doubted")
    before = flow_of(visitor)
    write(visitor, pane, ", wings=2", back=1)
    visitor.find("code-apply").click()
    told = visitor.find("code-told")
    expect(told).to_contain_text("wings")
    expect(told.get_by_test_id("report-line")).to_have_count(1)
    assert flow_of(visitor) == before
    expect(visitor.find("code-apply")).to_contain_text("all the same")
    visitor.find("code-put-back").click()
    expect(told).to_have_count(0)
    expect(visitor.find("code-edited")).to_have_count(0)
    expect(pane).not_to_contain_text("wings")
    assert flow_of(visitor) == before


def test_code_that_is_no_python_changes_nothing_and_says_the_line(visitor: Visitor) -> None:
    pane = code_of(visitor, "Broken")
    before = flow_of(visitor)
    write(visitor, pane, ")", back=0)
    visitor.find("code-apply").click()
    expect(visitor.find("code-told")).to_contain_text("no Python")
    expect(visitor.find("code-edited")).to_be_visible()
    visitor.page.keyboard.press("End")
    pane.locator(".cm-line", has_text=SAID).click()
    visitor.page.keyboard.press("End")
    visitor.page.keyboard.press("Backspace")
    expect(visitor.find("code-edited")).to_have_count(0)
    assert flow_of(visitor) == before


def test_a_text_that_is_being_edited_is_not_overwritten_by_the_canvas(visitor: Visitor) -> None:
    pane = code_of(visitor, "Meanwhile")
    write(visitor, pane, " Be brief.", back=2)
    visitor.choose("boss")
    visitor.fill("description", "knows everything")
    expect(visitor.find("code-edited")).to_have_attribute("data-how", "stale")
    expect(pane).to_contain_text("Be brief.")
    expect(pane).not_to_contain_text("knows everything")
    visitor.find("code-put-back").click()
    expect(pane).to_contain_text("knows everything")


def test_an_edited_text_outlives_the_pane(visitor: Visitor) -> None:
    pane = code_of(visitor, "Drafts")
    write(visitor, pane, " Be brief.", back=2)
    visitor.find("code-target").select_option("json")
    expect(pane).to_contain_text("convene.flow")
    expect(visitor.find("code-edited")).to_have_count(0)
    visitor.find("code-target").select_option("convene")
    expect(pane).to_contain_text("Be brief.")
    visitor.find("code-tab").click()
    expect(pane).to_have_count(0)
    visitor.find("code-tab").click()
    expect(visitor.find("code-edited")).to_be_visible()
    visitor.find("code-apply").click()
    expect(visitor.node("ann")).to_be_visible()
    expect(visitor.find("code-edited")).to_have_count(0)
    visitor.choose("ann")
    expect(visitor.field("system_message")).to_have_value(f"{SAID} Be brief.")


def test_an_edited_text_outlives_a_page_that_is_loaded_again(visitor: Visitor) -> None:
    pane = code_of(visitor, "Reloaded")
    write(visitor, pane, " Be brief.", back=2)
    visitor.reload()
    expect(visitor.find("code-edited")).to_be_visible()
    expect(pane).to_contain_text(f"{SAID} Be brief.")
    visitor.find("code-apply").click()
    expect(visitor.find("code-edited")).to_have_count(0)
    visitor.reload()
    expect(pane).to_contain_text(f"{SAID} Be brief.")
    expect(visitor.find("code-edited")).to_have_count(0)


def test_a_program_that_was_edited_elsewhere_opens_as_it_was_drawn(visitor: Visitor) -> None:
    visitor.import_flow(interview("Elsewhere", SAID))
    before = flow_of(visitor)
    address = visitor.page.url.rstrip("/").rsplit("/", 1)[-1].partition("?")[0]
    program = visitor.page.request.get(f"{visitor.studio.origin}/api/flows/{address}/export?to=convene").text()
    visitor.home()
    visitor.page.evaluate(PASTE, program.replace(SAID, "You ask people."))
    visitor.in_editor()
    expect(visitor.node("ann")).to_contain_text("You ask people")
    after = flow_of(visitor)
    assert [node["id"] for node in after["nodes"] if node not in before["nodes"]] == ["n_ann"]
    assert after["edges"] == before["edges"]
    expect(visitor.find("report-tab")).to_have_count(0)


def test_a_text_of_which_only_the_answer_was_lost_is_no_draft_after_a_reload(visitor: Visitor) -> None:
    line = Line(visitor.page)
    visitor.reload()
    pane = code_of(visitor, "Answer lost")
    before = flow_of(visitor)
    write(visitor, pane, " briefly", back=3)
    other = visitor.in_another_tab()
    line.down = False
    visitor.find("code-apply").click()
    expect(other.node("ann")).to_contain_text("people briefly")
    expect(visitor.find("code-edited")).to_be_visible()

    line.down = True
    visitor.reload()
    expect(pane).to_contain_text("people briefly")
    expect(visitor.find("code-edited")).to_have_count(0)
    visitor.find("undo").click()
    expect(pane).not_to_contain_text("people briefly")
    expect(visitor.find("undo")).to_be_disabled()
    assert flow_of(visitor) == before


def test_two_clicks_in_one_breath_take_nothing_that_was_not_understood(visitor: Visitor) -> None:
    pane = code_of(visitor, "Twice")
    before = flow_of(visitor)
    write(visitor, pane, ", wings=2", back=1)
    visitor.find("code-apply").dblclick()
    expect(visitor.find("code-told")).to_contain_text("wings")
    expect(visitor.find("code-apply")).to_contain_text("all the same")
    assert flow_of(visitor) == before
    visitor.find("code-apply").click()
    expect(visitor.find("code-edited")).to_have_count(0)


def test_what_is_typed_while_a_text_is_taken_stays(visitor: Visitor) -> None:
    line = Line(visitor.page)
    visitor.reload()
    pane = code_of(visitor, "Typed on")
    write(visitor, pane, " briefly", back=3)
    line.held = True
    visitor.page.keyboard.press("Control+Enter")
    visitor.page.keyboard.type(" and kindly")
    line.release()
    expect(visitor.node("ann")).to_contain_text("people briefly")
    expect(visitor.find("code-edited")).to_have_attribute("data-how", "stale")
    expect(pane).to_contain_text("people briefly and kindly.")
    visitor.page.keyboard.press("Control+Enter")
    expect(visitor.find("code-edited")).to_have_count(0)
    expect(pane).to_contain_text("people briefly and kindly.")
