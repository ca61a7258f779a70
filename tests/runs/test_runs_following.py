"""Starting and following runs: every reader sees every event once, whenever it comes and however slow it is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest
from model_server import ModelServer, Said
from patience import within
from run_house import House, assistant, drawing, events_in, human, pair, practice, said_in, served

from studio.engine.errors import FlowError
from studio.flow.document import FlowDocument, Node
from studio.library.templates import templates
from studio.runs.errors import RunRefused, SessionMissing
from studio.runs.tasks import MAX_TASK
from studio.store.errors import RunMissing


async def test_a_run_is_told_from_its_first_event_to_its_last(house: House) -> None:
    started = await house.runs.start(pair(), "Count.")
    frames = await house.read(started.run, lambda frame: frame["t"] == "status" and frame["status"] == "done")
    events = events_in(frames)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (events[0]["type"], events[-1]["type"]) == ("run_started", "run_finished")
    assert said_in(events) == [("you", "Count."), ("ann", "one"), ("bob", "two"), ("ann", "three"), ("bob", "four")]
    last = {"t": "status", "run": started.run, "status": "done", "session": started.session, "flow": None}
    assert {name: value for name, value in frames[-1].items() if name != "here"} == last
    json.dumps(frames)


async def test_what_is_told_live_is_what_is_stored(house: House) -> None:
    started = await house.runs.start(pair(), "Count.")
    live = await house.rest(started.run)
    assert [event.model_dump(mode="json", exclude_none=True) for event in house.runs.events(started.run)] == live
    assert await house.rest(started.run) == live
    assert await house.rest(started.run, after=4) == live[4:]


async def test_frames_can_be_had_as_ready_json(house: House) -> None:
    started = await house.runs.start(pair(), 'Say \u2028 \U0001f600 "quoted".')
    frames = await house.read(started.run, lambda frame: frame["t"] == "status" and frame["status"] == "done")
    ready = []
    async with aclosing(house.runs.follow_text(started.run)) as following:
        async for text in following:
            ready.append(json.loads(text))
            if ready[-1]["t"] == "status":
                break
    assert events_in(ready) == events_in(frames)
    assert ready[-1] == frames[-1]


async def test_a_run_keeps_what_ran_and_its_totals(house: House) -> None:
    flow = house.flows.create(pair())
    started = await house.runs.start(pair(), "Count.", flow_id=flow)
    await house.rest(started.run)
    summary = house.runs.get(started.run)
    assert (summary.status, summary.messages, summary.flow, summary.flow_id, summary.task) == ("done", 4, "Flow", flow, "Count.")
    assert summary.tokens > 0
    assert summary.seconds >= 0
    assert summary.flow_version == 1
    assert house.runs.document(started.run) == pair()
    assert house.runs.list(flow_id=flow) == house.runs.list() == [summary]
    assert house.runs.list(flow_id="other") == []


async def test_a_run_refers_to_the_version_that_ran_and_outlives_its_flow(house: House) -> None:
    flow = house.flows.create(pair())
    edited = house.flows.edit(flow, {"type": "rename", "id": "n_ann", "name": "anna"}).document
    started = await house.runs.start(edited, "x", flow_id=flow)
    await house.rest(started.run)
    assert house.runs.get(started.run).flow_version == 2
    assert house.flows.version(flow, 2) == edited
    house.flows.delete(flow)
    assert house.runs.get(started.run).flow_id == flow  # it can be brought back
    assert house.runs.document(started.run) == edited
    assert len(house.runs.events(started.run)) > 3


async def test_a_drawing_that_cannot_run_is_refused_and_nothing_is_stored(house: House) -> None:
    for wrong in (FlowDocument(), drawing(assistant("ann"), Node(id="n_2", kind="human", name="ann")), drawing()):
        with pytest.raises(FlowError):
            await house.runs.start(wrong, "x")
    with pytest.raises(RunRefused, match="characters"):
        await house.runs.start(pair(), "x" * (MAX_TASK + 1))
    with pytest.raises(SessionMissing):
        await house.runs.start(pair(), "x", session="nobody")
    assert house.runs.list() == []


async def test_a_run_that_is_not_there_is_said_so(house: House) -> None:
    with pytest.raises(RunMissing):
        await house.rest("nobody")
    for reading in (house.runs.get, house.runs.events, house.runs.document):
        with pytest.raises(RunMissing):
            reading("nobody")
    with pytest.raises(RunMissing):
        await house.runs.stop("nobody")


async def test_text_streams_in_gathered_pieces_and_one_who_comes_late_sees_all_of_it(house: House, model_server: ModelServer) -> None:
    words = " ".join(f"word{number}" for number in range(150))
    model_server.script({"test-model": Said(words, each=0.005)})
    house.accounts.save("server", base_url=model_server.base_url)
    started = await house.runs.start(drawing(assistant("ann"), model=served(), turns=1), "Speak.")

    def some(frame: dict[str, Any]) -> bool:
        return frame["t"] == "delta" and "word60" in frame["text"]

    early = asyncio.ensure_future(house.read(started.run, lambda frame: frame["t"] == "status" and frame["status"] == "done"))
    await house.read(started.run, some)
    late = await house.read(started.run, lambda frame: frame["t"] == "delta")
    assert late[-1]["text"].startswith("word0 word1 ")
    assert "word60" in late[-1]["text"]
    frames = await early
    pieces = [frame["text"] for frame in frames if frame["t"] == "delta"]
    assert words.startswith("".join(pieces))
    assert 5 < len(pieces) < 75
    assert said_in(events_in(frames))[-1] == ("ann", words)


async def test_a_retry_voids_what_was_streamed(house: House, model_server: ModelServer) -> None:
    from model_server import Fault, InTurn

    model_server.script({"test-model": InTurn(Fault("cut", after=2), Said("whole", first=0.3))})
    house.accounts.save("server", base_url=model_server.base_url)
    started = await house.runs.start(drawing(assistant("ann"), model=served(retries=1), turns=1), "Speak.")
    frames = await house.read(started.run, lambda frame: frame["t"] == "status" and frame["status"] == "done")
    assert any(frame["t"] == "void" and frame["source"] == "ann" for frame in frames)
    assert said_in(events_in(frames))[-1] == ("ann", "whole")
    assert any(event["type"] == "notice" for event in events_in(frames))


async def test_a_reader_that_hardly_reads_misses_nothing(house: House) -> None:
    long = drawing(assistant("ann"), assistant("bob"), model=practice({"ann": ["a b c " * 50], "bob": ["d e f " * 50]}), turns=120)
    started = await house.runs.start(long, "Talk.")
    seen: list[dict[str, Any]] = []
    pieces = 0
    async with asyncio.timeout(within(60)), aclosing(house.runs.follow(started.run)) as following:
        async for frame in following:
            await asyncio.sleep(0.2 if len(seen) < 100 else 0)
            if frame["t"] == "events":
                seen += frame["events"]
            pieces += 1
            if frame["t"] == "status" and frame["status"] == "done":
                break
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    assert seen == await house.rest(started.run)
    assert pieces < len(seen)


async def test_runs_at_once_never_mix(house: House) -> None:
    marks = [f"-{number}" for number in range(20)]
    started = await asyncio.gather(*(house.runs.start(pair(turns=6, mark=mark), f"task{mark}") for mark in marks))
    for mark, events in zip(marks, await asyncio.gather(*(house.rest(one.run) for one in started)), strict=True):
        said = [text for _, text in said_in(events)]
        assert said == [f"task{mark}", *(word + mark for word in ("one", "two", "three", "four", "five", "six"))]
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


async def test_a_session_goes_on_with_what_was_said_before(house: House, model_server: ModelServer) -> None:
    model_server.script({"test-model": "Answer."})
    house.accounts.save("server", base_url=model_server.base_url)
    flow = drawing(assistant("ann"), model=served(), turns=1)
    first = await house.runs.start(flow, "First task.")
    await house.rest(first.run)
    second = await house.runs.start(flow, "Second task.", session=first.session)
    await house.rest(second.run)
    third = await house.runs.start(flow, "Third task.", session=first.session)
    await house.rest(third.run)
    assert second.session == third.session == first.session
    heard = " / ".join(str(message["content"]) for message in model_server.requests[-1].messages[1:])
    places = [heard.index(words) for words in ("First task.", "Answer.", "Second task.", "Third task.")]
    assert places == sorted(places)
    assert heard.count("Answer.") == 2
    assert said_in(await house.rest(third.run)) == [("you", "Third task."), ("ann", "Answer.")]


async def test_a_session_takes_one_task_at_a_time(house: House) -> None:
    started = await house.runs.start(drawing(human(), turns=1), "x")
    await house.asked(started.run)
    with pytest.raises(RunRefused, match="still going on"):
        await house.runs.start(pair(), "y", session=started.session)
    assert len(house.runs.list()) == 1


async def test_a_run_of_another_process_is_followed_too(open_house: Callable[[], House]) -> None:
    here, there = open_house(), open_house()
    started = await there.runs.start(pair(words_per_second=4), "Count.")
    frames = await here.read(started.run, lambda frame: frame["t"] == "status" and frame["status"] == "done")
    assert said_in(events_in(frames))[-1] == ("bob", "four")
    seqs = [event["seq"] for event in events_in(frames)]
    assert seqs == list(range(1, len(seqs) + 1))


async def test_followers_are_sent_home_when_the_service_closes(house: House) -> None:
    started = await house.runs.start(drawing(human(), turns=1), "x")
    await house.asked(started.run)
    reading = asyncio.ensure_future(house.read(started.run, lambda frame: False))
    await asyncio.sleep(0.05)
    await house.close()
    with pytest.raises(AssertionError, match="the frames ended"):
        await reading
    with pytest.raises(RunRefused, match="closing"):
        await house.runs.start(pair(), "x")


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.id)
async def test_every_template_runs_offline(house: House, template: Any) -> None:
    quick = tuple(
        node.model_copy(update={"config": node.config | {"words_per_second": 0}}) if node.kind == "practice" else node
        for node in template.document.nodes
    )
    document = template.document.model_copy(update={"nodes": quick})
    started = await house.runs.start(document, document.sample_tasks[0], allow_local_code=True)
    while house.runs.get(started.run).status != "done":
        question = (await house.rest(started.run))[-1]
        if question["type"] != "question":
            break
        said = "" if question["form"] == "edit" else "Yes, go on."  # a text would be other arguments
        await house.runs.answer(started.run, question["id"], said, approved=True)
    assert house.runs.get(started.run).status == "done", house.runs.events(started.run)[-1]
