"""Arrows of who may not speak next: drawn by mouse, seen crossed out, and kept to in a conversation."""

from __future__ import annotations

from model_server import ModelServer
from playwright.sync_api import expect
from visitor import Visitor


def test_a_crossed_out_arrow_is_drawn_and_nobody_crosses_it(visitor: Visitor, model: ModelServer) -> None:
    model.script(
        {
            "You follow a conversation": ["writer", "writer", "writer"],
            "You write.": ["A first line.", "A second line. DONE"],
            "You judge.": ["Fine."],
            "You print.": ["Printed."],
        }
    )
    visitor.home()
    visitor.new_flow()
    visitor.drag_in("team", 420, 150)
    for entry, name, system, x in (("assistant", "writer", "You write.", 110), ("assistant", "critic", "You judge.", 400)):
        visitor.drag_onto(entry, "team", x, 110)
        visitor.fill("name", name)
        visitor.fill("system_message", system)
    visitor.drag_onto("assistant", "team", 110, 240)
    visitor.fill("name", "printer")
    visitor.fill("system_message", "You print.")
    visitor.drag_onto("stop", "team", 400, 250)
    visitor.fill("text", "DONE")
    visitor.drag_in("model", 200, 640)
    visitor.field("account").select_option("openai")
    visitor.fill("model", "test-model")
    visitor.wire("model", "team")

    visitor.choose("team")
    visitor.field("selection.kind").select_option("model_choice")
    visitor.wire("writer", "critic")
    arrow = visitor.edges("speaks")
    expect(arrow).to_have_attribute("data-barred", "false")
    visitor.choose("team")
    visitor.field("transitions_type").select_option("disallowed")
    expect(arrow).to_have_attribute("data-barred", "true")
    expect(arrow.locator(".cv-wire-cross")).to_have_count(1)
    expect(visitor.node("team")).to_contain_text("may not speak next")

    # The way back stays free: only what is drawn is crossed out.
    visitor.run("Write two lines.")
    visitor.ends("done")
    assert visitor.speakers() == ["you", "writer", "printer", "writer"]
