"""Steering a run: pause, go on, one step, a message put in, who speaks next; also over the end of its process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest
from run_house import House, asking, assistant, drawing, events_in, pair, practice, said_in

from studio.engine.errors import AnswerRefused
from studio.engine.events import YOU, CommandGiven
from studio.runs.errors import RunRefused

PAUSE = CommandGiven(source=YOU, command="pause")


async def reaches(house: House, run: str, status: str) -> None:
    """Waits until a run has a status that somebody else gives it."""
    for _ in range(500):
        if house.runs.get(run).status == status:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"the run is {house.runs.get(run).status}")


async def test_a_run_is_paused_between_two_steps_and_goes_on_where_it_was(house: House) -> None:
    started = await house.runs.start(pair(words_per_second=20), "Talk.")
    await house.runs.command(started.run, "pause")
    events = await house.rest(started.run)
    assert house.runs.get(started.run).status == "paused"
    assert events[-1]["type"] == "command"
    assert len(said_in(events)) < 5
    await asyncio.sleep(0.1)
    assert len(house.runs.events(started.run)) == len(events)
    await house.runs.command(started.run, "resume")
    events = await house.rest(started.run)
    assert [text for _, text in said_in(events)] == ["Talk.", "one", "two", "three", "four"]
    assert house.runs.get(started.run).status == "done"


async def test_a_paused_run_does_one_step_at_a_time(house: House) -> None:
    started = await house.runs.start(pair(), "Talk.", commands=[PAUSE])
    await house.rest(started.run)
    counts = []
    for _ in range(4):
        await house.runs.command(started.run, "step")
        await reaches(house, started.run, "paused")
        counts.append(len(said_in(await house.rest(started.run))))
    assert all(after - before <= 1 for before, after in pairwise(counts))
    assert counts[-1] > counts[0]


async def test_what_is_put_in_is_heard_while_the_run_computes_and_while_it_is_paused(house: House) -> None:
    started = await house.runs.start(pair(turns=4), "Talk.", commands=[PAUSE])
    await house.rest(started.run)
    await house.runs.say(started.run, "Be brief.")
    assert house.runs.get(started.run).status == "paused"
    await house.runs.command(started.run, "resume")
    events = await house.rest(started.run)
    assert ("you", "Be brief.") in said_in(events)
    assert next(event for event in events if event.get("text") == "Be brief.")["role"] == "human"

    running = await house.runs.start(pair(words_per_second=20, turns=4), "Talk.")
    await house.runs.say(running.run, "Be quick.")
    assert ("you", "Be quick.") in said_in(await house.rest(running.run))


async def test_the_next_speaker_is_named_by_a_person(house: House) -> None:
    started = await house.runs.start(pair(turns=1), "Talk.", commands=[PAUSE])
    await house.rest(started.run)
    with pytest.raises(RunRefused, match="Nobody called “zoe”"):
        await house.runs.command(started.run, "next_speaker", "zoe")
    await house.runs.command(started.run, "next_speaker", "bob")
    await house.runs.command(started.run, "resume")
    assert said_in(await house.rest(started.run))[-1][0] == "bob"


async def test_a_paused_run_is_still_paused_after_its_process_ended(open_house: Callable[[], House]) -> None:
    first = open_house()
    started = await first.runs.start(pair(), "Talk.", commands=[PAUSE])
    await first.rest(started.run)
    await first.close()
    second = open_house()
    await second.runs.recover()
    await asyncio.sleep(0.3)
    assert second.runs.get(started.run).status == "paused"
    await second.runs.command(started.run, "resume")
    await second.rest(started.run)
    assert second.runs.get(started.run).status == "done"


async def test_a_run_that_waits_takes_messages_and_a_pause_and_still_waits(house: House) -> None:
    started = await house.runs.start(asking(), "Begin.")
    question = await house.asked(started.run)
    await house.runs.say(started.run, "A word before.")
    await house.runs.command(started.run, "pause")
    assert house.runs.get(started.run).status == "waiting"
    with pytest.raises(RunRefused, match="waits for an answer"):
        await house.runs.command(started.run, "resume")
    await house.runs.answer(started.run, question, "Go on.")
    await reaches(house, started.run, "paused")
    await house.runs.command(started.run, "resume")
    events = await house.rest(started.run)
    assert said_in(events)[-3:] == [("you", "A word before."), ("boss", "Go on."), ("ann", "Fine.")]


async def test_a_pause_that_meets_an_answer_is_not_lost(house: House) -> None:
    for _ in range(10):
        started = await house.runs.start(asking(), "Begin.")
        frames = await house.read(started.run, lambda frame: any(event["type"] == "question" for event in frame.get("events", ())))
        question = events_in(frames)[-1]["id"]
        await asyncio.gather(house.runs.command(started.run, "pause"), house.runs.answer(started.run, question, "Go on."))
        await house.rest(started.run)
        assert house.runs.get(started.run).status == "paused"


async def test_commands_to_a_run_that_is_over_are_refused(house: House) -> None:
    started = await house.runs.start(pair(), "Talk.")
    await house.rest(started.run)
    for command in ("pause", "resume", "step"):
        with pytest.raises(RunRefused, match="is over"):
            await house.runs.command(started.run, command)
    with pytest.raises(RunRefused, match="is over"):
        await house.runs.say(started.run, "Too late.")
    with pytest.raises(RunRefused, match="nothing to say"):
        await house.runs.say(started.run, "  ")


async def test_a_paused_run_can_be_stopped(house: House) -> None:
    started = await house.runs.start(pair(), "Talk.", commands=[PAUSE])
    await house.rest(started.run)
    with pytest.raises(RunRefused, match="paused"):
        await house.runs.resume(started.run)
    await house.runs.stop(started.run)
    assert house.runs.get(started.run).status == "stopped"


async def test_pause_and_go_on_at_once_lose_nothing(house: House) -> None:
    started = await house.runs.start(pair(), "Talk.", commands=[PAUSE, CommandGiven(source=YOU, command="resume")])
    await reaches(house, started.run, "done")
    for _ in range(20):
        again = await house.runs.start(pair(), "Talk.")
        await house.runs.command(again.run, "pause")
        await house.runs.command(again.run, "resume")
        await reaches(house, again.run, "done")
        events = house.runs.events(again.run)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))


async def test_a_single_speaker_is_stepped_through_too(house: House) -> None:
    flow = drawing(assistant("ann"), model=practice({"ann": ["one", "two"]}), turns=2)
    started = await house.runs.start(flow, "Talk.", commands=[CommandGiven(source=YOU, command="step")])
    assert (await house.rest(started.run))[-1]["command"] == "pause"
    assert house.runs.get(started.run).status == "paused"


async def test_a_person_who_is_asked_gives_way_to_whom_somebody_names(house: House) -> None:
    started = await house.runs.start(asking(timeout=3600.0), "Begin.")
    question = await house.asked(started.run)
    await house.runs.command(started.run, "next_speaker", "ann")
    asked = next(event.seq for event in house.runs.events(started.run) if event.type == "question")
    # At first the run still rests at the question.
    events = events_in(await house.read(started.run, lambda frame: "Fine." in [said for _, said in said_in(events_in([frame]))], asked))
    command = next(event for event in events if event["type"] == "command")
    assert (command["instead_of"], command["question"]) == ("boss", question)
    assert said_in(events)[0] == ("ann", "Fine.")
    with pytest.raises(AnswerRefused, match="Nobody need answer"):
        await house.runs.answer(started.run, question, "Go on.")


async def test_naming_somebody_answers_who_speaks_next(house: House) -> None:
    flow = drawing(
        assistant("ann"), assistant("bob"), model=practice({"ann": ["one"], "bob": ["two"]}), turns=1, selection={"kind": "manual"}
    )
    started = await house.runs.start(flow, "Talk.")
    await house.asked(started.run)
    await house.runs.command(started.run, "next_speaker", "bob")
    await reaches(house, started.run, "done")
    assert said_in(await house.rest(started.run))[-1] == ("bob", "two")


async def test_who_speaks_next_is_logged_while_somebody_speaks(house: House) -> None:
    started = await house.runs.start(pair(words_per_second=20, mark=" and so on, word by word"), "Talk.")
    await house.read(started.run, lambda frame: frame["t"] == "delta" and frame["source"] == "ann")
    await house.runs.command(started.run, "next_speaker", "ann")
    events = await house.rest(started.run)
    command = next(event for event in events if event["type"] == "command")
    assert command["after"] == "ann"
    assert events[events.index(command) + 1]["source"] == "ann"
    assert [source for source, _ in said_in(events)][1:3] == ["ann", "ann"]
