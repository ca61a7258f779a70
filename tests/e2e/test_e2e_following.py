"""A run belongs to the server: lost lines and changed pages miss nothing and mix nothing."""

from __future__ import annotations

import time

from e2e_flows import interview, talk
from model_server import ModelServer, Said
from patience import within
from playwright.sync_api import WebSocketRoute, expect
from visitor import Visitor


def test_a_line_that_breaks_while_somebody_speaks_misses_nothing(visitor: Visitor, model: ModelServer) -> None:
    words = [f"word{n}" for n in range(150)]
    model.script({"You count": ["To begin with.", Said(" ".join(words) + " DONE", each=0.02)]})
    lines: list[WebSocketRoute] = []

    def line(route: WebSocketRoute) -> None:
        lines.append(route)
        route.connect_to_server()

    visitor.page.route_web_socket("**/api/channel", line)
    visitor.import_flow(talk("Broken line", "You count words."))
    visitor.run("Count.")
    expect(visitor.find("message-live")).to_contain_text("word9 ")
    for _ in range(2):
        before = len(lines)
        lines[-1].close()
        giving_up = time.monotonic() + within(10)
        while len(lines) == before:
            assert time.monotonic() < giving_up, "the page opened no new line"
            visitor.page.wait_for_timeout(50)
    visitor.ends("done")
    text = " ".join((visitor.message("ann").last.locator(".tr-text").text_content() or "").split())
    assert text == " ".join(words) + " DONE"
    assert visitor.speakers() == ["you", "ann", "ann"]


def test_a_page_that_comes_in_the_middle_hears_what_is_being_said(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You drone": Said("so it goes " * 300 + "DONE", each=0.02)})
    visitor.import_flow(talk("Droning", "You drone."))
    visitor.run("Drone.")
    expect(visitor.find("message-live")).to_contain_text("so it goes so it goes")
    visitor.reload()
    expect(visitor.find("message-live")).to_contain_text("so it goes so it goes so it goes")
    assert (visitor.find("message-live").text_content() or "").count("thinking") == 0
    visitor.find("stop-button").click()
    visitor.ends("stopped")


def test_going_from_flow_to_flow_shows_each_its_own_conversation(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You hear of tea": ["How strong?", "DONE, tea it is."], "You hear of wine": ["Red or white? DONE"]})
    tea = visitor.import_flow(interview("Tea house", "You hear of tea."))
    visitor.run("I want tea.")
    expect(visitor.question).to_be_visible()

    visitor.page.get_by_role("link", name="Convene").click()
    visitor.import_flow(talk("Wine bar", "You hear of wine."))
    visitor.show_conversation()
    expect(visitor.messages).to_have_count(0)
    expect(visitor.question).to_have_count(0)
    visitor.run("I want wine.")
    visitor.ends("done")
    expect(visitor.find("transcript")).not_to_contain_text("I want tea")

    visitor.page.go_back()
    visitor.page.go_back()
    visitor.page.wait_for_url(f"**/flow/{tea}**")
    expect(visitor.node("boss")).to_be_visible()
    expect(visitor.question).to_be_visible()
    expect(visitor.find("transcript")).not_to_contain_text("I want wine")
    visitor.answer("Strong.")
    visitor.ends("done")
    assert visitor.speakers() == ["you", "ann", "boss", "ann"]

    visitor.page.go_forward()
    visitor.page.go_forward()
    expect(visitor.page.get_by_test_id("flow-name")).to_have_value("Wine bar")
    visitor.show_conversation()
    expect(visitor.find("transcript")).not_to_contain_text("I want tea")
