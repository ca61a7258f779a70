"""Questions to people: from any tab, once, over reloads, lost connections and a server that dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from e2e_flows import assistant, human, interview, team
from model_server import Fault, InTurn, ModelServer
from patience import within
from playwright.sync_api import WebSocketRoute, expect
from studio_process import StudioProcess
from visitor import Visitor

Arrive = Callable[..., Visitor]

WHILE_IT_IS_DEAD = (
    "WebSocket connection",
    "ERR_CONNECTION_REFUSED",
    "ERR_CONNECTION_RESET",
    "ERR_CONTENT_LENGTH_MISMATCH",  # it died within an answer
    "ERR_EMPTY_RESPONSE",
    "websocket error",
    "xhr poll error",
)
"""What a browser says about a server that does not answer."""


@pytest.fixture(scope="module")
def mortal_studio(browser: Any, house_model: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    """A studio to be killed, and started again by who killed it."""
    place = tmp_path_factory.mktemp("mortal")
    with StudioProcess(place, OPENAI_API_KEY="sk-of-the-house", OPENAI_BASE_URL=house_model.base_url) as process:
        yield process


def test_a_question_is_answered_in_another_browser_after_a_reload_and_the_first_one_follows(
    arrive: Arrive, studio: StudioProcess, model: ModelServer
) -> None:
    model.script({"You interview": ["What is your name?", "DONE, nice to meet you."]})
    first = arrive(studio)
    flow = first.import_flow(interview("Interview", "You interview people."))
    first.run("Get to know me.")
    expect(first.question).to_contain_text("What do you say?")
    expect(first.node("boss")).to_contain_text("asked")
    assert "A question for boss" in first.page.title()

    first.reload()
    expect(first.question).to_be_visible()
    assert first.speakers() == ["you", "ann"]
    expect(first.find("stop-button")).to_be_visible()

    second = arrive(studio)
    second.visit(f"/flow/{flow}")
    expect(second.message("ann")).to_contain_text("What is your name?")
    second.answer("I am Ada.")

    for person in (first, second):
        person.ends("done")
        expect(person.question).to_have_count(0)
        assert person.speakers() == ["you", "ann", "boss", "ann"]
        expect(person.message("boss")).to_contain_text("I am Ada.")
    assert "A question" not in first.page.title()


def test_who_answers_second_is_told_that_it_was_answered(arrive: Arrive, studio: StudioProcess, model: ModelServer) -> None:
    model.script({"You ask twice": ["Tea or coffee?", "DONE, so be it."]})
    quick = arrive(studio)
    flow = quick.import_flow(interview("Tea", "You ask twice."))
    quick.run("Ask me.")
    expect(quick.question).to_be_visible()

    slow = arrive(studio)
    held: list[str | bytes] = []
    lines: list[WebSocketRoute] = []
    late = False

    def through_a_slow_line(line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        lines.append(line)
        server.on_message(lambda message: held.append(message) if late else line.send(message))

    slow.page.route_web_socket("**/api/channel", through_a_slow_line)
    slow.visit(f"/flow/{flow}")
    expect(slow.question).to_be_visible()
    late = True
    quick.answer("Tea")
    quick.ends("done")
    slow.answer("Coffee")
    slow.page.wait_for_timeout(300)
    late = False
    for message in held:
        lines[-1].send(message)

    expect(slow.find("refused")).to_contain_text("answered already")
    slow.ends("done")
    expect(slow.message("boss")).to_have_count(1)
    expect(slow.message("boss")).to_contain_text("Tea")
    expect(slow.find("leftover-text")).to_have_value("Coffee")


def test_a_rejection_with_its_reason_reaches_the_conversation(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You propose": ["Shall I send the letter?", "DONE, I keep it."]})
    visitor.import_flow(team("Letter", assistant("ann", "You propose things."), human("boss", form="approve")))
    visitor.run("Write to them.")
    visitor.find("answer-reject").click()
    visitor.find("answer-input").fill("It is too long.")
    visitor.page.keyboard.press("Enter")
    visitor.ends("done")
    expect(visitor.message("boss")).to_contain_text("Rejected. It is too long.")
    assert "It is too long." in str(model.asked("You propose")[-1].messages)


def test_a_question_outlives_the_server_and_is_answered_without_a_reload(
    arrive: Arrive, mortal_studio: StudioProcess, model: ModelServer
) -> None:
    model.script({"You wait": ["Are you still there?", "DONE, good."]})
    person = arrive(mortal_studio)
    person.import_flow(interview("Patience", "You wait for people."))
    person.run("Wait for me.")
    expect(person.question).to_be_visible()
    person.page.evaluate("window.sameDocument = true")

    with person.expecting(*WHILE_IT_IS_DEAD):
        mortal_studio.kill()
        expect(person.find("transcript")).to_contain_text("Connection lost")
        mortal_studio.start()
        expect(person.find("run-status")).to_have_attribute("data-status", "waiting", timeout=1_000 * within(20))
    expect(person.question).to_be_visible()
    person.answer("Here I am.")
    person.ends("done")
    assert person.speakers() == ["you", "ann", "boss", "ann"]
    assert person.page.evaluate("window.sameDocument")
    expect(person.find("lost-connection")).to_have_count(0)

    person.name_flow("Patience, patience")
    person.reload()
    expect(person.find("flow-name")).to_have_value("Patience, patience")


def test_a_run_that_was_computing_when_the_server_died_offers_to_go_on(
    arrive: Arrive, mortal_studio: StudioProcess, model: ModelServer
) -> None:
    model.script({"You count": InTurn("One.", Fault("stall_later"), "DONE, two.")})
    person = arrive(mortal_studio)
    person.import_flow(team("Counting", assistant("ann", "You count slowly.")))
    person.run("Count.")
    expect(person.message("ann")).to_contain_text("One.")
    expect(person.find("message-live")).to_contain_text("piece")

    with person.expecting(*WHILE_IT_IS_DEAD):
        mortal_studio.kill()
        mortal_studio.start()
        expect(person.find("run-status")).to_have_attribute("data-status", "done", timeout=1_000 * within(20))
    assert person.speakers() == ["you", "ann", "ann"]
