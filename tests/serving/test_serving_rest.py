"""The REST service of a door: runs that are started, heard, answered, stopped and fetched over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from model_server import ModelServer, Said, Seen
from served_flows import TOKEN, Served, agent, asking, coding, drawing, endless, on_a_port, opened, pair, practice

from studio.engine.events import RunStarted
from studio.flow.document import Node
from studio.library.guest_runs import GuestRuns
from studio.library.shares import Terms
from studio.runs.rows import document_of
from studio.serving import door as door_of_guests
from studio.serving.application import served_flow
from studio.serving.door import door_of_flow

Serve = Callable[..., Served]


def test_a_run_is_started_and_its_answer_is_the_last_word(serve: Serve) -> None:
    door = serve(pair())
    run = door.start("Count to two.")
    assert (run["status"], run["answer"], run["question"]) == ("done", "two of bob", None)
    assert [(said["source"], said["text"]) for said in run["messages"]] == [
        ("you", "Count to two."),
        ("ann", "one of ann"),
        ("bob", "two of bob"),
    ]
    assert door.fetch(run["run"]) == run


def test_what_only_says_that_it_is_over_is_no_answer(serve: Serve) -> None:
    stop = Node(id="n_stop", kind="text_mention", name="stop", parent="n_team", config={"text": "TERMINATE"})
    talk = drawing(agent("ann"), agent("bob"), model=practice({"ann": ["It is 42."], "bob": ["TERMINATE"]}), turns=9)
    assert serve(talk.model_copy(update={"nodes": (*talk.nodes, stop)})).start()["answer"] == "It is 42."


def test_a_run_goes_on_with_the_conversation_of_an_earlier_one(serve: Serve) -> None:
    door = serve(pair())
    first = door.start("Count.")
    second = door.start("Go on.", session=first["session"])
    assert second["session"] == first["session"]
    assert second["answer"] == "four"


def test_the_log_says_by_which_door_a_task_came(serve: Serve) -> None:
    door = serve(pair())
    first = door.services.runs.events(door.start()["run"])[0]
    assert isinstance(first, RunStarted)
    assert first.via == "served: REST"


def test_what_a_flow_takes_is_told_by_its_schema_and_checked(serve: Serve) -> None:
    door = serve(pair())
    facts = door.client.get("/api/flow").json()
    assert facts["name"] == "The team"
    assert facts["input_schema"]["properties"]["task"]["examples"] == ["Count."]
    bodies: list[Any] = [{}, {"task": ""}, {"task": "  \n"}, {"task": 5}, {"task": "x" * 100_001}, {"task": "x", "flow": "other"}, [], "x"]
    for body in bodies:
        answer = door.client.post("/api/runs", json=body)
        assert answer.status_code == 422, body
        assert len(answer.json()["error"]["message"]) < 500
    assert door.client.post("/api/runs", json=[]).json()["error"]["message"] == "body: it is no JSON object."
    assert door.client.post("/api/runs", content=b"{").json()["error"]["code"] == "not_json"
    assert door.client.post("/api/runs", content=b"[" * 100_000).status_code == 400
    assert door.services.runs.list() == []


def test_a_flow_that_begins_with_a_person_takes_no_task(serve: Serve) -> None:
    boss = Node(id="n_boss", kind="human", name="boss")
    door = serve(drawing(boss, agent("ann"), model=practice({"ann": ["Hello."]}), turns=2))
    assert "pattern" not in door.client.get("/api/flow").json()["input_schema"]["properties"]["task"]
    assert door.client.post("/api/runs", json={"task": ""}).status_code == 201


def test_a_question_is_shown_and_answered_once(serve: Serve) -> None:
    door = serve(asking())
    run = door.start()
    assert run["status"] == "waiting"
    assert run["question"]["form"] == "text"
    done = door.answer(run["run"], "Go home.").json()
    assert (done["status"], done["answer"]) == ("done", "Fine.")
    assert ("boss", "Go home.") in [(said["source"], said["text"]) for said in done["messages"]]
    assert door.answer(run["run"], "Again.").json()["error"]["code"] == "no_question"


def test_an_answer_to_another_question_than_the_open_one_is_refused(serve: Serve) -> None:
    door = serve(asking())
    run = door.start()
    assert door.answer(run["run"], "Yes.", question="q999").status_code == 409
    assert door.fetch(run["run"])["status"] == "waiting"


def test_an_answer_that_does_not_fit_is_told_why_and_the_question_stays_open(serve: Serve) -> None:
    door = serve(asking(form="choice", choices=["left", "right"]))
    run = door.start()
    assert run["question"]["choices"] == ["left", "right"]
    assert door.answer(run["run"], "up").status_code == 422
    assert door.answer(run["run"], "2").json()["status"] == "done"


def test_what_may_run_on_the_owners_machine_no_guest_decides(serve: Serve) -> None:
    door = serve(coding())
    door.services.runs.allow_local_code(door.flow, True)
    run = door.start()
    assert run["status"] == "waiting"
    assert run["question"]["form"] == "wait"
    assert "print" not in json.dumps(run["question"])
    refused = door.answer(run["run"], "yes", approved=True)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "for_the_owner")
    assert door.fetch(run["run"])["status"] == "waiting"


def test_a_stream_tells_everything_in_order_and_ends_with_the_run(serve: Serve) -> None:
    door = serve(pair())
    told = list(door.events(door.start(wait=0)["run"]))
    assert [each["text"] for each in told if each["type"] == "message"] == ["Hello", "one of ann", "two of bob"]
    numbers = [each["at"] for each in told if "at" in each]
    assert numbers == sorted(numbers)
    assert [each["status"] for each in told if each["type"] == "finished"] == ["done"]


def test_a_stream_that_is_opened_again_goes_on_after_its_last_event(serve: Serve) -> None:
    door = serve(pair(turns=4))
    run = door.start()["run"]
    whole = [each for each in door.events(run) if "at" in each]
    first = list(islice((each for each in door.events(run) if "at" in each), 3))
    rest = [each for each in door.events(run, Last_Event_ID=str(first[-1]["at"])) if "at" in each]
    assert first + rest == whole
    assert door.client.get(f"/api/runs/{run}/events", headers={"Last-Event-ID": str(whole[-1]["at"])}).status_code == 204
    assert door.client.get(f"/api/runs/{run}/events", headers={"Last-Event-ID": "-1"}).status_code == 422


def test_words_come_while_they_are_spoken(serve: Serve) -> None:
    door = serve(endless())
    run = door.start(wait=0)["run"]
    heard = list(islice((told for told in door.events(run) if told["type"] == "delta"), 2))
    assert [told["source"] for told in heard] == ["ann", "ann"]
    assert set("".join(told["text"] for told in heard).split()) == {"word"}
    assert door.fetch(run, wait=0)["status"] == "running"


def test_a_run_is_stopped(serve: Serve) -> None:
    door = serve(endless())
    run = door.start(wait=0)["run"]
    assert door.client.post(f"/api/runs/{run}/stop").json()["status"] == "stopped"
    assert door.client.post(f"/api/runs/{run}/stop").json()["status"] == "stopped"


def test_two_guests_at_once_each_hear_their_own_run(serve: Serve) -> None:
    door = serve(pair(turns=4))
    heard: dict[str, list[dict[str, Any]]] = {}

    def talk(task: str) -> None:
        heard[task] = list(door.events(door.start(task, wait=0)["run"]))

    guests = [threading.Thread(target=talk, args=(f"Task {number}",)) for number in range(2)]
    for guest in guests:
        guest.start()
    for guest in guests:
        guest.join(20)
    for task in ("Task 0", "Task 1"):
        assert [each["text"] for each in heard[task] if each["type"] == "message"] == [task, "one of ann", "two of bob", "three", "four"]


def test_runs_that_came_through_another_door_are_not_there(serve: Serve, tmp_path: Path) -> None:
    door = serve(pair())
    other = door.services.flows.create(asking())
    mine = door.start()
    services = opened(tmp_path / "data")
    with on_a_port(served_flow(services, door_of_flow(other, Terms(), TOKEN))) as port:
        stranger = Served(services, other, port)
        for path in (mine["run"], "x" * 500, "..%2F.."):
            assert stranger.client.get(f"/api/runs/{path}").status_code == 404
        assert stranger.answer(mine["run"], "x").status_code == 404
        assert stranger.client.post(f"/api/runs/{mine['run']}/stop").status_code == 404
        assert stranger.client.get(f"/api/runs/{mine['run']}/events").status_code == 404
        assert (
            stranger.client.post("/api/runs", json={"task": "x", "session": mine["session"]}).json()["error"]["code"]
            == "no_such_conversation"
        )


def test_no_more_runs_compute_at_once_than_the_terms_say(serve: Serve) -> None:
    door = serve(endless(), Terms(at_once=1))
    run = door.start(wait=0)["run"]
    refused = door.client.post("/api/runs", json={"task": "One more."})
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_at_once")
    assert int(refused.headers["retry-after"]) >= 1
    door.client.post(f"/api/runs/{run}/stop")
    assert door.client.post("/api/runs", json={"task": "One more."}).status_code == 201


def test_an_answer_waits_for_its_turn_like_a_new_run(serve: Serve) -> None:
    talk = asking()
    slow = practice({"ann": ["What now?", "word " * 500]}, 20)
    door = serve(
        talk.model_copy(update={"nodes": tuple(slow if node.kind == "practice" else node for node in talk.nodes)}), Terms(at_once=1)
    )
    first, second = door.start()["run"], door.start()["run"]
    door.answer(first, "Go home.", wait=0)
    refused = door.answer(second, "Go home.")
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_at_once")
    door.client.post(f"/api/runs/{first}/stop")
    assert door.answer(second, "Go home.", wait=0).status_code == 200


def test_no_more_requests_wait_at_once_than_there_may_be(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_of_guests, "MOST_STREAMS", 1)
    door = serve(endless())
    run = door.start(wait=0)["run"]
    with door.client.stream("GET", f"/api/runs/{run}/events") as stream:
        assert stream.status_code == 200
        for refused in (
            door.client.get(f"/api/runs/{run}", params={"wait": 9}),
            door.client.post("/api/runs", params={"wait": 9}, json={"task": "One more."}),
        ):
            assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_at_once")
        assert door.client.get(f"/api/runs/{run}").status_code == 200
    assert len(door.services.runs.list()) == 1


def test_no_more_runs_are_started_in_a_minute_than_the_terms_say(serve: Serve) -> None:
    door = serve(pair(), Terms(per_minute=2))
    door.start()
    door.start()
    refused = door.client.post("/api/runs", json={"task": "One more."})
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_often")


def test_a_run_ends_when_its_time_is_over(serve: Serve) -> None:
    door = serve(endless(), Terms(seconds=0.3))
    run = door.start()
    assert run["status"] == "done"
    assert "seconds are over" in run["reason"]


def priced(server: ModelServer, model: str = "gpt-4o") -> Any:
    node = Node(id="n_model", kind="openai", name="model", config={"account": "server", "model": model, "retries": 0})
    return drawing(agent("ann"), agent("bob"), model=node, turns=6)


def test_a_run_ends_when_its_money_is_spent_and_so_do_all_together(serve: Serve, model_server: ModelServer) -> None:
    model_server.script({"*": Said("Dear words.", usage={"prompt_tokens": 100_000, "completion_tokens": 1, "total_tokens": 100_001})})
    door = serve(priced(model_server), Terms(money=0.3, in_all=0.9))
    door.services.accounts.save("server", base_url=model_server.base_url, key="sk-of-the-house")
    first = door.start()
    assert "were spent" in first["reason"]
    assert first["usage"]["cost"] >= 0.3
    assert first["usage"]["cost"] < 1.0
    door.start()
    refused = door.client.post("/api/runs", json={"task": "More."})
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "all_spent")


def test_runs_that_wait_cannot_spend_more_than_all_may_together(serve: Serve, model_server: ModelServer) -> None:
    model_server.script({"*": Said("Dear words.", usage={"prompt_tokens": 100_000, "completion_tokens": 1, "total_tokens": 100_001})})
    boss = Node(id="n_boss", kind="human", name="boss")
    model = next(node for node in priced(model_server).nodes if node.kind == "openai")
    door = serve(drawing(agent("ann"), boss, model=model, turns=3), Terms(in_all=0.6, at_once=1))
    door.services.accounts.save("server", base_url=model_server.base_url, key="sk-of-the-house")
    first, second = door.start()["run"], door.start()["run"]
    assert door.answer(first, "Go on.").json()["status"] == "done"
    refused = door.answer(second, "Go on.")
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "all_spent")
    assert door.fetch(second)["status"] == "waiting"


def limit_of(door: Served, run: str) -> float | None:
    return document_of(door.services.database, run)[1].money


def test_money_is_set_aside_for_runs_that_compute(serve: Serve) -> None:
    door = serve(endless(), Terms(money=0.5, in_all=0.6))
    first, second = door.start(wait=0)["run"], door.start(wait=0)["run"]
    assert limit_of(door, first) == 0.5
    assert limit_of(door, second) == pytest.approx(0.1)
    refused = door.client.post("/api/runs", json={"task": "One more."})
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "all_set_aside")
    assert int(refused.headers["retry-after"]) >= 1
    door.client.post(f"/api/runs/{first}/stop")
    assert limit_of(door, door.start(wait=0)["run"]) == 0.5


def test_a_run_that_asked_keeps_what_is_set_aside_only_while_it_is_worked_on(serve: Serve) -> None:
    door = serve(asking(), Terms(money=0.5, in_all=0.6))
    run = door.start()["run"]
    book = GuestRuns(door.services.database)
    assert book.set_aside(f"flow:{door.flow}", {run}) == (0.5, True)
    assert book.set_aside(f"flow:{door.flow}", ()) == (0, False)
    assert limit_of(door, door.start()["run"]) == 0.5


def test_runs_without_a_limit_of_their_own_leave_money_to_those_beside_them(serve: Serve) -> None:
    door = serve(endless(), Terms(in_all=0.8, at_once=4))
    assert [limit_of(door, door.start(wait=0)["run"]) for _ in range(4)] == pytest.approx([0.2] * 4)


def test_a_run_that_waited_goes_on_with_what_is_left(serve: Serve) -> None:
    door = serve(asking(), Terms(money=0.5, in_all=0.6))
    waiting = door.start()["run"]
    door.services.flows.edit(door.flow, {"type": "replace", "document": endless().model_dump(mode="json")})
    door.start(wait=0)
    assert door.answer(waiting, "Go home.").json()["status"] == "done"
    assert limit_of(door, waiting) == pytest.approx(0.1)


def test_runs_at_the_same_time_go_beyond_the_bound_by_one_step_each_at_most(serve: Serve, model_server: ModelServer) -> None:
    both_asked = threading.Event()

    def dear(request: Seen) -> Said:
        assert both_asked.wait(20)
        return Said("Dear words.", usage={"prompt_tokens": 100_000, "completion_tokens": 0, "total_tokens": 100_000})

    model_server.reply = dear
    door = serve(priced(model_server), Terms(money=0.6, in_all=0.7, at_once=2))
    door.services.accounts.save("server", base_url=model_server.base_url, key="sk-of-the-house")
    runs = [door.start(wait=0)["run"] for _ in range(2)]
    both_asked.set()
    assert [door.fetch(run)["usage"]["cost"] for run in runs] == pytest.approx([0.75, 0.25])


def test_what_members_say_among_themselves_counts_for_the_limit_of_money(serve: Serve, model_server: ModelServer) -> None:
    model_server.script({"*": Said("Dear words.", usage={"prompt_tokens": 100_000, "completion_tokens": 1, "total_tokens": 100_001})})
    talk = priced(model_server)
    society = Node(id="n_us", kind="society", name="us", parent="n_team", config={"max_turns": 500})
    inside = [node.model_copy(update={"parent": "n_us"}) if node.kind == "assistant" else node for node in talk.nodes]
    door = serve(talk.model_copy(update={"nodes": (*inside, society)}), Terms(money=0.6))
    door.services.accounts.save("server", base_url=model_server.base_url, key="sk-of-the-house")
    run = door.start()
    assert "were spent" in run["reason"]
    assert 0.6 <= run["usage"]["cost"] < 1.0


def test_a_limit_of_money_needs_a_price_to_hold(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    node = Node(id="n_model", kind="openai", name="model", config={"account": "far", "model": "nobodys-model"})
    door = serve(drawing(agent("ann"), model=node, turns=1), Terms(money=1.0))
    door.services.accounts.save("far", base_url="https://models.example/v1", key="sk-x")
    refused = door.client.post("/api/runs", json={"task": "x"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "no_price")
    assert "nobodys-model" not in refused.text
    assert "nobodys-model" in caplog.text


def test_a_failure_tells_guests_nothing_of_the_owners_servers(serve: Serve, model_server: ModelServer) -> None:
    door = serve(priced(model_server))
    door.services.accounts.save("server", base_url="http://127.0.0.1:9/v1", key="sk-of-the-house")
    run = door.start()
    assert run["status"] == "failed"
    whole = json.dumps(run) + json.dumps(list(door.events(run["run"])))
    assert "127.0.0.1:9" not in whole
    assert "sk-of" not in whole


def test_a_flow_that_cannot_run_says_no_more_than_that(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    empty = drawing(model=practice({}), turns=1)
    refused = serve(empty).client.post("/api/runs", json={"task": "x"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "cannot_run")


def test_the_flow_as_it_is_stored_now_is_what_runs(serve: Serve) -> None:
    door = serve(pair())
    door.services.flows.edit(door.flow, {"type": "replace", "document": asking().model_dump(mode="json")})
    assert door.start()["status"] == "waiting"
    door.services.flows.edit(door.flow, {"type": "describe", "name": "Renamed"})
    assert door.client.get("/api/flow").json()["name"] == "Renamed"
    door.services.flows.delete(door.flow)
    assert door.client.get("/api/flow").json()["error"]["code"] == "closed"
    assert door.client.post("/api/runs", json={"task": "x"}).status_code == 404
