"""Frames that steer a run, go on from an event of one, and take uploaded files along."""

from __future__ import annotations

import base64

import pytest
from drawn import asking, pair
from test_api_channel import HERE, Studio, Tab
from test_api_channel import studio as studio

from studio.api import attachments
from studio.api.attachments import MAX_UPLOAD, AttachmentRefused, Held, file_name
from studio.api.services import services
from studio.engine.events import Attachment

ORIGIN = {"Origin": HERE}


def started(tab: Tab, **frame: object) -> str:
    tab.send(t="start", nonce="n", **frame)
    return str(tab.read_until(lambda frame: frame["t"] == "started")[-1]["run"])


def test_a_waiting_run_takes_a_message_and_a_pause_and_tells_every_tab(studio: Studio) -> None:
    flow = studio.keep(asking())
    with studio.tab() as tab:
        run = started(tab, flow=flow, task="Begin.")
        tab.send(t="watch", run=run, after=0)
        tab.read_until(lambda frame: frame["t"] == "status" and frame["status"] == "waiting")
        tab.send(t="say", run=run, text="Think first.")
        said = tab.read_until(lambda frame: frame["t"] == "events" and frame["events"][-1].get("text") == "Think first.")[-1]
        assert said["events"][-1]["source"] == "you"
        tab.send(t="pause", run=run)
        tab.read_until(lambda frame: frame["t"] == "events" and frame["events"][-1].get("command") == "pause")
        tab.send(t="next", run=run, speaker="nobody")
        assert "Nobody called" in tab.read_until(lambda frame: frame["t"] == "refused")[-1]["text"]
        tab.send(t="next", run=run)
        assert "speaker" in tab.read_until(lambda frame: frame["t"] == "refused")[-1]["text"]


def test_a_run_goes_on_from_an_event_in_a_new_run(studio: Studio) -> None:
    flow = studio.keep(pair())
    with studio.tab() as tab:
        run = started(tab, flow=flow, task="Talk.")
        tab.send(t="watch", run=run, after=0)
        tab.read_until(lambda frame: frame["t"] == "status" and frame["status"] == "done")
        tab.send(t="fork", nonce="f", run=run, seq=3)
        other = tab.read_until(lambda frame: frame["t"] == "started")[-1]["run"]
        assert other != run
        tab.send(t="watch", run=other, after=0)
        events = tab.read_until(lambda frame: frame["t"] == "events")[-1]["events"]
        assert events[0]["parent"] == run
        for wrong in ({"seq": 999}, {"seq": "3"}, {}):
            tab.send(t="fork", nonce="g", run=run, **wrong)
            tab.read_until(lambda frame: frame["t"] == "refused" and frame["nonce"] == "g")


def test_an_uploaded_file_comes_along_with_the_task(studio: Studio) -> None:
    answer = studio.client.post("/api/attachments", params={"name": "C:\\pics\\dot.png"}, content=b"\x89PNG dot", headers=ORIGIN)
    assert (answer.status_code, answer.json()["name"], answer.json()["type"]) == (201, "dot.png", "image/png")
    flow = studio.keep(pair())
    with studio.tab() as tab:
        run = started(tab, flow=flow, task="Look.", attachments=[answer.json()["id"]])
        begun = services().runs.events(run)[0]
        assert begun.attachments[0].data == base64.b64encode(b"\x89PNG dot").decode()  # type: ignore[attr-defined]
        tab.send(t="start", nonce="x", flow=flow, task="Look.", attachments=["gone"])
        assert "not held" in tab.read_until(lambda frame: frame["t"] == "refused")[-1]["text"]
        tab.send(t="start", nonce="x", flow=flow, task="Look.", attachments="all")
        assert "16 attachments" in tab.read_until(lambda frame: frame["t"] == "refused")[-1]["text"]


def test_a_file_that_is_too_large_or_empty_is_refused_with_a_sentence(studio: Studio) -> None:
    for content, says in ((b"", "is empty"), (b"x" * (MAX_UPLOAD + 1), "larger than 6 MB")):
        answer = studio.client.post("/api/attachments", params={"name": "a.txt"}, content=content, headers=ORIGIN)
        assert answer.status_code >= 400
        assert says in answer.text


def test_held_files_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "HELD", 2)
    held = Held()
    ids = [held.keep(Attachment(name=f"{n}", data="QQ==")) for n in range(3)]
    with pytest.raises(AttachmentRefused):
        held.take(ids[:1])
    assert [each.name for each in held.take(ids[1:])] == ["1", "2"]


def test_a_file_name_is_one_name_and_printable() -> None:
    assert file_name("../../etc/pass\x00wd\n") == "passwd"
    assert file_name("") == file_name("a/") == "file"
