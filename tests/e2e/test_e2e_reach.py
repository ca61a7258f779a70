"""Who cannot use a mouse, cannot see the screen, or has only a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from e2e_flows import assistant, human, interview, team
from model_server import ModelServer
from playwright.sync_api import Page, expect
from studio_process import StudioProcess
from visitor import Visitor

NAMED = {
    "button", "textbox", "searchbox", "combobox", "checkbox", "radio", "radiogroup", "slider", "spinbutton", "link", "menuitem", "tab",
    "tabpanel", "dialog", "listbox", "option", "switch", "separator", "log", "img", "image", "application", "navigation",
}  # fmt: skip
"""Roles that a screen reader announces by their name."""


def nameless(page: Page) -> list[str]:
    """What the browser's accessibility tree holds without a name, although it needs one."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    found = []
    for each in nodes:
        role = each.get("role", {}).get("value", "")
        if each.get("ignored") or role.lower() not in NAMED or str(each.get("name", {}).get("value", "")).strip():
            continue
        focusable = any(one["name"] == "focusable" for one in each.get("properties", []))
        if role.lower() in ("separator", "img", "image") and not focusable:
            continue
        html = session.send("DOM.resolveNode", {"backendNodeId": each["backendDOMNodeId"]})["object"]["objectId"]
        outer = session.send("Runtime.callFunctionOn", {"objectId": html, "functionDeclaration": "function() { return this.outerHTML }"})
        found.append(f"{role}: {outer['result'].get('value', '')[:160]}")
    session.detach()
    return found


def test_every_control_has_a_name(visitor: Visitor, model: ModelServer) -> None:
    assert nameless(visitor.page) == []
    visitor.accounts()
    assert nameless(visitor.page) == []
    visitor.find("add-account").click()
    visitor.find("account-dialog").get_by_role("button", name="Another server").click()
    expect(visitor.find("account-url")).to_be_visible()
    assert nameless(visitor.page) == []
    visitor.close_dialog()
    visitor.visit("/runs")
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    assert nameless(visitor.page) == []

    visitor.home()
    model.script({"You interview": ["Who are you?"]})
    visitor.import_flow(interview("Named", "You interview people.", executor={"kind": "auto"}))
    for name in ("ann", "boss", "team", "stop", "model"):
        visitor.choose(name)
        for more in visitor.find("inspector").locator("details:not([open]) > summary").all():
            more.click()
        assert nameless(visitor.page) == [], name
    for drawer in ("problems", "code", "timeline", "runs"):
        visitor.find(f"{drawer}-tab").click()
        visitor.page.wait_for_timeout(200)
        assert nameless(visitor.page) == [], drawer
    visitor.run("Ask.")
    expect(visitor.question).to_be_visible()
    assert nameless(visitor.page) == []


BROKEN_OUTLINE = """
() => {
  const seen = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter((one) => one.checkVisibility());
  const levels = seen.map((one) => Number(one.tagName[1]));
  const skipped = seen.filter((one, index) => index > 0 && levels[index] > levels[index - 1] + 1).map((one) => one.outerHTML);
  // A name on an element without a role is read by nobody.
  const named = [...document.querySelectorAll(":is(div, span, i, p)[aria-label]:not([role])")].map((one) => one.outerHTML.slice(0, 120));
  return [...skipped, ...named];
}
"""


def test_headings_skip_no_level_and_names_have_roles(visitor: Visitor) -> None:
    assert visitor.page.evaluate(BROKEN_OUTLINE) == []
    visitor.accounts()
    assert visitor.page.evaluate(BROKEN_OUTLINE) == []
    visitor.visit("/runs")
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    assert visitor.page.evaluate(BROKEN_OUTLINE) == []
    visitor.home()
    visitor.import_flow(team("Outline", assistant("ann", "You are ann."), human("boss")))
    assert visitor.page.evaluate(BROKEN_OUTLINE) == []
    visitor.choose("team")
    assert visitor.page.evaluate(BROKEN_OUTLINE) == []
    visitor.node("ann").hover()
    assert visitor.page.evaluate(BROKEN_OUTLINE) == []


def test_a_flow_is_drawn_and_run_without_a_mouse(visitor: Visitor) -> None:
    press, write = visitor.page.keyboard.press, visitor.page.keyboard.type
    tab_to(visitor, "new-flow")
    press("Enter")
    visitor.in_editor()
    for wanted, count in (("round robin", 1), ("assistant", 2), ("practice", 3), ("number of messages", 4)):
        press("/")
        expect(visitor.find("palette-search")).to_be_focused()
        write(wanted)
        press("Enter")
        expect(visitor.nodes).to_have_count(count)
        press("Escape")
    tab_to(visitor, "field-max_messages")
    write("3")
    press("Enter")
    expect(visitor.node("team")).to_contain_text("3 messages")
    tab_to(visitor, "node-assistant")
    press("Enter")
    visitor.inspects(visitor.node("assistant"))
    tab_to(visitor, "field-name")
    press("Control+A")
    write("ann")
    press("Enter")
    expect(visitor.node("ann")).to_be_visible()
    tab_to(visitor, "tab-inspector")
    for key, panel in (("ArrowRight", "conversation"), ("ArrowRight", "inspector"), ("End", "conversation")):
        press(key)
        expect(visitor.find(f"tab-{panel}")).to_be_focused()
        expect(visitor.find(f"tab-{panel}")).to_have_attribute("aria-selected", "true")

    press("Control+Enter")
    expect(visitor.find("task-input")).to_be_focused()
    write("Say something.")
    press("Enter")
    visitor.ends("done", seconds=30)
    expect(visitor.message("ann").first).to_be_visible()


def tab_to(visitor: Visitor, test_id: str, most: int = 80) -> None:
    """Presses Tab until the focus is there, as soon as there is something to reach."""
    expect(visitor.find(test_id)).to_be_visible()
    for _ in range(most):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("document.activeElement?.dataset.testid") == test_id:
            return
    raise AssertionError(f"{most} tabs do not lead to {test_id}")


def test_two_nodes_are_wired_with_the_keyboard(visitor: Visitor) -> None:
    visitor.import_flow(team("Arrows", assistant("ann", "You are ann."), human("boss")))
    visitor.node("ann").focus()
    visitor.page.keyboard.press("Space")
    visitor.page.keyboard.press("c")
    expect(visitor.page.get_by_role("menuitem", name="boss")).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(visitor.edges("speaks")).to_have_count(1)


def test_the_help_sheet_and_the_command_box_open_by_key(visitor: Visitor) -> None:
    visitor.import_flow(team("Commands", assistant("ann", "You are ann.")))
    visitor.page.keyboard.press("?")
    expect(visitor.find("help")).to_be_visible()
    visitor.close_dialog()
    visitor.page.keyboard.press("Control+k")
    expect(visitor.page.get_by_role("dialog")).to_be_visible()
    visitor.page.keyboard.type("ann")
    visitor.page.keyboard.press("Enter")
    expect(visitor.node("ann")).to_have_class(re.compile(r"\bselected\b"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways_on_a_phone(
    arrive: Callable[..., Visitor], studio: StudioProcess, model: ModelServer, scheme: str
) -> None:
    model.script({"You interview": ["What is your very long name, " + "and " * 60 + "```python\n" + "x = 1; " * 60 + "\n```"]})
    phone: Any = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "color_scheme": scheme}
    person = arrive(studio, **phone)
    fits(person)
    flow = person.import_flow(interview("On the phone", "You interview people."))
    fits(person)
    for view in person.page.locator(".views .view").all():
        view.click()
        fits(person)
    person.find("task-input").fill("Ask me.")
    person.find("task-run").click()
    expect(person.question).to_be_visible()
    fits(person)
    name = person.find("flow-name").bounding_box()
    assert name is not None
    assert name["width"] > 80, "the buttons of a run leave the name of the flow room"
    person.answer("DONE")
    person.ends("done")
    person.accounts()
    fits(person)
    person.visit("/runs")
    expect(person.find("runs")).to_be_visible()
    fits(person)
    assert flow


def test_what_is_added_on_a_phone_is_seen(arrive: Callable[..., Visitor], studio: StudioProcess) -> None:
    person = arrive(studio, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    person.new_flow()
    expect(person.find("problems-tab")).to_have_text("Problems")
    person.page.get_by_role("button", name="Add an agent").click()
    person.find("palette-assistant").click()
    expect(person.node("assistant")).to_be_in_viewport()
    expect(person.find("palette-assistant")).to_be_hidden()
    expect(person.find("problems-tab")).not_to_have_text("Problems")
    person.page.locator(".views").get_by_role("button", name="Add").click()
    person.find("palette-team").click()
    expect(person.node("team")).to_be_in_viewport(ratio=0.99)


def test_an_address_that_leads_nowhere_says_so_and_leads_home(visitor: Visitor) -> None:
    with visitor.expecting("404 (Not Found)"):
        visitor.visit("/nowhere")
        expect(visitor.page.get_by_text("There is no page at this address.")).to_be_visible()
    visitor.page.get_by_role("link", name="Flows").last.click()
    expect(visitor.find("new-flow")).to_be_visible()


def fits(person: Visitor) -> None:
    assert person.page.evaluate("document.documentElement.scrollWidth") <= 390, person.page.url
