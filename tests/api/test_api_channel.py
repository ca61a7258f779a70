"""The run channel: runs started, watched, answered and stopped over one WebSocket, by several tabs, whatever a page sends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from drawn import asking, pair
from starlette.testclient import TestClient, WebSocketTestSession

from studio.api import services as services_module
from studio.api.channel import MAX_FRAME, MAX_WATCHES
from studio.api.guard import Guard
from studio.api.routes import api
from studio.api.services import close_services, configure, services
from studio.api.session import Sessions
from studio.flow.document import Edge, FlowDocument, Node
from studio.runs.guests import Guest
from studio.settings import Settings

TOKEN = "t" * 43
HERE = "http://127.0.0.1:8000"


class Studio:
    """The routes behind their guard, with a signed-in browser."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def keep(self, document: FlowDocument) -> str:
        return services().flows.create(document)

    @contextmanager
    def tab(self) -> Iterator[Tab]:
        with self.client.websocket_connect(HERE.replace("http", "ws") + "/api/channel", headers={"Origin": HERE}) as socket:
            yield Tab(socket)


class Tab:
    """One page: sends frames, and reads until what it waits for."""

    def __init__(self, socket: WebSocketTestSession) -> None:
        self._socket = socket

    def send(self, **frame: Any) -> None:
        self._socket.send_text(json.dumps(frame))

    def send_raw(self, text: str) -> None:
        self._socket.send_text(text)

    def send_bytes(self, data: bytes) -> None:
        self._socket.send_bytes(data)

    def read(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(self._socket.receive_text())
        return frame

    def read_until(self, found: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        frames = [self.read()]
        while not found(frames[-1]):
            frames.append(self.read())
        return frames

    def start(self, flow: str, task: str = "go", **more: Any) -> dict[str, Any]:
        self.send(t="start", nonce="n1", flow=flow, task=task, **more)
        return self.read_until(lambda frame: frame["t"] in ("started", "refused"))[-1]

    def watch(self, run: str, after: int = 0) -> None:
        self.send(t="watch", run=run, after=after)

    def events_until(self, kind: str) -> list[dict[str, Any]]:
        """All events up to the first of a type."""
        frames = self.read_until(lambda frame: any(event["type"] == kind for event in frame.get("events", [])))
        return [event for frame in frames for event in frame.get("events", [])]


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    configure(Settings(data_dir=tmp_path, database=f"sqlite:///{tmp_path / 'convene.db'}"))
    client = TestClient(Guard(api(), Sessions(TOKEN)), base_url=HERE, follow_redirects=False)
    with client:
        assert client.get("/", params={"auth": TOKEN}).status_code == 303
        yield Studio(client)
        assert client.portal is not None
        client.portal.call(close_services)
    assert services_module._opened is None


def said(events: list[dict[str, Any]]) -> list[str]:
    return [event["text"] for event in events if event["type"] == "message" and event["role"] != "task"]


def test_a_tab_starts_a_run_and_hears_all_of_it(studio: Studio) -> None:
    flow = studio.keep(pair())
    with studio.tab() as tab:
        started = tab.start(flow)
        assert started["t"] == "started"
        assert started["nonce"] == "n1"
        tab.watch(started["run"])
        events = tab.events_until("run_finished")
    assert said(events) == ["one", "two", "three", "four"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


def test_a_second_tab_and_a_late_one_hear_the_same(studio: Studio) -> None:
    flow = studio.keep(pair())
    with studio.tab() as first, studio.tab() as second:
        run = first.start(flow)["run"]
        first.watch(run)
        second.watch(run)
        told = first.events_until("run_finished")
        assert second.events_until("run_finished") == told
    with studio.tab() as late:
        late.watch(run, after=2)
        assert late.events_until("run_finished") == told[2:]


def test_a_run_without_a_task_is_refused_in_words(studio: Studio) -> None:
    flow = studio.keep(pair())
    with studio.tab() as tab:
        refused = tab.start(flow, "  ")
    assert (refused["t"], refused["nonce"], refused["code"]) == ("refused", "n1", "no_task")
    assert refused["text"].startswith("There is no task")
    assert refused["remedy"]


def test_a_drawing_that_cannot_run_is_refused_as_a_mistake_of_the_drawing(studio: Studio) -> None:
    flow = studio.keep(FlowDocument(name="nobody"))
    with studio.tab() as tab:
        refused = tab.start(flow, "Say hello.")
    assert (refused["t"], refused["code"]) == ("refused", "flow")


def test_a_tab_that_shows_a_flow_hears_of_every_change_until_it_shows_it_no_more(studio: Studio) -> None:
    flow = studio.keep(pair())
    opened = services().flows.get(flow)
    node, rev = opened.document.nodes[0].id, opened.rev
    with studio.tab() as tab, studio.tab() as other:
        tab.send(t="watch_flow", flow=flow)
        assert tab.read() == {"t": "flow", "flow": flow, "rev": rev, "run": None}
        services().flows.edit(flow, {"type": "rename", "id": node, "name": "renamed"})
        assert tab.read() == {"t": "flow", "flow": flow, "rev": rev + 1, "run": None}
        services().flows.delete(flow)
        assert tab.read() == {"t": "flow", "flow": flow, "rev": None, "run": None}
        services().flows.bring_back(flow)
        assert tab.read() == {"t": "flow", "flow": flow, "rev": rev + 1, "run": None}
        tab.send(t="unwatch_flow", flow=flow)
        tab.send(t="ping")
        assert tab.read() == {"t": "pong"}
        services().flows.undo(flow)
        tab.send(t="ping")
        assert tab.read() == {"t": "pong"}
        other.send(t="watch_flow", flow=flow)
        assert other.read() == {"t": "flow", "flow": flow, "rev": rev + 2, "run": None}


def test_a_tab_that_shows_a_flow_hears_of_runs_that_other_tabs_start(studio: Studio) -> None:
    flow, asked = studio.keep(pair()), studio.keep(asking())
    with studio.tab() as tab, studio.tab() as other:
        for each in (flow, asked):
            tab.send(t="watch_flow", flow=each)
            assert tab.read()["run"] is None
        quick = other.start(flow)["run"]
        heard = tab.read_until(lambda frame: frame["run"] is not None)
        assert (heard[-1]["flow"], heard[-1]["run"]) == (flow, quick)
        slow = other.start(asked)["run"]
        heard = tab.read_until(lambda frame: frame["flow"] == asked)
        assert heard[-1]["run"] == slow
        other.send(t="watch_flow", flow=asked)
        assert other.read_until(lambda frame: frame["t"] == "flow")[-1]["run"] == slow
        other.send(t="stop", run=slow)
        heard = tab.read_until(lambda frame: frame["flow"] == asked)
        assert heard[-1]["run"] is None


def test_runs_of_guests_are_not_told_to_whoever_shows_the_flow(studio: Studio) -> None:
    flow = studio.keep(asking())
    portal = studio.client.portal
    assert portal is not None
    guest = portal.call(partial(services().runs.start, asking(), "go", flow_id=flow, guest=Guest("api"))).run
    with studio.tab() as tab:
        tab.send(t="watch_flow", flow=flow)
        assert services().runs.get(guest).status in ("running", "waiting")
        assert tab.read()["run"] is None
        mine = portal.call(partial(services().runs.start, asking(), "go", flow_id=flow)).run
        assert tab.read()["run"] == mine


def test_a_question_is_answered_from_another_tab_and_only_once(studio: Studio) -> None:
    flow = studio.keep(asking())
    with studio.tab() as first, studio.tab() as second:
        run = first.start(flow)["run"]
        first.watch(run)
        question = first.events_until("question")[-1]
        second.send(t="answer", run=run, question=question["id"], text="Go on.")
        assert said(first.events_until("run_finished"))[-1] == "Fine."
        second.send(t="answer", run=run, question=question["id"], text="Stop!")
        refusal = second.read_until(lambda frame: frame["t"] == "refused")[-1]
        assert refusal["run"] == run
        assert refusal["text"]


def test_a_run_goes_on_without_its_tab(studio: Studio) -> None:
    flow = studio.keep(pair(words_per_second=20))
    with studio.tab() as tab:
        run = tab.start(flow)["run"]
    with studio.tab() as tab:
        tab.watch(run)
        assert said(tab.events_until("run_finished")) == ["one", "two", "three", "four"]


def test_a_run_is_stopped(studio: Studio) -> None:
    flow = studio.keep(pair(words_per_second=1))
    with studio.tab() as tab:
        run = tab.start(flow)["run"]
        tab.watch(run)
        tab.send(t="stop", run=run)
        assert tab.events_until("run_finished")[-1]["status"] == "stopped"


def test_a_session_goes_on(studio: Studio) -> None:
    flow = studio.keep(pair(turns=2))
    with studio.tab() as tab:
        first = tab.start(flow)
        tab.watch(first["run"])
        tab.events_until("run_finished")
        second = tab.start(flow, "and now?", session=first["session"])
        assert second["session"] == first["session"]
        tab.watch(second["run"])
        history = tab.events_until("run_finished")[0]["history"]
        assert "one" in [event["text"] for event in history]


def test_what_is_not_watched_any_more_is_not_sent(studio: Studio) -> None:
    flow = studio.keep(pair(words_per_second=5))
    with studio.tab() as tab:
        run = tab.start(flow)["run"]
        tab.watch(run)
        tab.read()
        tab.send(t="unwatch", run=run)
        tab.send(t="stop", run=run)
        tab.send(t="ping")
        tab.read_until(lambda frame: frame["t"] == "pong")
        tab.send(t="ping")
        assert tab.read() == {"t": "pong"}


@pytest.mark.parametrize(
    "raw",
    ["", "[]", "null", "{", "\x00", "12", '{"t": 1}', '{"t": "sing"}', '{"t": "start"}', '{"t": "start", "flow": 3, "task": "x"}', '{"t": "start", "flow": "nowhere", "task": "x"}', '{"t": "watch", "run": "nowhere"}', '{"t": "watch", "run": "x", "after": -1}', '{"t": "watch", "run": "x", "after": true}', '{"t": "watch", "run": ["x"]}', '{"t": "answer", "run": "x"}', '{"t": "answer", "run": "x", "question": "q", "text": "", "approved": "yes"}', '{"t": "stop"}', '{"t": "resume", "run": "nowhere"}', "[" * 50_000],
)  # fmt: skip
def test_a_frame_that_makes_no_sense_is_refused_and_hurts_nobody(studio: Studio, raw: str) -> None:
    with studio.tab() as tab:
        tab.send_raw(raw)
        refusal = tab.read()
        assert refusal["t"] == "refused"
        assert refusal["text"]
        assert "Traceback" not in refusal["text"]
        tab.send(t="ping")
        assert tab.read() == {"t": "pong"}


def test_bytes_are_refused_as_well(studio: Studio) -> None:
    with studio.tab() as tab:
        tab.send_bytes(b"\xff")
        assert tab.read()["code"] == "frame"
        tab.send(t="ping")
        assert tab.read() == {"t": "pong"}


def test_half_a_character_is_taken_as_a_question_mark(studio: Studio) -> None:
    flow = studio.keep(pair())
    with studio.tab() as tab:
        tab.send_raw(f'{{"t": "start", "flow": "{flow}", "nonce": "n", "task": "cut \\ud83d in two, \\ud83d\\ude00 whole"}}')
        run = tab.read()["run"]
        tab.watch(run)
        assert tab.events_until("run_started")[0]["task"] == "cut ? in two, \U0001f600 whole"
        tab.send_raw('{"t": "watch_flow", "flow": "\\ud83d"}')
        assert tab.read_until(lambda frame: frame["t"] == "flow")[-1] == {"t": "flow", "flow": "?", "rev": None, "run": None}


def test_a_frame_is_bounded(studio: Studio) -> None:
    with studio.tab() as tab:
        tab.send(t="start", flow="x", task="x" * MAX_FRAME)
        assert tab.read()["t"] == "refused"


def test_the_runs_that_a_tab_follows_are_bounded(studio: Studio) -> None:
    flow = studio.keep(asking())
    with studio.tab() as tab:
        runs = [tab.start(flow)["run"] for _ in range(MAX_WATCHES + 1)]
        for run in runs:
            tab.watch(run)
        refusal = tab.read_until(lambda frame: frame["t"] == "refused")[-1]
        assert refusal["run"] == runs[-1]


def test_a_refused_start_says_which_one_and_why(studio: Studio) -> None:
    flow = studio.keep(FlowDocument(name="Empty"))
    with studio.tab() as tab:
        refusal = tab.start(flow)
    assert refusal["t"] == "refused"
    assert refusal["nonce"] == "n1"
    assert refusal["text"]


def test_a_yes_for_always_counts_for_the_next_runs_of_the_flow(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    nodes = (
        Node(id="n_team", kind="team", name="team", config={"max_turns": 2}),
        Node(id="n_coder", kind="assistant", name="coder", parent="n_team"),
        Node(id="n_runner", kind="code_runner", name="runner", config={"executor": {"kind": "local"}}, parent="n_team"),
        Node(
            id="n_model",
            kind="practice",
            name="practice",
            config={"script": {"coder": ["```python\nprint(6 * 7)\n```"]}, "words_per_second": 0},
        ),
    )
    edges = (Edge(id="e_model", kind="model", source="n_model", target="n_team"),)
    flow = studio.keep(FlowDocument(name="Always", nodes=nodes, edges=edges))
    with studio.tab() as tab:
        run = tab.start(flow)["run"]
        tab.watch(run)
        question = tab.events_until("question")[-1]
        assert question["subject"] == "local_code"
        tab.send(t="answer", run=run, question=question["id"], text="", approved=True, always=True)
        tab.events_until("run_finished")
        again = tab.start(flow)["run"]
        tab.watch(again)
        events = tab.events_until("run_finished")
    assert not [event for event in events if event["type"] == "question"]
    assert [event["output"].strip() for event in events if event["type"] == "code_result"] == ["42"]
