"""A team described in words on the first page: drawn by the account's model, opened with its report, changed and undone like any other."""

from __future__ import annotations

import re

from model_server import ModelServer, Said
from outlines import agent, arrow, outline, written
from playwright.sync_api import expect
from visitor import Visitor, middle

EVIL = "<img src=x onerror=alert(document.cookie)>"


def describe(visitor: Visitor, words: str) -> None:
    visitor.find("wish").fill(words)
    drawn_by_the_house(visitor)


def drawn_by_the_house(visitor: Visitor) -> None:
    """Accounts of other tests may stand before it."""
    visitor.find("wish-account").select_option("openai")
    expect(visitor.find("wish-account")).to_have_value("openai")
    visitor.find("wish-model").fill("test-model")
    visitor.find("wish-draw").click()


def test_a_described_team_is_drawn_opened_run_and_undone(visitor: Visitor, model: ModelServer) -> None:
    arrows = [arrow("writer", "critic"), arrow("critic", "writer", "AGAIN")]
    team = outline(agent("writer", tools=["web_search"]), agent("critic"), speaking="graph", arrows=arrows)
    model.script({"You design teams": written(team), "You are writer": "A line about rain.", "You are critic": "Fine. APPROVED"})
    expect(visitor.find("wish-draw")).to_be_visible()
    assert middle(visitor.find("describe"))[1] < middle(visitor.find("templates"))[1]
    describe(visitor, "A writer and a critic who make short texts")
    visitor.in_editor()
    for name in ("writer", "critic", "web search"):
        expect(visitor.node(name)).to_be_visible()
    expect(visitor.edges("speaks")).to_have_count(2)
    report = visitor.find("report")
    expect(report).to_contain_text("a description, drawn by test-model")
    expect(report).to_contain_text("writer, an assistant: writer at work")
    expect(report).to_contain_text("Agents may search the web")
    expect(report).to_contain_text("Drawing it took")
    visitor.run("Write about rain.")
    visitor.ends()
    assert visitor.speakers()[-2:] == ["writer", "critic"]
    visitor.choose("critic")
    visitor.page.keyboard.press("Delete")
    expect(visitor.node("critic")).to_have_count(0)
    visitor.find("undo").click()
    expect(visitor.node("critic")).to_be_visible()


def test_names_appear_while_it_is_drawn_and_stop_leaves_the_words_and_no_flow(visitor: Visitor, model: ModelServer) -> None:
    model.script({"*": Said(written(outline(how_to_choose="word " * 1_000)), each=0.1)})
    flows = visitor.find("flow-card").count()
    describe(visitor, "A writer and a critic")
    expect(visitor.find("wish-working")).to_contain_text("test-model draws the team")
    expect(visitor.find("wish-name").first).to_have_text("writer")
    visitor.reload()
    expect(visitor.find("wish-working")).to_be_visible()
    visitor.find("wish-stop").click()
    expect(visitor.find("wish-trouble")).to_contain_text("nothing was made")
    expect(visitor.find("wish")).to_have_value("A writer and a critic")
    assert model.wait_until(lambda server: server.open == 0)
    expect(visitor.find("flow-card")).to_have_count(flows)


def test_an_answer_that_is_no_team_is_told_and_can_be_tried_again(visitor: Visitor, model: ModelServer) -> None:
    model.script({"*": "What a lovely day."})
    describe(visitor, "A team")
    expect(visitor.find("wish-trouble")).to_contain_text("answered 3 times, and no answer was a team")
    model.script({"*": written(outline(agent(EVIL, description=EVIL), agent("critic"), name=EVIL))})
    opened: list[str] = []
    visitor.page.on("dialog", lambda dialog: opened.append(dialog.message))
    drawn_by_the_house(visitor)
    visitor.in_editor()
    expect(visitor.node("img_src_x_onerror_alert_document_cookie")).to_be_visible()
    expect(visitor.page).to_have_title(re.compile(re.escape(EVIL)))
    assert opened == []


def test_a_refused_key_leads_to_the_account(visitor: Visitor, model: ModelServer) -> None:
    model.keys = {"sk-another"}
    describe(visitor, "A team")
    expect(visitor.find("wish-trouble")).to_contain_text("401")
    visitor.find("wish-trouble").get_by_role("link", name="Open the account").click()
    expect(visitor.find("account-dialog")).to_be_visible()


def test_the_open_flow_is_changed_by_a_sentence_and_undo_takes_it_back(visitor: Visitor, model: ModelServer) -> None:
    model.script({"*": written(outline())})
    describe(visitor, "A writer and a critic")
    visitor.in_editor()
    visitor.find("report-aside").click()
    model.script({"*": written(outline(agent("writer"), agent("checker"), agent("critic")))})
    visitor.find("change-button").click()
    visitor.find("change-dialog").get_by_test_id("wish").fill("Somebody checks the facts before the critic.")
    drawn_by_the_house(visitor)
    expect(visitor.node("checker")).to_be_visible()
    expect(visitor.find("change-dialog")).to_be_hidden()
    expect(visitor.find("notice").last).to_contain_text("“Short texts” was changed")
    visitor.find("undo").click()
    expect(visitor.node("checker")).to_have_count(0)
    visitor.page.keyboard.press("Control+k")
    visitor.page.keyboard.type("change by")
    visitor.page.keyboard.press("Enter")
    expect(visitor.find("change-dialog")).to_be_visible()


def test_a_flow_that_is_more_than_one_team_says_why_it_cannot_be_changed_by_a_sentence(visitor: Visitor) -> None:
    visitor.use_template("board-of-advisers")
    visitor.find("change-button").click()
    expect(visitor.find("change-refused")).to_contain_text("Change it on the canvas")
    expect(visitor.find("change-dialog").get_by_test_id("wish")).to_have_count(0)
