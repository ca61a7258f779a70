"""An agent as a tool: wired with the mouse, set on its wire, called in a run, and seen while it works."""

from __future__ import annotations

from e2e_flows import assistant, human, node, team
from model_server import Call, ModelServer
from playwright.sync_api import expect
from visitor import Visitor


def test_an_agent_beside_the_team_becomes_a_tool_and_is_called(visitor: Visitor, model: ModelServer) -> None:
    asks = [Call("librarian", {"task": "A novel?"}), Call("librarian", {"task": "And its author?"}), "Emma by Jane Austen. DONE"]
    model.script({"You edit": asks, "You find": ["Emma.", "Jane Austen."]})
    visitor.import_flow(team("Desk", assistant("editor", "You edit."), human("boss")))
    expect(visitor.nodes).to_have_count(5)
    visitor.drag_in("assistant", 480, 640)
    visitor.fill("name", "librarian")
    visitor.fill("system_message", "You find books.")
    visitor.grab_wire("librarian")
    expect(visitor.node("boss").locator(".cv-agent")).to_have_attribute("data-fit", "no")
    expect(visitor.node("editor").locator(".cv-agent")).to_have_attribute("data-fit", "yes")
    visitor.move_to("editor")
    visitor.page.mouse.up()
    expect(visitor.edges("tool")).to_have_count(1)

    visitor.run("Which novel?")
    visitor.ends("done")
    calls = visitor.find("tool-call")
    expect(calls).to_have_count(2)
    expect(calls.nth(1)).to_have_attribute("data-state", "done")
    calls.nth(1).locator("summary").first.click()
    expect(calls.nth(1)).to_contain_text("Jane Austen.")
    assert [each.get("content") for each in model.asked("You find")[-1].messages[1:]] == [
        "editor: A novel?",
        "Emma.",
        "editor: And its author?",
    ]


def test_the_wire_says_what_calls_share_and_can_be_taken_back(visitor: Visitor) -> None:
    held = team("Desk", assistant("editor", "You edit."))
    held["nodes"].append(node("n_clerk", "assistant", "clerk", 620, 60, parent=None))
    held["edges"].append({"id": "e_call", "kind": "tool", "source": "n_clerk", "target": "n_editor"})
    visitor.import_flow(held)
    visitor.choose("editor")
    visitor.find("edge-clerk-editor").locator(".cv-wire-grip").click(force=True)
    expect(visitor.find("wire-ends")).to_have_text("clerk → editor")
    box = visitor.field("remembers")
    expect(box).to_be_checked()
    box.click()
    expect(box).not_to_be_checked()
    visitor.field("heard").select_option("all")
    visitor.reload()
    visitor.find("edge-clerk-editor").locator(".cv-wire-grip").click(force=True)
    expect(visitor.field("remembers")).not_to_be_checked()
    expect(visitor.field("heard")).to_have_value("all")
    visitor.find("undo").click()
    expect(visitor.field("heard")).to_have_value("last")


def test_without_a_team_an_arrow_between_two_agents_can_be_made_a_call(visitor: Visitor) -> None:
    visitor.new_flow()
    visitor.drag_in("assistant", 300, 200)
    visitor.drag_in("assistant", 640, 200)
    visitor.wire("assistant_2", "assistant")
    expect(visitor.edges("speaks")).to_have_count(1)
    visitor.find("edge-assistant_2-assistant").locator(".cv-wire-grip").click(force=True)
    visitor.field("kind").select_option("tool")
    expect(visitor.edges("tool")).to_have_count(1)
    expect(visitor.edges("speaks")).to_have_count(0)
    visitor.find("undo").click()
    expect(visitor.edges("speaks")).to_have_count(1)
