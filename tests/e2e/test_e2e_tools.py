"""Tools and code: written in the inspector, allowed by a person, stopped for good."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from e2e_flows import assistant, human, team
from model_server import Call, ModelServer
from playwright.sync_api import expect
from visitor import Visitor

TOOL = 'def shout(text: str) -> str:\n"""Say it loud."""\nreturn text.upper()'


def test_a_tool_is_written_in_the_inspector_and_called_after_a_yes(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You shout": [Call("shout", {"text": "hello"}), "They heard HELLO. DONE"]})
    visitor.import_flow(team("Shouting", assistant("ann", "You shout.")))
    visitor.drag_in("tool", 560, 640)
    editor = visitor.field("source").locator(".cm-content")
    editor.click()
    visitor.page.keyboard.press("Control+A")
    visitor.page.keyboard.press("Delete")
    # The editor indents the second line by itself.
    visitor.page.keyboard.type(TOOL)
    expect(visitor.node("tool")).to_contain_text("Say it loud.")
    visitor.wire("tool", "ann")
    expect(visitor.edges("tool")).to_have_count(1)

    visitor.run("Shout.")
    expect(visitor.question).to_contain_text("shout")
    visitor.find("answer-approve").click()
    visitor.ends("done")
    call = visitor.find("tool-call")
    expect(call).to_have_attribute("data-state", "done")
    call.locator("summary").click()
    expect(call).to_contain_text("HELLO")


def test_a_no_keeps_code_from_running_and_the_others_hear_of_it(visitor: Visitor, model: ModelServer, tmp_path: Path) -> None:
    witness = tmp_path / "ran"
    model.script({"You write code": [f"```python\nopen({str(witness)!r}, 'w').close()\n```", "Then not. DONE"]})
    executor = human("executor", input_mode="never", executor={"kind": "auto"})
    visitor.import_flow(team("Refusal", assistant("ann", "You write code."), executor))
    visitor.run("Touch a file.")
    visitor.find("answer-reject").click()
    visitor.ends("done")
    assert not witness.exists()
    expect(visitor.find("code-result")).to_have_attribute("data-state", "refused")
    assert "not approved" in str(model.asked("You write code")[-1].messages[-1])


def test_code_that_runs_is_shown_in_one_place(visitor: Visitor, model: ModelServer, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    code = (
        f"import os, time\nprint('counting', flush=True)\nwhile not os.path.exists({str(seen)!r}):\n    time.sleep(0.02)\nprint('counted')"
    )
    model.script({"You write code": [f"```python\n{code}\n```", "DONE"]})
    executor = human("executor", input_mode="never", executor={"kind": "local"})
    visitor.import_flow(team("Once", assistant("ann", "You write code."), executor))
    visitor.run("Count.")
    visitor.find("answer-approve").click()
    expect(visitor.find("message-live")).to_contain_text("counting")
    heads = visitor.find("transcript").locator("[data-source=executor] .tr-head")
    expect(heads).to_have_count(1)
    expect(visitor.find("transcript").get_by_text("running", exact=False)).to_have_count(2)
    seen.touch()
    visitor.ends("done")
    expect(heads).to_have_count(1)
    expect(visitor.find("code-result")).to_contain_text("counted")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks for the processes in /proc")
def test_stop_ends_the_processes_that_code_has_started(visitor: Visitor, model: ModelServer, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = (
        "import os, subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "print('sleeping', flush=True)\n"
        "time.sleep(300)"
    )
    model.script({"You write code": [f"```python\n{code}\n```", "DONE"]})
    executor = human("executor", input_mode="never", executor={"kind": "local"})
    visitor.import_flow(team("Sleeper", assistant("ann", "You write code."), executor))
    visitor.run("Sleep.")
    visitor.find("answer-approve").click()
    expect(visitor.find("message-live")).to_contain_text("sleeping")
    visitor.find("stop-button").click()
    visitor.ends("stopped", seconds=2)
    end = time.monotonic() + 1
    started = [int(pid) for pid in pids.read_text().split()]
    while any(alive(pid) for pid in started) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in started)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and whom nobody asked how does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return False
