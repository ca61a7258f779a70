"""Going on from any event of a run, files that come along with a task, and questions that answer themselves."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from run_house import House, asking, assistant, coding, drawing, pair, practice, said_in
from sandboxes import until

from studio.engine.errors import AnswerRefused
from studio.engine.events import Attachment, RunStarted, now
from studio.engine.saved import NoSuchEvent
from studio.runs import deadlines
from studio.runs.errors import RunRefused

TEXT = Attachment(name="../notes.txt", media_type="text/plain", data=base64.b64encode(b"Buy milk.").decode())


async def test_a_run_goes_on_from_any_event_and_the_first_one_stays_as_it_was(house: House) -> None:
    first = await house.runs.start(pair(), "Talk.")
    log = await house.rest(first.run)
    at = next(event["seq"] for event in log if event.get("text") == "two")
    started = await house.runs.fork(first.run, at)
    events = await house.rest(started.run)
    assert started.session != first.session
    assert (events[0]["parent"], events[0]["copied"]) == (first.run, at)
    assert events[at]["type"] == "run_resumed"
    assert [text for _, text in said_in(events)] == ["Talk.", "one", "two", "three", "four"]
    assert house.runs.get(started.run).status == "done"
    assert [event.seq for event in house.runs.events(first.run)] == [event["seq"] for event in log]


async def test_every_event_of_a_run_can_be_gone_on_from(house: House) -> None:
    first = await house.runs.start(pair(), "Talk.")
    log = await house.rest(first.run)
    for event in log[:-1]:
        started = await house.runs.fork(first.run, event["seq"])
        said = said_in(await house.rest(started.run))
        assert [text for _, text in said] == ["Talk.", "one", "two", "three", "four"], event
    with pytest.raises(RunRefused, match="over at this event"):
        await house.runs.fork(first.run, log[-1]["seq"])
    for seq in (0, len(log) + 1):
        with pytest.raises(NoSuchEvent):
            await house.runs.fork(first.run, seq)


async def test_a_question_that_was_answered_is_asked_again(house: House) -> None:
    first = await house.runs.start(asking(), "Begin.")
    question = await house.asked(first.run)
    await house.runs.answer(first.run, question, "First.")
    log = await house.rest(first.run)
    at = next(event["seq"] for event in log if event["type"] == "question")
    started = await house.runs.fork(first.run, at)
    assert house.runs.get(started.run).status == "waiting"
    await house.runs.answer(started.run, question, "Second.")
    assert ("boss", "Second.") in said_in(await house.rest(started.run))
    assert ("boss", "First.") in said_in(await house.rest(first.run))


async def test_where_code_was_under_way_the_new_run_asks_first_and_finds_the_files(house: House) -> None:
    flow = coding("print(open('left.txt').read())")
    (house.settings.work_dir / "x").parent.mkdir(parents=True, exist_ok=True)
    first = await house.runs.start(flow, "Run it.", allow_local_code=True)
    folder = house.settings.work_dir / first.run
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "left.txt").write_text("I was here.")
    log = await house.rest(first.run)
    at = next(event["seq"] for event in log if event["type"] == "code_started")
    started = await house.runs.fork(first.run, at)
    assert house.runs.get(started.run).status == "interrupted"
    await house.runs.resume(started.run)
    events = await house.rest(started.run)
    assert "I was here." in next(event for event in events if event["type"] == "code_result")["output"]


async def test_a_run_that_goes_on_counts_only_the_time_that_it_was_going_on(house: House) -> None:
    began = time.monotonic()
    first = await house.runs.start(pair(), "Talk.")
    log = await house.rest(first.run)
    await asyncio.sleep(1.0)
    started = await house.runs.fork(first.run, log[-2]["seq"])
    await house.rest(started.run)
    from studio.engine.fold import fold
    from studio.flow.resolve import resolve

    state = fold(resolve(house.runs.document(started.run)), house.runs.events(started.run))
    assert state.progress().elapsed < time.monotonic() - began - 0.9


async def test_attachments_are_heard_and_lie_in_the_work_folder(house: House) -> None:
    started = await house.runs.start(pair(turns=1), "Read this.", attachments=[TEXT])
    await house.rest(started.run)
    begun = house.runs.events(started.run)[0]
    assert isinstance(begun, RunStarted)
    assert begun.attachments == (TEXT,)
    assert (house.settings.work_dir / started.run / "notes.txt").read_bytes() == b"Buy milk."
    other = TEXT.model_copy(update={"data": base64.b64encode(b"Buy tea.").decode()})
    following = await house.runs.start(pair(turns=1), "And now?", session=started.session, attachments=[other])
    await house.rest(following.run)
    history = house.runs.events(following.run)[0].history  # type: ignore[attr-defined]
    assert history[0].attachments == (TEXT,)
    files = {path.name: path.read_bytes() for path in (house.settings.work_dir / following.run).iterdir()}
    assert files == {"notes.txt": b"Buy tea.", "notes (2).txt": b"Buy milk."}


async def test_too_many_attachments_and_too_large_ones_are_refused_before_anything_is_stored(house: House) -> None:
    large = TEXT.model_copy(update={"data": "A" * 8_000_000})
    for attachments, says in (([TEXT] * 17, "16 attachments"), ([large] * 4, "larger than")):
        with pytest.raises(RunRefused, match=says):
            await house.runs.start(pair(), "x", attachments=attachments)
    assert house.runs.list() == []


async def test_a_question_answers_itself_when_its_time_is_over(house: House) -> None:
    started = await house.runs.start(asking(timeout=0.3, timeout_answer="Nobody is there."), "Begin.")
    await house.asked(started.run)
    events = await house.read(started.run, lambda frame: frame["t"] == "status" and frame["status"] == "done")
    said = [event for frame in events if frame["t"] == "events" for event in frame["events"]]
    answer = next(event for event in said if event["type"] == "answer")
    assert (answer["source"], answer["text"]) == ("timeout", "Nobody is there.")
    assert ("boss", "Nobody is there.") in said_in(said)


async def test_a_question_answers_itself_after_a_restart(open_house: Callable[[], House]) -> None:
    first = open_house()
    started = await first.runs.start(asking(form="approve", timeout=0.5), "Begin.")
    await first.asked(started.run)
    await first.close()
    await asyncio.sleep(0.6)
    second = open_house()
    await second.runs.recover()
    frames = await second.read(started.run, lambda frame: frame["t"] == "status" and frame["status"] == "done")
    answer = next(event for frame in frames if frame["t"] == "events" for event in frame["events"] if event["type"] == "answer")
    assert (answer["source"], answer["approved"]) == ("timeout", False)


async def test_an_answer_in_time_is_the_one_that_counts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    started = await house.runs.start(asking(timeout=60, timeout_answer="Late."), "Begin.")
    question = await house.asked(started.run)
    await house.runs.answer(started.run, question, "In time.")
    monkeypatch.setattr(deadlines, "now", lambda: now() + timedelta(seconds=61))
    await until(lambda: not house.runs._executions.deadlines)
    await house.rest(started.run)
    assert [event.source for event in house.runs.events(started.run) if event.type == "answer"] == ["you"]  # type: ignore[attr-defined]


async def test_choices_and_forms_are_checked_before_they_are_accepted(house: House) -> None:
    started = await house.runs.start(asking(form="choice", choices=["Tea", "Coffee"]), "Begin.")
    question = await house.asked(started.run)
    with pytest.raises(AnswerRefused, match="not one of the choices"):
        await house.runs.answer(started.run, question, "Milk")
    await house.runs.answer(started.run, question, "Tea")
    assert ("boss", "Tea") in said_in(await house.rest(started.run))

    fields = {"type": "object", "properties": {"age": {"type": "integer", "title": "Age"}}, "required": ["age"]}
    started = await house.runs.start(asking(form="form", fields=fields), "Begin.")
    question = await house.asked(started.run)
    for wrong, says in (("old", "no JSON object"), ("{}", "'age' is a required"), ('{"age": "x"}', "not of type")):
        with pytest.raises(AnswerRefused, match=says):
            await house.runs.answer(started.run, question, wrong)
    await house.runs.answer(started.run, question, '{"age": 7}')
    events = await house.rest(started.run)
    said = next(event for event in events if event["type"] == "message" and event["source"] == "boss")
    assert (said["text"], said["data"]) == ("Age: 7", {"age": 7})


async def test_what_was_said_last_can_be_changed_while_it_is_approved(house: House) -> None:
    started = await house.runs.start(asking(form="edit"), "Begin.")
    events = await house.rest(started.run)
    question = events[-1]
    assert question["details"] == "What now?"
    await house.runs.answer(started.run, question["id"], "What next?", approved=True)
    assert ("boss", "Approved with changes:\n\nWhat next?") in said_in(await house.rest(started.run))


async def test_stopped_code_is_told_in_the_log_and_runs_again_when_the_run_is_resumed(house: House) -> None:
    code = "import pathlib, time\nfirst = not pathlib.Path('began').exists()\npathlib.Path('began').touch()\ntime.sleep(60 * first)\nprint('ran')"
    started = await house.runs.start(coding(code, turns=2), "Run it.", allow_local_code=True)
    for _ in range(200):
        if (house.settings.work_dir / started.run / "began").exists():
            break
        await asyncio.sleep(0.05)
    await house.runs.stop(started.run)
    events = await house.rest(started.run)
    assert [(event["type"], event.get("exit_code")) for event in events[-2:]] == [("code_result", 125), ("run_finished", None)]
    await house.runs.resume(started.run)
    events = await house.rest(started.run)
    assert [event["exit_code"] for event in events if event["type"] == "code_result"] == [125, 0]
    assert "ran" in said_in(events)[-1][1]


async def test_a_session_takes_one_task_at_a_time(house: House) -> None:
    flow = drawing(assistant("ann"), model=practice({"ann": ["one"]}, words_per_second=1), turns=1)
    started = await house.runs.start(flow, "x")
    with pytest.raises(RunRefused, match="still going on"):
        await house.runs.start(flow, "y", session=started.session)
    await house.runs.stop(started.run)
