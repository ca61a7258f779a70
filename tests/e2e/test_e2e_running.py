"""Runs as a person sees them: stopped at once, many at a time, one task after the other, failing with a remedy."""

from __future__ import annotations

import time
from collections.abc import Callable

from e2e_flows import assistant, talk, team
from model_server import Call, ModelServer, Said
from patience import within
from playwright.sync_api import expect
from studio_process import StudioProcess
from visitor import Visitor


def test_stop_ends_a_slow_answer_within_a_second_and_keeps_what_was_said(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You ramble": Said("so on and " * 400, each=0.05)})
    visitor.import_flow(talk("Rambling", "You ramble."))
    visitor.run("Ramble.")
    expect(visitor.find("message-live")).to_contain_text("so on and so on")
    expect(visitor.node("ann")).to_contain_text("so on")
    begun = time.monotonic()
    visitor.find("stop-button").click()
    expect(visitor.find("run-finished")).to_have_attribute("data-status", "stopped")
    assert time.monotonic() - begun < within(1)
    assert model.wait_until(lambda server: server.open == 0, within(1))
    expect(visitor.find("run-finished")).to_contain_text("Stopped")
    expect(visitor.find("transcript")).to_contain_text("Stopped here; the others did not hear it.")
    expect(visitor.find("stop-button")).to_have_count(0)


def test_runs_of_two_people_do_not_mix(arrive: Callable[..., Visitor], studio: StudioProcess, model: ModelServer) -> None:
    model.script(
        {
            "You speak of apples": [Said(f"apple {n} " * 12, each=0.01) for n in range(4)] + ["apples DONE"],
            "You speak of pears": [Said(f"pear {n} " * 12, each=0.01) for n in range(4)] + ["pears DONE"],
        }
    )
    people = {fruit: arrive(studio) for fruit in ("apple", "pear")}
    for fruit, person in people.items():
        person.import_flow(talk(f"All about {fruit}s", f"You speak of {fruit}s."))
    for fruit, person in people.items():
        person.run(f"Tell me about the {fruit}.")
    for fruit, person in people.items():
        person.ends("done")
        other = "pear" if fruit == "apple" else "apple"
        expect(person.messages).to_have_count(6)
        expect(person.find("transcript")).not_to_contain_text(other)
        expect(person.message("you")).to_contain_text(f"Tell me about the {fruit}.")


def test_the_next_task_of_a_session_hears_what_was_said_before(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You remember": ["Your lucky number is 7. DONE", "It was 7. DONE"]})
    visitor.import_flow(talk("Memory", "You remember everything."))
    visitor.run("My lucky number is 7.")
    visitor.ends("done")
    visitor.run("What was it?")
    expect(visitor.message("ann").last).to_contain_text("It was 7.")
    visitor.ends("done")
    asked = str(model.asked("You remember")[-1].messages)
    assert "My lucky number is 7." in asked
    assert "Your lucky number is 7." in asked

    visitor.find("new-session").click()
    expect(visitor.messages).to_have_count(0)
    visitor.run("Do you know me?")
    visitor.ends("done")
    assert "lucky" not in str(model.asked("You remember")[-1].messages)


def test_a_refused_key_is_told_with_its_cause_and_leads_to_its_account(visitor: Visitor, model_server: ModelServer) -> None:
    model_server.keys = {"sk-right"}
    model_server.script({"You are behind": ["DONE, come in."]})
    visitor.add_account("door", model_server.base_url, "sk-wrong-key-4711")
    expect(visitor.find("test-result")).to_contain_text("401")
    expect(visitor.find("test-result")).not_to_contain_text("sk-wrong-key-4711")
    visitor.close_dialog()

    visitor.home()
    visitor.import_flow(talk("Door", "You are behind a door.", model={"account": "door"}))
    visitor.run("Let me in.")
    visitor.ends("failed")
    error = visitor.find("error")
    expect(error).to_contain_text("401")
    expect(error).to_contain_text(model_server.base_url)
    expect(error).to_contain_text("key of account")
    expect(error).not_to_contain_text("sk-wrong-key-4711")
    expect(visitor.node("ann")).to_contain_text("failed")
    expect(visitor.node("ann")).to_contain_text("key of account door was refused")
    expect(visitor.node("ann")).to_contain_text("Open the account.")

    error.get_by_role("button", name="door").click()
    expect(visitor.find("account-name")).to_have_value("door")
    visitor.find("account-key").fill("sk-right")
    visitor.find("account-save").click()
    expect(visitor.find("test-result")).to_have_class("result ok")
    visitor.page.go_back()
    visitor.in_editor()
    visitor.show_conversation()
    visitor.run("Let me in.")
    visitor.ends("done")
    expect(visitor.message("ann")).to_contain_text("come in")


def test_a_hand_over_shows_what_was_said_and_to_whom(visitor: Visitor, model: ModelServer) -> None:
    model.script(
        {
            "You are at the desk": [[{"text": "Bob knows *everything* about it."}, Call("transfer_to_bob")]],
            "You know everything": [Call("transfer_to_user")],
        }
    )
    ann = assistant("ann", "You are at the desk.", handoffs=["bob"])
    bob = assistant("bob", "You know everything.", x=300, handoffs=["user"])
    flow = team("Desk", ann, bob)
    flow["nodes"] = [
        node if node["id"] != "n_stop" else {**node, "kind": "hand_off", "config": {"target": "user"}} for node in flow["nodes"]
    ]
    visitor.import_flow(flow)
    visitor.run("Who knows?")
    visitor.ends("done")
    assert visitor.speakers() == ["you", "ann", "bob"]
    expect(visitor.message("ann").locator("em")).to_have_text("everything")
    expect(visitor.message("ann")).to_contain_text("hands over to bob")
    expect(visitor.message("ann")).to_contain_text("tok")
    assert (visitor.message("bob").text_content() or "").count("hands over to user") == 1


def test_run_without_a_task_asks_for_one_at_its_box(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You greet": ["Hello, DONE"]})
    visitor.import_flow(talk("Greeter", "You greet.") | {"sample_tasks": ["Greet everybody."]})
    visitor.find("run-button").click()
    expect(visitor.find("task-wanted")).to_contain_text("choose one")
    expect(visitor.find("task-input")).to_be_focused()
    expect(visitor.find("task-input")).to_have_accessible_description("Say what they shall do, or choose one of these.")
    expect(visitor.find("refused")).to_have_count(0)
    expect(visitor.messages).to_have_count(0)
    visitor.page.keyboard.type("Say hello.")
    expect(visitor.find("task-wanted")).to_have_count(0)
    visitor.page.keyboard.press("Enter")
    visitor.ends("done")
    expect(visitor.find("refused")).to_have_count(0)
