"""A lock between processes: one holds it, others wait, and it goes with a process that is killed."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from studio_command import ROOT

from studio.frontend import build
from studio.frontend.alone import LockedTooLong, alone

HOLD = """
import sys
from pathlib import Path
from studio.frontend.alone import alone
with alone(Path(sys.argv[1]), 5):
    print("mine", flush=True)
    sys.stdin.read()
"""


def holder(file: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock until it ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "mine\n"
    return process


def test_nobody_else_gets_what_another_process_holds(tmp_path: Path) -> None:
    file, told = tmp_path / "folder" / "a.lock", []
    with holder(file) as process:
        with pytest.raises(LockedTooLong, match=r"a\.lock"), alone(file, 0.05, lambda: told.append("waits")):
            pytest.fail("two hold it")
        assert told == ["waits"]
        process.communicate()
    with alone(file, 0, lambda: told.append("waits again")):
        assert told == ["waits"]


def test_a_lock_goes_with_the_process_that_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "a.lock"
    with holder(file) as process:
        process.kill()
        process.wait(20)
    with alone(file, 20):
        pass


def test_an_error_within_lets_go(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), alone(tmp_path / "a.lock", 0):
        raise ZeroDivisionError
    with alone(tmp_path / "a.lock", 0):
        pass


def test_of_two_that_need_the_front_end_one_compiles_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in ("pyproject.toml", "rxconfig.py", "assets/studio/a.jsx", "studio/_web/old"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(file)
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "STAMP", tmp_path / "build.json")
    compiled, said, second_waits = [], [], Event()

    def compile_pages(report: object) -> None:
        compiled.append("once")
        assert second_waits.wait(20)
        build.STAMP.write_text(f'{{"fingerprint": "{build.fingerprint()}"}}')

    def report(line: str) -> None:
        said.append(line)
        second_waits.set()

    monkeypatch.setattr(build, "build", compile_pages)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(build.ensure, report) for _ in range(2)]:
            done.result(60)
    assert compiled == ["once"]
    assert set(said) == {"Another process compiles the front end; waiting for it …"}
