"""`convene run` with forms, files, single steps and conversations within conversations."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from command_line import Convene
from flow_files import agent, flow_file, pair
from rich.console import Console

from studio.cli.transcript import ReadableTranscript
from studio.engine.events import ConversationClosed, ConversationOpened, Event, LedgerWritten, MessageSaid, RunStarted, VariablesSet

FIELDS = {"type": "object", "properties": {"seats": {"type": "integer", "title": "Seats"}}, "required": ["seats"]}


def asking(folder: Path, **config: Any) -> Path:
    boss = {"id": "n_boss", "kind": "human", "name": "boss", "config": config}
    return flow_file(folder, agent("ann"), boss, script={"ann": ["What now?"]}, turns=2, name="Asking")


def shown(*events: Event) -> str:
    stream = io.StringIO()
    transcript = ReadableTranscript(Console(file=stream, width=200, highlight=False, soft_wrap=True))
    for event in events:
        transcript.event(event)
    transcript.close()
    return stream.getvalue()


def test_answers_that_do_not_fit_are_told_and_the_next_one_counts(convene: Convene, tmp_path: Path) -> None:
    answers = tmp_path / "answers.txt"
    answers.write_text("Milk\n2\n")
    flow = asking(tmp_path, form="choice", choices=["Tea", "Coffee"])
    done = convene("run", flow, "--task", "Go.", "--answers", answers)
    assert (done.status, "not one of the choices" in done.err) == (0, True)
    assert "1. Tea" in done.out
    assert done.out.count("Coffee") >= 2

    answers.write_text("seats=four\nseats=4\n")
    done = convene("run", asking(tmp_path, form="form", fields=FIELDS), "--task", "Go.", "--answers", answers, "--json")
    assert done.status == 0
    assert next(row for row in done.rows if row["type"] == "message" and row["source"] == "boss")["data"] == {"seats": 4}

    answers.write_text("Milk\n")
    assert convene("run", flow, "--task", "Go.", "--answers", answers).status == 3


def test_a_question_with_a_time_waits_for_it_and_no_longer(convene: Convene, tmp_path: Path) -> None:
    done = convene("run", asking(tmp_path, timeout=0.3, timeout_answer="Nobody."), "--task", "Go.", "--json")
    assert done.status == 0
    assert next(row for row in done.rows if row["type"] == "answer")["source"] == "timeout"


def test_files_go_with_the_task(convene: Convene, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Buy milk.")
    done = convene("run", pair(tmp_path), "--task", "Go.", "--attach", notes, "--json")
    assert done.rows[0]["attachments"][0]["name"] == "notes.txt"
    done = convene("run", pair(tmp_path), "--task", "Go.", "--attach", notes)
    assert "with notes.txt" in done.out
    missing = convene("run", pair(tmp_path), "--task", "Go.", "--attach", tmp_path / "none.txt")
    assert (missing.status, "none.txt cannot be attached" in missing.err) == (2, True)


def test_a_run_goes_step_by_step_as_long_as_lines_come(convene: Convene, tmp_path: Path) -> None:
    steps = tmp_path / "steps.txt"
    steps.write_text("\n\n")
    done = convene("run", pair(tmp_path), "--task", "Go.", "--step", "--answers", steps)
    assert (done.status, "is paused" in done.err) == (3, True)
    assert "one" in done.out
    assert "four" not in done.out
    run = json.loads(convene("runs", "--json").out)[0]
    assert run["status"] == "paused"
    assert "Paused" in convene("show", run["run"]).out
    steps.write_text("\ngo\n")
    done = convene("run", pair(tmp_path), "--task", "Go.", "--step", "--answers", steps)
    assert (done.status, "four" in done.out) == (0, True)


def test_the_last_line_of_a_paused_run_in_json_says_that_it_is_paused(convene: Convene, tmp_path: Path) -> None:
    done = convene("run", pair(tmp_path), "--task", "Go.", "--step", "--json")
    assert done.status == 3
    assert [row["seq"] for row in done.rows] == list(range(1, len(done.rows) + 1))
    last = done.rows[-1]
    assert (last["type"], last["status"], last["stop_reason"]) == ("run_finished", "paused", "A person can let it go on.")
    stored = json.loads(convene("runs", "--json").out)[0]
    assert stored["status"] == "paused"
    assert "run_finished" not in convene("show", stored["run"], "--json").out


def test_conversations_within_a_conversation_are_indented() -> None:
    text = shown(
        RunStarted(seq=1, task="Think.", flow="Nested"),
        ConversationOpened(seq=2, source="experts", id="t2", team="experts"),
        MessageSaid(seq=3, source="ina", text="first\nsecond", scope="t2"),
        ConversationOpened(seq=4, source="ina", id="t4", team="deep", scope="t2"),
        MessageSaid(seq=5, source="ivo", text="deep down", scope="t4"),
        ConversationClosed(seq=6, source="ina", id="t4", team="deep", scope="t2", stop_reason="it is over"),
        ConversationClosed(seq=7, source="experts", id="t2", team="experts", stop_reason="2 turns"),
        MessageSaid(seq=8, source="ann", text="outside"),
    )
    lines = text.splitlines()
    assert {"│ first", "│ second", "│ │ deep down", "outside"} <= set(lines)
    assert "experts is done: 2 turns" in lines


def test_a_ledger_and_variables_are_told() -> None:
    text = shown(
        LedgerWritten(seq=1, source="team", page="progress", data={"done": False}),
        VariablesSet(seq=2, source="ann", values={"order": 7}),
    )
    assert "progress" in text
    assert '"done": false' in text
    assert "order = 7" in text


def test_of_two_who_speak_at_once_neither_is_mixed_into_the_other() -> None:
    stream = io.StringIO()
    transcript = ReadableTranscript(
        Console(file=stream, force_terminal=True, color_system=None, width=200, highlight=False, soft_wrap=True)
    )
    for source, piece in (("ann", "One "), ("bob", "Uno "), ("ann", "two."), ("bob", "due.")):
        transcript.show({"t": "delta", "source": source, "text": piece, "kind": "text"})
    transcript.event(MessageSaid(seq=1, source="bob", text="Uno due."))
    transcript.event(MessageSaid(seq=2, source="ann", text="One two."))
    transcript.close()
    assert [line for line in stream.getvalue().splitlines() if line] == ["ann", "One two.", "bob", "Uno due."]
