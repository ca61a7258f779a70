"""`console` in a process of its own, with pipes in the place of a terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from patience import within

ROOT = Path(__file__).parent.parent.parent
PROGRAM = """
from studio.engine import Assistant, Human, MaxTurns, PracticeModel, Team, console

model = PracticeModel(script={"ann": ["What now?", "And then?", "So be it."]}, words_per_second=0)
console(Team(participants=[Assistant(name="ann", model=model), Human(name="boss")], stop=MaxTurns(max_turns=5)))
"""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes of Unix")


def started(*task: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *task],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        preexec_fn=heeds_ctrl_c,
    )


def heeds_ctrl_c() -> None:
    """A shell lets what it starts in the background ignore Ctrl+C, and so would the program that these tests start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def until(running: subprocess.Popen[bytes], end: bytes) -> None:
    assert running.stdout is not None
    shown = b""
    while not shown.endswith(end):
        more = running.stdout.read1(1_000)  # type: ignore[attr-defined]
        assert more, shown
        shown += more


def test_the_task_and_the_answers_are_read_from_a_pipe_one_a_line() -> None:
    with started() as running:
        out, err = running.communicate(b"Plan.\nBread.\nButter.", timeout=within(20))
    assert (running.returncode, err) == (0, b"")
    assert all(words in out for words in (b"Plan.", b"Bread.", b"Butter.", b"So be it."))


def test_ctrl_c_at_a_question_stops_the_program_in_a_word() -> None:
    with started("Plan.") as running:
        until(running, b"> ")
        running.send_signal(signal.SIGINT)
        running.wait(within(20))  # its input stays open
        _, err = running.communicate()
    assert (running.returncode, err) == (1, b"\nStopped.\n")


def test_who_reads_no_further_gets_no_traceback_from_a_program() -> None:
    with started("Plan.") as running:
        assert running.stdout is not None
        assert running.stdin is not None
        until(running, b"> ")
        running.stdout.close()
        running.stdin.write(b"Bread.\n")
        running.stdin.close()
        running.wait(within(20))
        assert running.stderr is not None
        assert (running.returncode, running.stderr.read()) == (1, b"")
