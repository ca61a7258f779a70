"""What is kept: every word that is typed, versions, files that are brought in, and what other tabs changed meanwhile."""

from __future__ import annotations

import json

from e2e_flows import assistant, team
from playwright.sync_api import expect
from visitor import Visitor

SENTENCE = "You are a patient teacher who explains every step. "


def test_no_letter_is_lost_while_the_server_answers(visitor: Visitor) -> None:
    visitor.import_flow(team("Typing", assistant("ann", "")))
    visitor.choose("ann")
    box = visitor.field("system_message")
    box.click()
    for _ in range(4):
        visitor.page.keyboard.type(SENTENCE, delay=8)
        # As long as a pause after which the text is sent; the next letters come while the answer is on its way.
        visitor.page.wait_for_timeout(405)
    expect(box).to_have_value(SENTENCE * 4)
    box.blur()
    visitor.page.wait_for_timeout(300)
    visitor.reload()
    visitor.choose("ann")
    expect(visitor.field("system_message")).to_have_value(SENTENCE * 4)


def test_undo_in_a_text_takes_back_letters_and_not_the_drawing(visitor: Visitor) -> None:
    visitor.import_flow(team("Letters", assistant("ann", "You are ann.")))
    visitor.drag_in("note", 200, 640)
    visitor.choose("ann")
    visitor.field("description").click()
    visitor.page.keyboard.type("a friend")
    visitor.page.keyboard.press("Control+z")
    expect(visitor.field("description")).not_to_have_value("a friend")
    visitor.page.keyboard.press("Delete")
    expect(visitor.page.locator("[data-kind=note]")).to_have_count(1)
    expect(visitor.node("ann")).to_be_visible()


def test_two_tabs_change_one_flow_and_neither_loses_anything(visitor: Visitor) -> None:
    visitor.import_flow(team("Together", assistant("ann", "You are ann."), assistant("bob", "You are bob.", x=300)))
    other = visitor.in_another_tab()
    visitor.choose("ann")
    visitor.fill("system_message", "You are Ann of the first tab.")
    other.choose("bob")
    other.fill("system_message", "You are Bob of the second tab.")
    visitor.choose("bob")
    expect(visitor.field("system_message")).to_have_value("You are Bob of the second tab.")
    visitor.reload()
    expect(visitor.node("ann")).to_contain_text("first tab")
    expect(visitor.node("bob")).to_contain_text("second tab")
    expect(other.node("ann")).to_contain_text("first tab")


def test_a_named_version_comes_back(visitor: Visitor) -> None:
    visitor.import_flow(team("Versions", assistant("ann", "You are ann.")))
    open_versions(visitor)
    visitor.find("version-name").fill("Before the change")
    visitor.find("version-keep").click()
    expect(visitor.find("versions")).to_contain_text("Before the change")
    visitor.close_dialog()
    visitor.choose("ann")
    visitor.fill("system_message", "You are somebody else.")
    expect(visitor.node("ann")).to_contain_text("somebody else")

    open_versions(visitor)
    kept = visitor.find("versions").get_by_role("listitem").filter(has_text="Before the change")
    kept.get_by_role("button", name="Compare").click()
    expect(kept.locator(".version-changes")).to_contain_text("ann")
    kept.get_by_role("button", name="Restore").click()
    expect(visitor.node("ann")).to_contain_text("You are ann")
    visitor.find("undo").click()
    expect(visitor.node("ann")).to_contain_text("somebody else")


def open_versions(visitor: Visitor) -> None:
    visitor.find("export").click()
    visitor.page.get_by_role("menuitem", name="Versions").click()
    expect(visitor.find("versions-dialog")).to_be_visible()


def test_a_broken_file_is_refused_with_the_place_of_its_mistake(visitor: Visitor) -> None:
    flow = team("Nothing of this", assistant("ann", "You are ann.")) | {"format": "convene.flow", "version": 1}
    flow["nodes"][1]["position"] = {"x": "far left", "y": 0}
    for content, says in (
        (json.dumps(flow), "position"),
        ('{"format": "convene.flow",\n "version": 1,,}', "line 2"),
        ("\x00\x01 no flow at all", ""),
        ("[" * 5000 + "]" * 5000, ""),
    ):
        with visitor.expecting("status of 4"):
            before = visitor.find("notice").count()
            visitor.find("import-file").set_input_files({"name": "flow.json", "mimeType": "application/json", "buffer": content.encode()})
            expect(visitor.find("notice")).to_have_count(before + 1)
        expect(visitor.find("notice").last).to_contain_text(says)
    visitor.reload()
    expect(visitor.find("flows").get_by_text("Nothing of this", exact=True)).to_have_count(0)


def test_a_flow_of_a_thousand_kilobytes_is_imported_and_edited(visitor: Visitor) -> None:
    essay = "All work and no play. " * 4_000
    agents = [assistant(f"agent{n}", essay[: 60_000 - n], x=20 + 190 * (n % 5), y=60 + 90 * (n // 5)) for n in range(15)]
    visitor.import_flow(team("Essays", *agents))
    expect(visitor.nodes).to_have_count(18)
    visitor.choose("agent3")
    visitor.fill("description", "the third")
    visitor.reload()
    visitor.choose("agent3")
    expect(visitor.field("description")).to_have_value("the third")
