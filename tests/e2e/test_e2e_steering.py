"""Steering a run: pause, one step, go on, a message put in, who speaks next, and going on from any event in a new run."""

from __future__ import annotations

import re
from pathlib import Path

from e2e_flows import assistant, human, interview, node, talk, team
from model_server import ModelServer, Said
from patience import within
from playwright.sync_api import expect
from studio_process import StudioProcess
from visitor import Visitor

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)


def paused(visitor: Visitor) -> None:
    expect(visitor.find("run-status")).to_have_attribute("data-status", "paused", timeout=1_000 * within(15))


def test_a_run_is_paused_stepped_talked_to_and_goes_on(visitor: Visitor, model: ModelServer) -> None:
    slow = [Said(f"Thought number {n}.", each=0.15) for n in range(1, 9)]
    model.script({"You are ann": [*slow[:3], "DONE, all thought."], "You are bob": slow[3:]})
    visitor.import_flow(team("Steering", assistant("ann", "You are ann."), assistant("bob", "You are bob.", x=300)))
    visitor.run("Think.")
    expect(visitor.message("ann").first).to_be_visible()  # paused before the first word, ann would give way to bob in other words
    visitor.find("pause-button").click()
    paused(visitor)
    before = visitor.messages.count()
    visitor.page.wait_for_timeout(600)
    assert visitor.messages.count() == before
    expect(visitor.find("command").last).to_have_text("Paused")

    visitor.find("inject-input").fill("Remember the budget.")
    visitor.page.keyboard.press("Enter")
    expect(visitor.message("you").last).to_contain_text("Remember the budget.")
    visitor.find("next-speaker").select_option("bob")
    expect(visitor.find("command").last).to_contain_text("bob speaks next")

    visitor.reload()
    paused(visitor)
    visitor.find("step-button").click()
    expect(visitor.messages.last).to_have_attribute("data-source", "bob", timeout=1_000 * within(15))
    visitor.page.wait_for_timeout(1_500)  # what is pressed while a step is under way would pause what pauses anyway
    expect(visitor.find("step-button")).to_be_visible(timeout=1_000 * within(15))
    paused(visitor)
    assert "Remember the budget." in str(model.asked("You are bob")[-1].messages)

    visitor.page.keyboard.press("Alt+p")
    visitor.ends("done", seconds=30)
    expect(visitor.find("pause-button")).to_have_count(0)
    expect(visitor.find("inject-input")).to_have_count(0)


def test_a_run_goes_on_from_an_earlier_event_in_a_new_run(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You are ann": ["First.", "DONE the old way."], "You are bob": ["Second.", "Second, anew."]})
    visitor.import_flow(team("Forking", assistant("ann", "You are ann."), assistant("bob", "You are bob.", x=300)))
    visitor.run("Count.")
    visitor.ends("done")
    old = visitor.find("transcript").get_attribute("data-run")
    model.script({"You are bob": ["Second, anew."], "You are ann": ["DONE the new way."]})
    visitor.find("step-through").click()
    forward = visitor.page.get_by_role("button", name="One event on")
    while visitor.messages.count() < 2 or "First." not in visitor.messages.last.inner_text():
        forward.click()
    visitor.find("continue-here").click()
    expect(visitor.find("transcript")).not_to_have_attribute("data-run", str(old))
    visitor.ends("done")
    expect(visitor.find("forked")).to_contain_text("Continues another run")
    expect(visitor.message("bob")).to_contain_text("Second, anew.")
    expect(visitor.messages.last).to_contain_text("DONE the new way.")

    visitor.find("forked").get_by_role("link").click()
    visitor.page.wait_for_url(f"**/run/{old}")
    expect(visitor.messages.last).to_contain_text("DONE the old way.")
    visitor.find("step-through").click()
    visitor.find("continue-here").click()
    visitor.page.wait_for_url(re.compile(rf"/run/(?!{old})"))
    visitor.ends("done")


def test_a_form_is_filled_in_and_checked(visitor: Visitor, model: ModelServer) -> None:
    fields = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "title": "Your name"},
            "seats": {"type": "integer", "title": "Seats", "minimum": 1, "description": "How many people come."},
            "window": {"type": "boolean", "title": "At the window"},
            "meal": {"enum": ["meat", "fish"], "title": "Meal"},
        },
        "required": ["name", "seats"],
    }
    model.script({"You book": ["Tell me about your booking.", "DONE, booked."]})
    visitor.import_flow(interview("Booking", "You book tables.", form="form", fields=fields))
    visitor.run("Book a table.")
    expect(visitor.question).to_contain_text("Please fill in the form.")
    visitor.find("answer-send").click()
    expect(visitor.question).to_be_visible()
    visitor.page.get_by_label("Your name").fill("Ada")
    visitor.page.get_by_label("Seats").fill("4")
    visitor.page.get_by_label("At the window").check()
    visitor.page.get_by_label("Meal").select_option("fish")
    visitor.find("answer-send").click()
    visitor.ends("done")
    expect(visitor.message("boss")).to_contain_text("Seats: 4")
    assert "At the window: true" in str(model.asked("You book")[-1].messages)


def test_a_choice_is_made_and_a_proposal_is_changed(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You offer": ["Tea or coffee?", "DONE, here."], "You propose": ["Dear all, come at 9.", "DONE, sent."]})
    visitor.import_flow(interview("Drinks", "You offer drinks.", form="choice", choices=["Tea", "Coffee"]))
    visitor.run("Offer something.")
    visitor.find("answer-choice").filter(has_text="Coffee").click()
    visitor.ends("done")
    expect(visitor.message("boss")).to_contain_text("Coffee")

    visitor.home()
    visitor.import_flow(team("Letters", assistant("ann", "You propose letters."), human("boss", form="edit")))
    visitor.run("Write to all.")
    visitor.find("answer-edit").click()
    expect(visitor.find("answer-input")).to_have_value("Dear all, come at 9.")
    visitor.find("answer-input").fill("Dear all, come at 10.")
    visitor.find("answer-send").click()
    visitor.ends("done")
    expect(visitor.message("boss")).to_contain_text("come at 10.")


def test_a_question_that_nobody_answers_in_time_answers_itself(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You wait": ["Still there?", "DONE, so be it."]})
    visitor.import_flow(interview("Patience", "You wait.", timeout=2, timeout_answer="Nobody is here."))
    visitor.run("Wait.")
    expect(visitor.find("time-left")).to_be_visible()
    visitor.ends("done")
    expect(visitor.message("boss")).to_contain_text("Nobody answered in time")
    expect(visitor.message("boss")).to_contain_text("Nobody is here.")


def test_a_picture_and_a_file_come_along_with_the_task(visitor: Visitor, model: ModelServer, studio: StudioProcess, tmp_path: Path) -> None:
    model.script({"You look": ["DONE, I see a dot."]})
    visitor.import_flow(talk("Looking", "You look at things."))
    visitor.show_conversation()
    dot, notes = tmp_path / "dot.png", tmp_path / "notes.txt"
    dot.write_bytes(PICTURE)
    notes.write_text("Buy milk.")
    visitor.find("attach-input").set_input_files([str(dot), str(notes)])
    expect(visitor.find("attached-file")).to_have_count(2)
    visitor.find("task-input").fill("What is this?")
    visitor.page.keyboard.press("Enter")
    visitor.ends("done")
    picture = visitor.message("you").get_by_role("img", name="dot.png")
    expect(picture).to_be_visible()
    assert picture.evaluate("(image) => image.naturalWidth") == 1
    expect(visitor.message("you")).to_contain_text("notes.txt")
    expect(visitor.find("attached-file")).to_have_count(0)
    seen = str(model.asked("You look")[-1].messages)
    assert "data:image/png;base64," in seen
    assert "Buy milk." in seen
    run = visitor.find("transcript").get_attribute("data-run")
    assert (studio.data_dir / "work" / str(run) / "notes.txt").read_text() == "Buy milk."


def test_a_team_within_a_team_talks_inside_of_its_turn(visitor: Visitor, model: ModelServer) -> None:
    model.script(
        {
            "You are ann": ["DONE, I agree."],
            "You are ina": [Said("An inner thought, slowly spoken.", each=0.15)],
            "You are ivo": ["An inner answer."],
        }
    )
    flow = team("Nested", assistant("ann", "You are ann."))
    inner = {**node("n_inner", "team", "experts", 24, 120, max_turns=2), "size": {"width": 400.0, "height": 160.0}}
    members = [
        {**assistant("ina", "You are ina."), "parent": "n_inner"},
        {**assistant("ivo", "You are ivo.", x=220), "parent": "n_inner"},
    ]
    flow["nodes"] = [flow["nodes"][0], inner, *flow["nodes"][1:], *members]
    visitor.import_flow(flow)
    visitor.run("Think together.")
    talk_ = visitor.find("talk")
    expect(talk_.get_by_test_id("message-live")).to_have_attribute("data-source", "ina", timeout=1_000 * within(15))
    expect(visitor.node("ina").locator(".cv-agent")).not_to_have_attribute("data-phase", "")
    visitor.ends("done", seconds=30)
    expect(talk_).to_have_count(1)
    expect(talk_).to_have_attribute("data-team", "experts")
    expect(talk_).to_contain_text("2 messages")
    expect(talk_.locator("[data-source=ivo]")).to_contain_text("An inner answer.")
    talk_.locator("summary").first.click()
    expect(talk_.locator("[data-source=ivo]")).to_have_count(0)
    talk_.locator("summary").first.press("Enter")
    expect(talk_.locator("[data-source=ivo]")).to_be_visible()


def test_a_person_who_is_asked_gives_way_to_whom_is_named(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You ask": ["What do you say?", "DONE, I answer myself."]})
    visitor.import_flow(interview("Giving way", "You ask."))
    visitor.run("Ask.")
    expect(visitor.question).to_be_visible()
    visitor.find("next-speaker").select_option("ann")
    expect(visitor.find("command").last).to_contain_text("ann speaks instead of boss, who had not begun")
    visitor.ends("done")
    expect(visitor.question).to_have_count(0)
    expect(visitor.messages.last).to_contain_text("DONE, I answer myself.")
