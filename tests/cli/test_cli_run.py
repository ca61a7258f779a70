"""`convene run`: its transcript, its lines of JSON, its answers and its exit statuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import Convene
from flow_files import agent, asking, flow_file, pair
from model_server import ModelServer
from patience import within

ROOT = Path(__file__).parent.parent.parent


def test_a_run_prints_every_durable_event_as_a_line_of_json(convene: Convene, tmp_path: Path) -> None:
    done = convene("run", pair(tmp_path), "--task", "Go.", "--json")
    assert done.status == 0
    rows = done.rows
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert all({"seq", "type", "source", "time"} <= row.keys() for row in rows)
    assert rows[0]["type"] == "run_started"
    assert rows[0]["task"] == "Go."
    assert [row["text"] for row in rows if row["type"] == "message" and row["role"] != "task"] == ["one", "two", "three", "four"]
    assert rows[-1]["type"] == "run_finished"
    assert rows[-1]["status"] == "done"
    assert rows[-1]["stop_reason"]
    assert rows[-1]["usage"]["calls"] == 4


def test_a_run_reads_like_a_conversation(convene: Convene, tmp_path: Path) -> None:
    done = convene("run", pair(tmp_path), "--task", "Go.")
    assert done.status == 0
    places = [done.out.index(word) for word in ("Go.", "ann", "one", "bob", "two", "three", "four", "Done")]
    assert places == sorted(places)
    assert "practice model" in done.out
    assert "\x1b" not in done.out


def test_a_question_without_an_answer_ends_with_3_and_stays_open(convene: Convene, tmp_path: Path) -> None:
    left = convene("run", asking(tmp_path), "--task", "Go.", "--json")
    assert left.status == 3
    assert left.rows[-1]["type"] == "run_finished"
    assert left.rows[-1]["status"] == "waiting"
    assert left.rows[-1]["usage"]["calls"] == 1
    assert left.rows[-2]["type"] == "question"
    run = left.err.split()[1]
    stored = convene("show", run, "--json").rows
    assert stored[-1]["type"] == "question"
    assert json.loads(convene("runs", "--json").out)[0]["status"] == "waiting"


@pytest.mark.parametrize("written", ["Carry on.\nThat will do.\n", '["Carry on.", "That will do."]'])
def test_answers_are_given_in_their_order(convene: Convene, tmp_path: Path, written: str) -> None:
    (tmp_path / "answers").write_text(written)
    done = convene("run", asking(tmp_path), "--task", "Go.", "--answers", tmp_path / "answers", "--json")
    assert done.status == 0
    assert [row["text"] for row in done.rows if row["type"] == "answer"] == ["Carry on.", "That will do."]


def test_answers_come_from_standard_input_too_and_may_run_out(convene: Convene, tmp_path: Path) -> None:
    left = convene("run", asking(tmp_path), "--task", "Go.", "--answers", "-", "--json", stdin=b"Carry on.\n")
    assert left.status == 3
    assert [row["text"] for row in left.rows if row["type"] == "answer"] == ["Carry on."]


@pytest.mark.parametrize("content", [b"[1, 2]", b"[", b"\xff\xfe", b'["a", {}]'])
def test_an_answers_file_that_is_none_is_bad_input(convene: Convene, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "answers").write_bytes(content)
    refused = convene("run", asking(tmp_path), "--task", "Go.", "--answers", tmp_path / "answers")
    assert refused.status == 2
    assert refused.err.startswith("convene: ")
    assert convene("runs").out.startswith("There are no runs")


def test_another_model_takes_the_place_of_every_agents(convene: Convene, tmp_path: Path, model_server: ModelServer) -> None:
    model_server.script({"You are ann": "served ann", "You are bob": "served bob"})
    done = convene("run", pair(tmp_path), "--task", "Go.", "--model", "big-model", "--base-url", model_server.base_url, "--json")
    assert done.status == 0
    assert [row["text"] for row in done.rows if row["type"] == "message" and row["role"] != "task"] == ["served ann", "served bob"] * 2
    assert {seen.body["model"] for seen in model_server.asked()} == {"big-model"}


def test_a_model_that_cannot_be_reached_fails_with_its_cause(convene: Convene, tmp_path: Path) -> None:
    flow = flow_file(tmp_path, agent("ann"), script={"ann": ["one"]})
    failed = convene("run", flow, "--task", "Go.", "--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--json")
    assert failed.status == 1
    error = next(row for row in failed.rows if row["type"] == "error")
    assert "127.0.0.1:9" in error["text"]
    assert failed.rows[-1]["status"] == "failed"


def test_an_address_without_a_model_asks_which_one_is_meant(convene: Convene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_MODEL", raising=False)
    refused = convene("run", pair(tmp_path), "--task", "Go.", "--base-url", "http://127.0.0.1:9/v1")
    assert refused.status == 2
    assert "--model" in refused.err
    assert convene("runs").out.startswith("There are no runs")
    monkeypatch.setenv("OPENAI_MODEL", "big-model")
    assert convene("run", pair(tmp_path), "--task", "Go.", "--base-url", "http://127.0.0.1:9/v1").status == 1


def test_an_address_that_is_none_is_bad_input(convene: Convene, tmp_path: Path) -> None:
    for address in ("nonsense", "ftp://127.0.0.1/v1", "http://somebody:secret@127.0.0.1:9/v1"):
        refused = convene("run", pair(tmp_path), "--task", "Go.", "--base-url", address)
        assert refused.status == 2
        assert refused.err.startswith("convene: ")
        assert "secret" not in refused.out + refused.err
    assert convene("runs").out.startswith("There are no runs")


def test_a_flow_that_cannot_run_is_bad_input(convene: Convene, tmp_path: Path) -> None:
    flow = flow_file(tmp_path, script={})
    refused = convene("run", flow, "--task", "Go.")
    assert refused.status == 2
    assert refused.err.startswith("convene: ")
    assert refused.err.count("\n") == 1
    assert "Traceback" not in refused.err


@pytest.mark.parametrize("task", ["", "  \n"])
def test_a_run_without_a_task_is_bad_input(convene: Convene, tmp_path: Path, task: str) -> None:
    refused = convene("run", pair(tmp_path), "--task", task)
    assert refused.status == 2
    assert refused.err.startswith("convene: There is no task")
    assert refused.err.count("\n") == 1
    assert convene("runs").out.startswith("There are no runs")


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_a_run_whose_process_is_gone_is_not_said_to_be_running(convene: Convene, tmp_path: Path) -> None:
    environment = os.environ | {"CONVENE_DATA": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "studio", "run", str(pair(tmp_path, pace=0.2)), "--task", "Go.", "--json"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL) as running:
        assert running.stdout is not None
        assert "run_started" in running.stdout.readline()
        [row] = json.loads(convene("runs", "--json").out)
        running.kill()
        running.communicate()
    assert (row["status"], row["abandoned"]) == ("running", False)
    [row] = json.loads(convene("runs", "--json").out)
    assert (row["status"], row["abandoned"]) == ("running", True)
    assert "Broken off" in convene("runs").out
    assert "is gone" in convene("show", row["run"]).out


def test_ctrl_c_stops_the_run_and_stores_that(convene: Convene, tmp_path: Path) -> None:
    environment = os.environ | {"CONVENE_DATA": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "studio", "run", str(pair(tmp_path, pace=0.5)), "--task", "Go.", "--json"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL
    ) as running:
        assert running.stdout is not None
        assert "run_started" in running.stdout.readline()
        began = time.monotonic()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
        took = time.monotonic() - began
    assert running.returncode == 1
    assert json.loads(out.splitlines()[-1])["status"] == "stopped"
    assert "Traceback" not in err
    assert took < 10
    assert json.loads(convene("runs", "--json").out)[0]["status"] == "stopped"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal that a test can hold")
def test_ctrl_c_stops_a_run_that_waits_for_the_next_step(convene: Convene, tmp_path: Path) -> None:
    environment = os.environ | {"CONVENE_DATA": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "studio", "run", str(pair(tmp_path)), "--task", "Go.", "--step"]
    keyboard, terminal = os.openpty()
    with subprocess.Popen(command, env=environment, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        assert running.stdout is not None
        shown = b""
        while not shown.endswith(b"go for all of them: "):
            more = running.stdout.read1(1_000)  # type: ignore[attr-defined]
            assert more, shown
            shown += more
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=within(20))
    os.close(keyboard)
    os.close(terminal)
    assert (running.returncode, b"Stopped" in out) == (1, True)
    assert json.loads(convene("runs", "--json").out)[0]["status"] == "stopped"
