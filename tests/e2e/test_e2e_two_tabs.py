"""One flow in several tabs: each shows what the others changed, at once, and takes nothing away from who is typing."""

from __future__ import annotations

from e2e_flows import interview, talk
from model_server import ModelServer
from playwright.sync_api import WebSocketRoute, expect
from visitor import Visitor

NEXT_CARDS = """() => {
  window.cardsCame = [];
  const known = new WeakSet(document.querySelectorAll("[data-testid=question]"));
  new MutationObserver(() => {
    for (const card of document.querySelectorAll("[data-testid=question]")) {
      if (known.has(card)) continue;
      known.add(card);
      window.cardsCame.push({ isNew: "new" in card.dataset, mayBeSent: !card.querySelector("[data-testid=answer-send]").matches(":disabled") });
    }
  }).observe(document.body, { childList: true, subtree: true });
}"""
"""Notes how each further question stood when it came."""


def test_every_tab_shows_what_another_one_changed(visitor: Visitor) -> None:
    visitor.import_flow(talk("Shared", "You talk."))
    other = visitor.in_another_tab()
    other.choose("ann")
    other.find("code-tab").click()
    expect(other.find("code-pane")).to_contain_text("You talk.")
    expect(other.find("undo")).to_be_disabled()

    visitor.choose("ann")
    visitor.fill("system_message", "You sing.")
    expect(other.field("system_message")).to_have_value("You sing.")
    expect(other.find("code-pane")).to_contain_text("You sing.")
    expect(other.find("undo")).to_be_enabled()
    visitor.fill("name", "eve")
    expect(other.node("eve")).to_be_visible()
    visitor.name_flow("Choir")
    expect(other.find("flow-name")).to_have_value("Choir")

    other.find("undo").click()
    other.find("undo").click()
    expect(visitor.node("ann")).to_be_visible()
    expect(visitor.find("flow-name")).to_have_value("Shared")
    expect(visitor.find("redo")).to_be_enabled()


def test_what_somebody_types_stays_while_another_tab_edits_the_same_node(visitor: Visitor) -> None:
    visitor.import_flow(talk("Typing", "You talk."))
    other = visitor.in_another_tab()
    other.choose("ann")
    visitor.choose("ann")
    visitor.find("flow-name").click()
    visitor.page.keyboard.press("End")
    visitor.page.keyboard.type(" on")
    other.fill("system_message", "You sing.")
    other.name_flow("Songs")
    expect(visitor.field("system_message")).to_have_value("You sing.")
    expect(visitor.find("flow-name")).to_have_value("Typing on")
    expect(visitor.find("inspector")).to_have_attribute("data-node", "n_ann")
    visitor.page.keyboard.press("Enter")
    expect(other.find("flow-name")).to_have_value("Typing on")


def test_a_node_removed_in_another_tab_closes_its_form_and_says_so(visitor: Visitor) -> None:
    visitor.import_flow(interview("Removed", "You ask."))
    other = visitor.in_another_tab()
    other.choose("boss")
    visitor.choose("boss")
    visitor.page.keyboard.press("Delete")
    expect(other.find("notice")).to_contain_text("boss was removed in another tab")
    expect(other.node("boss")).to_have_count(0)
    expect(other.find("inspector")).to_have_attribute("data-node", "")
    expect(visitor.find("notice")).to_have_count(0)
    other.find("undo").click()
    expect(visitor.node("boss")).to_be_visible()


def test_a_flow_deleted_in_another_tab_says_so_and_comes_back_with_it(visitor: Visitor) -> None:
    visitor.import_flow(talk("Going", "You talk."))
    other = visitor.in_another_tab()
    third = visitor.in_another_tab()
    visitor.home()
    card = visitor.find("flow-card").filter(has_text="Going")
    card.get_by_test_id("flow-menu").click()
    card.get_by_role("menuitem", name="Delete").click()
    expect(other.find("bring-back")).to_be_visible()
    other.find("bring-back").click()
    for tab in (other, third):
        expect(tab.node("ann")).to_be_visible()


def test_a_tab_whose_line_was_lost_shows_what_changed_meanwhile(visitor: Visitor) -> None:
    visitor.import_flow(talk("Cut off", "You talk."))
    other = visitor.in_another_tab()
    lines: list[WebSocketRoute] = []
    up = True

    def line(route: WebSocketRoute) -> None:
        if up:
            lines.append(route)
            route.connect_to_server()
        else:
            route.close()

    other.page.route_web_socket("**/api/channel", line)
    other.reload()
    up = False
    lines[-1].close()
    visitor.choose("ann")
    visitor.fill("name", "eve")
    expect(visitor.node("eve")).to_be_visible()
    assert other.node("ann").count() == 1
    up = True
    other.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(other.node("eve")).to_be_visible()


def test_an_answer_typed_for_one_question_is_never_sent_to_the_next(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You ask thrice": ["Tea or coffee?", "How strong?", "DONE, so be it."]})
    visitor.import_flow(interview("Tea", "You ask thrice."))
    visitor.run("Ask me.")
    expect(visitor.question).to_be_visible()
    other = visitor.in_another_tab()
    expect(other.find("answer-input")).to_be_visible()
    other.find("answer-input").click()
    other.page.keyboard.type("Green tea with ")
    other.page.evaluate(NEXT_CARDS)
    visitor.answer("Coffee.")

    expect(other.find("leftover-text")).to_have_value("Green tea with ")
    expect(other.find("leftover-text")).to_be_focused()
    other.page.keyboard.type("honey")
    expect(other.message("ann").last).to_contain_text("How strong?")
    expect(other.find("answer-input")).to_have_value("")
    assert other.page.evaluate("window.cardsCame") == [{"isNew": True, "mayBeSent": False}]
    expect(other.find("answer-send")).to_be_enabled()
    expect(other.find("leftover-text")).to_have_value("Green tea with honey")

    other.reload()
    expect(other.find("leftover-text")).to_have_value("Green tea with honey")
    other.find("leftover-use").click()
    expect(other.find("answer-input")).to_have_value("Green tea with honey")
    expect(other.find("leftover")).to_have_count(0)
    other.find("answer-send").click()
    other.ends("done")
    expect(other.message("boss").last).to_contain_text("Green tea with honey")
    expect(visitor.find("leftover")).to_have_count(0)
    expect(other.find("leftover")).to_have_count(0)


def test_a_run_that_another_tab_started_shows_and_can_be_answered(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You ask once": ["Tea or coffee?", "DONE, so be it."]})
    visitor.import_flow(interview("Taken up", "You ask once."))
    idle, typing = visitor.in_another_tab(), visitor.in_another_tab()
    typing.choose("ann")
    typing.field("system_message").click()
    typing.page.keyboard.press("End")
    typing.page.keyboard.type(" Kindly")
    visitor.run("Ask me.")
    expect(visitor.question).to_be_visible()

    expect(idle.message("ann")).to_contain_text("Tea or coffee?")
    expect(typing.find("tab-conversation").get_by_test_id("run-mark")).to_have_attribute("data-status", "waiting")
    typing.page.keyboard.type(", always.")
    expect(typing.field("system_message")).to_have_value("You ask once. Kindly, always.")
    typing.show_conversation()
    expect(typing.question).to_be_visible()
    expect(typing.find("tab-conversation").get_by_test_id("run-mark")).to_be_hidden()
    idle.answer("Tea.")
    for tab in (visitor, idle, typing):
        tab.ends("done")
        expect(tab.message("boss")).to_contain_text("Tea.")


def test_who_writes_a_task_meanwhile_gets_a_run_of_their_own(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You ask once": ["Tea or coffee?", "DONE, so be it."]})
    visitor.import_flow(interview("Two at once", "You ask once."))
    other = visitor.in_another_tab()
    other.show_conversation()
    other.find("task-input").fill("Ask us.")
    visitor.run("Ask me.")
    expect(visitor.question).to_be_visible()
    expect(other.find("task-input")).to_have_value("Ask us.")
    other.find("run-button").click()
    expect(other.question).to_be_visible()
    expect(other.find("transcript")).to_contain_text("Ask us.")

    visitor.answer("Tea.")
    visitor.ends("done")
    expect(visitor.find("transcript")).not_to_contain_text("Ask us.")
    expect(other.question).to_be_visible()
    expect(other.message("boss")).to_have_count(0)
