"""`convene serve` as a process of its own: what it says, what it refuses, and what survives kill -9."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from served_flows import TOKEN, asking, opened, pair
from served_process import serving
from studio_command import ROOT, free_port, studio_command


def test_a_question_waits_over_kill_9_and_is_answered_in_the_next_process(tmp_path: Path) -> None:
    services = opened(tmp_path / "data")
    services.flows.create(asking())
    services.database.close()
    port = free_port()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with serving(tmp_path / "data", "The team", "--port", str(port)) as (first, said):
        assert TOKEN not in said
        run = httpx.post(f"http://127.0.0.1:{port}/api/runs?wait=20", json={"task": "Begin."}, headers=headers, timeout=30).json()
        assert run["status"] == "waiting"
        first.kill()
        first.wait(20)
    with serving(tmp_path / "data", "The team", "--port", str(port)):
        again = httpx.get(f"http://127.0.0.1:{port}/api/runs/{run['run']}", headers=headers, timeout=30).json()
        assert again["question"] == run["question"]
        answered = httpx.post(
            f"http://127.0.0.1:{port}/api/runs/{run['run']}/answer?wait=20", json={"text": "Go home."}, headers=headers, timeout=30
        )
        assert (answered.json()["status"], answered.json()["answer"]) == ("done", "Fine.")


def test_a_token_that_nobody_gave_is_made_and_told(tmp_path: Path) -> None:
    services = opened(tmp_path / "data")
    services.flows.create(pair())
    services.database.close()
    with serving(tmp_path / "data", "The team", "--port", "0", token=None) as (_, said):
        found = re.search(r"(http://127\.0\.0\.1:\d+)/#(\S{40,})", said)
        assert found is not None, said
        told = httpx.get(f"{found[1]}/api/flow", headers={"Authorization": f"Bearer {found[2]}"}, timeout=20)
    assert told.json()["name"] == "The team"


def refused(data: Path, *arguments: str, **environment: str) -> str:
    program, needed = studio_command()
    ended = subprocess.run(
        [*program, "serve", *arguments, "--data-dir", str(data)],
        env={**os.environ, **needed, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (("--host", "0.0.0.0"), {}, "--money"),
        (("--host", "0.0.0.0", "--money", "1"), {}, "--seconds"),
        (("--host", "0.0.0.0", "--money", "1", "--seconds", "60"), {"CONVENE_SERVE_TOKEN": "short"}, "16 characters"),
        (("--allow-host", "flows.example.com"), {}, "--money"),
        (("--money", "-1"), {}, "more than nothing"),
        (("--allow-origin", "example.com/x"), {}, "web site"),
    ],
)
def test_what_cannot_hold_is_refused_before_anything_is_served(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str], words: str
) -> None:
    assert words in refused(tmp_path / "data", "Any", *arguments, **environment)


def test_only_stored_flows_are_served(tmp_path: Path) -> None:
    file = tmp_path / "flow.json"
    file.write_text(pair().model_dump_json())
    assert "Only stored flows" in refused(tmp_path / "data", str(file))


def test_the_process_loads_no_pages(tmp_path: Path) -> None:
    code = f"""
        import sys
        from pathlib import Path
        sys.path.insert(0, {str(ROOT / "tests")!r})
        from served_flows import pair, served
        with served(Path({str(tmp_path / "data")!r}), pair()) as door:
            assert door.start()["answer"] == "two of bob"
        print(sorted(name for name in ("reflex", "studio.ui", "studio.app", "mcp", "openai") if name in sys.modules))
    """
    lines = "\n".join(line[8:] for line in code.splitlines())
    told = subprocess.run(
        [sys.executable, "-c", lines], capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert told.stdout.strip() == "[]", told.stderr
