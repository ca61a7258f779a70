"""What people do to runs: answer once, stop at once, resume, give consent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from model_server import Fault, InTurn, ModelServer, Said
from patience import within
from run_house import House, asking, assistant, coding, drawing, events_in, human, pair, practice, said_in, served
from sandboxes import until

from studio.engine.errors import AnswerRefused
from studio.flow.document import Edge, FlowDocument, Node
from studio.runs import rows
from studio.runs.errors import RunRefused
from studio.store.errors import RunMissing


async def test_a_question_is_answered_and_the_run_goes_on(house: House) -> None:
    started = await house.runs.start(asking(), "Begin.")
    question = await house.asked(started.run)
    assert house.runs.get(started.run).status == "waiting"
    await house.runs.answer(started.run, question, "Go on.")
    events = await house.rest(started.run)
    assert said_in(events)[-2:] == [("boss", "Go on."), ("ann", "Fine.")]
    answer = next(event for event in events if event["type"] == "answer")
    assert (answer["question"], answer["source"]) == (question, "you")
    assert house.runs.get(started.run).status == "done"


async def test_a_question_can_be_answered_once(house: House) -> None:
    started = await house.runs.start(asking(), "Begin.")
    question = await house.asked(started.run)
    await house.runs.answer(started.run, question, "First.", by="Ada")
    with pytest.raises(AnswerRefused, match="already, by Ada"):
        await house.runs.answer(started.run, question, "Second.")
    await house.rest(started.run)
    with pytest.raises(AnswerRefused, match="already"):
        await house.runs.answer(started.run, question, "Third.")


async def test_of_many_who_answer_at_once_exactly_one_wins(open_house: Callable[[], House]) -> None:
    houses = [open_house(), open_house()]
    started = await houses[0].runs.start(asking(), "Begin.")
    question = await houses[0].asked(started.run)
    answers = [houses[n % 2].runs.answer(started.run, question, f"answer {n}", by=f"tab {n}") for n in range(10)]
    outcomes = await asyncio.gather(*answers, return_exceptions=True)
    won = [n for n, outcome in enumerate(outcomes) if outcome is None]
    assert len(won) == 1
    assert all(isinstance(outcome, AnswerRefused) for outcome in outcomes if outcome is not None)
    events = await houses[1].rest(started.run)
    assert [event["text"] for event in events if event["type"] == "answer"] == [f"answer {won[0]}"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["type"] == "run_finished"


async def test_an_answer_that_fits_nothing_is_refused(house: House) -> None:
    started = await house.runs.start(asking(form="approve"), "Begin.")
    question = await house.asked(started.run)
    for wrong, says in (
        (("q999", "x", True), "no question"),
        ((question, "x", None), "yes or a no"),
        ((question, "x" * 300_000, True), "most"),
    ):
        with pytest.raises(AnswerRefused, match=says):
            await house.runs.answer(started.run, *wrong)
    with pytest.raises(RunMissing):
        await house.runs.answer("nobody", question, "x")
    assert house.runs.get(started.run).status == "waiting"
    await house.runs.answer(started.run, question, "too slow", approved=False)
    events = await house.rest(started.run)
    assert next(event for event in events if event["type"] == "answer")["approved"] is False


async def test_arguments_are_edited_into_an_object_or_not_at_all(house: House) -> None:
    source = "def pay(amount: int) -> str:\n    return f'paid {amount}'\n"
    tool = Node(id="n_tool", kind="python_tool", config={"source": source, "approval": "always", "executor": {"kind": "local"}})
    script = {"ann": [{"tool": "pay", "arguments": {"amount": 900}}, "Done."]}
    wire = Edge(id="e_tool", kind="tool", source="n_tool", target="n_ann")
    flow = drawing(assistant("ann"), tool, model=practice(script), turns=1)
    started = await house.runs.start(flow.model_copy(update={"edges": (*flow.edges, wire)}), "Pay.")
    question = await house.asked(started.run)
    with pytest.raises(AnswerRefused, match="no JSON object"):
        await house.runs.answer(started.run, question, "[9]", approved=True)
    await house.runs.answer(started.run, question, '{"amount": 9}', approved=True)
    consent = await house.asked(started.run)
    await house.runs.answer(started.run, consent, "", approved=True)
    events = await house.rest(started.run)
    assert next(event for event in events if event["type"] == "tool_result")["output"] == "paid 9"


async def test_a_waiting_run_is_answered_after_a_restart(open_house: Callable[[], House]) -> None:
    first = open_house()
    started = await first.runs.start(asking(), "Begin.")
    question = await first.asked(started.run)
    await first.close()
    second = open_house()
    await second.runs.recover()
    assert second.runs.get(started.run).status == "waiting"
    await second.runs.answer(started.run, question, "Still here.")
    assert said_in(await second.rest(started.run))[-2:] == [("boss", "Still here."), ("ann", "Fine.")]


async def test_a_run_that_waits_holds_no_task(house: House) -> None:
    started = await house.runs.start(asking(), "Begin.")
    await house.asked(started.run)
    await until(lambda: not house.runs._executions and not house.runs._lives._known)
    assert len(house.runs._executions) == 0
    assert house.runs._lives._known == {}


async def test_stop_breaks_a_model_off_within_a_second_and_keeps_what_was_said(house: House, model_server: ModelServer) -> None:
    model_server.script({"test-model": Said("word " * 2_000, each=0.02)})
    house.accounts.save("server", base_url=model_server.base_url)
    started = await house.runs.start(drawing(assistant("ann"), model=served(), turns=1), "Speak.")
    await house.read(started.run, lambda frame: frame["t"] == "delta" and "word word" in frame["text"])
    began = time.monotonic()
    await house.runs.stop(started.run)
    assert time.monotonic() - began < within(1)
    events = await house.rest(started.run)
    assert [event["type"] for event in events[-2:]] == ["partial", "run_finished"]
    assert events[-2]["text"].startswith("word word")
    assert events[-1]["status"] == "stopped"
    assert house.runs.get(started.run).status == "stopped"
    assert await asyncio.to_thread(model_server.wait_until, lambda server: server.cut_off == 1)


async def test_stop_ends_code_that_runs_on_this_machine(house: House, tmp_path: Path) -> None:
    code = "import time, pathlib\npathlib.Path('began').touch()\ntime.sleep(60)"
    started = await house.runs.start(coding(code), "Run it.", allow_local_code=True)
    folder = house.settings.work_dir / started.run
    for _ in range(200):
        if (folder / "began").exists():
            break
        await asyncio.sleep(0.05)
    assert (folder / "began").exists()
    began = time.monotonic()
    await house.runs.stop(started.run)
    assert time.monotonic() - began < within(1.5)
    assert (await house.rest(started.run))[-1]["status"] == "stopped"


async def test_stopping_twice_and_stopping_what_is_over_change_nothing(house: House, model_server: ModelServer) -> None:
    model_server.script({"test-model": Fault("stall")})
    house.accounts.save("server", base_url=model_server.base_url)
    started = await house.runs.start(drawing(assistant("ann"), model=served(), turns=1), "Speak.")
    await asyncio.gather(*(house.runs.stop(started.run) for _ in range(5)))
    await house.runs.stop(started.run)
    events = await house.rest(started.run)
    assert [event["type"] for event in events].count("run_finished") == 1
    done = await house.runs.start(pair(), "x")
    log = await house.rest(done.run)
    await house.runs.stop(done.run)
    assert await house.rest(done.run) == log


async def test_a_run_that_waits_can_be_stopped_and_its_question_is_closed(house: House) -> None:
    started = await house.runs.start(asking(), "Begin.")
    question = await house.asked(started.run)
    await house.runs.stop(started.run)
    assert (await house.rest(started.run))[-1]["stop_reason"] == "stopped by a person"
    with pytest.raises(AnswerRefused, match="any more"):
        await house.runs.answer(started.run, question, "Too late.")


async def test_a_run_can_be_stopped_from_another_process(open_house: Callable[[], House], model_server: ModelServer) -> None:
    here, there = open_house(), open_house()
    model_server.script({"test-model": Fault("stall")})
    there.accounts.save("server", base_url=model_server.base_url)
    started = await there.runs.start(drawing(assistant("ann"), model=served(), turns=1), "Speak.")
    assert await asyncio.to_thread(model_server.wait_until, lambda server: server.open == 1)
    await here.runs.stop(started.run)
    assert (await there.rest(started.run))[-1]["status"] == "stopped"
    for _ in range(60):
        if started.run not in there.runs._executions:
            break
        await asyncio.sleep(0.05)
    assert started.run not in there.runs._executions
    assert [event["type"] for event in await here.rest(started.run)].count("run_finished") == 1


async def test_a_failed_run_says_why_and_goes_on_when_the_cause_is_gone(house: House, model_server: ModelServer) -> None:
    model_server.keys = {"sk-good-0123456789"}
    model_server.script({"test-model": "At last."})
    house.accounts.save("server", base_url=model_server.base_url, key="sk-wrong-0123456789")
    started = await house.runs.start(drawing(assistant("ann"), model=served(), turns=1), "Speak.")
    events = await house.rest(started.run)
    error = events[-2]
    assert (error["type"], error["account"], error["remedy"]) == ("error", "server", "Open the account.")
    assert "401" in error["text"]
    assert house.runs.get(started.run).status == "failed"
    house.accounts.save("server", base_url=model_server.base_url, key="sk-good-0123456789")
    await house.runs.resume(started.run)
    events = await house.rest(started.run)
    assert "run_resumed" in [event["type"] for event in events]
    assert said_in(events)[-1] == ("ann", "At last.")
    assert house.runs.get(started.run).status == "done"


async def test_a_stopped_run_can_be_resumed(house: House, model_server: ModelServer) -> None:
    model_server.script({"test-model": InTurn(Fault("stall"), "Here I am.")})
    house.accounts.save("server", base_url=model_server.base_url)
    started = await house.runs.start(drawing(assistant("ann"), model=served(), turns=1), "Speak.")
    assert await asyncio.to_thread(model_server.wait_until, lambda server: server.open == 1)
    await house.runs.stop(started.run)
    await house.runs.resume(started.run)
    assert said_in(await house.rest(started.run)) == [("you", "Speak."), ("ann", "Here I am.")]


async def test_only_what_ended_early_can_be_resumed(house: House) -> None:
    done = await house.runs.start(pair(), "x")
    await house.rest(done.run)
    waiting = await house.runs.start(drawing(human(), turns=1), "x")
    await house.asked(waiting.run)
    running = await house.runs.start(pair(words_per_second=1), "x")
    for run, says in ((done.run, "come to its end"), (waiting.run, "waits"), (running.run, "still going on")):
        with pytest.raises(RunRefused, match=says):
            await house.runs.resume(run)
    await house.runs.stop(running.run)


async def test_local_code_asks_first_and_a_standing_yes_is_remembered_for_the_flow(house: House) -> None:
    document = coding("print(6 * 7)", turns=2)
    flow = house.flows.create(document)
    started = await house.runs.start(document, "Run it.", flow_id=flow)
    question = await house.asked(started.run)
    assert not any(event.type == "code_started" for event in house.runs.events(started.run))
    await house.runs.answer(started.run, question, "", approved=True)
    assert any(event["type"] == "code_result" and "42" in event["output"] for event in await house.rest(started.run))

    house.runs.allow_local_code(flow, True)
    again = await house.runs.start(document, "Run it.", flow_id=flow)
    assert "question" not in [event["type"] for event in await house.rest(again.run)]
    other = await house.runs.start(document, "Run it.", flow_id=house.flows.create(document))
    assert await house.asked(other.run)

    house.runs.allow_local_code(flow, False)
    last = await house.runs.start(document, "Run it.", flow_id=flow)
    question = await house.asked(last.run)
    await house.runs.answer(last.run, question, "No.", approved=False)
    assert not any(event["type"] == "code_started" for event in await house.rest(last.run))


async def test_a_run_that_is_stopped_before_its_first_step_is_stopped(house: House) -> None:
    started = await house.runs.start(pair(), "x")
    await house.runs.stop(started.run)
    assert house.runs.get(started.run).status == "stopped"
    assert len(house.runs._executions) == 0
    assert [event["type"] for event in await house.rest(started.run)] == ["run_started", "run_finished"]


def branching() -> FlowDocument:
    """After ann, slow and quick speak at the same time; after quick the boss is asked, and bob speaks after the boss."""
    members = (*map(assistant, ("ann", "slow", "quick", "bob")), human("boss"))
    base = drawing(*members, model=served(), turns=5, selection={"kind": "graph"})
    arrows = (("ann", "slow"), ("ann", "quick"), ("quick", "boss"), ("boss", "bob"))
    drawn = (Edge(id=f"e_{one}_{other}", kind="speaks", source=f"n_{one}", target=f"n_{other}") for one, other in arrows)
    return base.model_copy(update={"edges": (*base.edges, *drawn)})


async def test_an_answer_is_taken_while_somebody_else_still_computes(house: House, model_server: ModelServer) -> None:
    model_server.script({"You are slow": Fault("stall"), "*": "ok"})
    house.accounts.save("server", base_url=model_server.base_url)
    started = await house.runs.start(branching(), "Begin.")
    frames = await house.read(started.run, lambda frame: any(event["type"] == "question" for event in frame.get("events", ())))
    question = next(event["id"] for event in events_in(frames) if event["type"] == "question")
    answers = [house.runs.answer(started.run, question, f"answer {number}") for number in range(3)]
    outcomes = await asyncio.gather(*answers, return_exceptions=True)
    (won,) = [number for number, outcome in enumerate(outcomes) if outcome is None]
    assert all(isinstance(outcome, AnswerRefused) for number, outcome in enumerate(outcomes) if number != won)
    assert house.runs.get(started.run).status == "running"
    frames = await house.read(started.run, lambda frame: ("bob", "ok") in said_in(frame.get("events", ())))
    assert said_in(events_in(frames))[-2:] == [("boss", f"answer {won}"), ("bob", "ok")]
    assert len(model_server.asked("You are slow")) == 1
    assert rows.row_of(house.database, started.run).owner == house.runs._executions.owner
    await house.runs.stop(started.run)
    assert house.runs.get(started.run).status == "stopped"


async def test_a_question_answers_itself_in_time_while_somebody_else_still_computes(house: House, model_server: ModelServer) -> None:
    model_server.script({"You are slow": Fault("stall"), "*": "ok"})
    house.accounts.save("server", base_url=model_server.base_url)
    flow = branching()
    hurried = tuple(
        node.model_copy(update={"config": {"timeout": 0.1, "timeout_answer": "Go."}}) if node.id == "n_boss" else node
        for node in flow.nodes
    )
    started = await house.runs.start(flow.model_copy(update={"nodes": hurried}), "Begin.")
    frames = await house.read(started.run, lambda frame: ("bob", "ok") in said_in(frame.get("events", ())))
    assert ("boss", "Go.") in said_in(events_in(frames))
    assert len(model_server.asked("You are slow")) == 1
    await house.runs.stop(started.run)
