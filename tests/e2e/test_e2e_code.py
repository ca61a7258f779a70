"""The flow as Python: in step with the canvas, and the same conversation when it runs on its own."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from e2e_flows import assistant, human, interview, team
from model_server import ModelServer
from playwright.sync_api import expect
from visitor import Visitor

ROOT = Path(__file__).parents[2]


def downloaded(visitor: Visitor, what: str) -> bytes:
    """What a choice of the export menu puts into the downloads."""
    visitor.find("export").click()
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("menuitem", name=re.compile(what)).click()
    return Path(download.value.path()).read_bytes()


def run_program(folder: Path, task: str, base_url: str) -> list[dict[str, Any]]:
    """Runs `main.py` as somebody does at home; returns its events."""
    events = folder / "events.jsonl"
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "PYTHONIOENCODING": "utf-8",
        "OPENAI_API_KEY": "sk-at-home",
        "OPENAI_BASE_URL": base_url,
        "DOCKER_HOST": "unix:///nonexistent/docker.sock",
        "CONVENE_ALLOW_LOCAL_CODE": "1",
        "CONVENE_EVENTS": str(events),
    }
    done = subprocess.run(
        [sys.executable, "main.py", task], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in events.read_text("utf-8").splitlines()]


def prose(text: str) -> str:
    """A message without its code, which the page draws in its own way."""
    return " ".join(re.sub(r"```.*?```", " ", text, flags=re.DOTALL).split())


def test_the_exported_program_holds_the_conversation_of_the_canvas(visitor: Visitor, model: ModelServer, tmp_path: Path) -> None:
    model.script({"You write Python": ["Once more.\n\n```python\nprint(6 * 7)\n```", "It is 42. TERMINATE"]})
    executor = human("executor", input_mode="never", executor={"kind": "auto"})
    visitor.import_flow(team("At home", assistant("coder", "You write Python."), executor, stop="TERMINATE"))
    visitor.run("Multiply six by seven.")
    visitor.find("answer-approve").click()
    visitor.ends("done")
    here = [(message.get_attribute("data-source"), message.text_content() or "") for message in visitor.messages.all()]

    (tmp_path / "main.py").write_bytes(downloaded(visitor, "Python file"))
    events = run_program(tmp_path, "Multiply six by seven.", model.base_url)
    home = [(event["source"], event["text"]) for event in events if event["type"] == "message"]
    assert [source for source, _ in home] == [source for source, _ in here] == ["you", "coder", "executor", "coder"]
    for (_, said), (_, shown) in zip(home, here, strict=True):
        assert prose(said) in " ".join(shown.split())
    assert any(event["type"] == "code_result" and event["output"].strip() == "42" for event in events)
    assert events[-1]["status"] == "done"


def test_a_project_is_downloaded_without_a_key_in_it(visitor: Visitor) -> None:
    visitor.add_account("secretive", "http://127.0.0.1:9/v1", "sk-very-secret-4711")
    visitor.close_dialog()
    visitor.home()
    visitor.import_flow(team("Secretive", assistant("ann", "You are ann."), model={"account": "secretive"}))
    data = downloaded(visitor, "project|zip")
    with zipfile.ZipFile(io.BytesIO(data)) as project:
        files = {Path(name).name: project.read(name).decode() for name in project.namelist()}
    assert {"main.py", "pyproject.toml", ".env.example", "README.md"} <= files.keys()
    assert not any("4711" in content for content in files.values())
    flow = json.loads(downloaded(visitor, "Flow file"))
    assert flow["name"] == "Secretive"
    assert "4711" not in json.dumps(flow)


def test_the_code_lights_up_what_is_chosen_on_the_canvas_and_the_other_way_round(visitor: Visitor) -> None:
    visitor.import_flow(interview("Lights", "You interview people."))
    visitor.find("code-button").click()
    pane = visitor.find("code-pane")
    expect(pane).to_contain_text("You interview people.")

    visitor.choose("ann")
    marked = pane.locator(".cd-marked")
    expect(marked.first).to_be_visible()
    expect(marked.filter(has_text="You interview people.")).to_have_count(1)

    pane.locator(".cm-line", has_text="boss").first.click()
    visitor.inspects(visitor.node("boss"))
    expect(marked.filter(has_text="boss").first).to_be_visible()
    expect(marked.filter(has_text="You interview people.")).to_have_count(0)

    visitor.choose("ann")
    visitor.fill("system_message", "You ask people about the weather.")
    expect(marked.filter(has_text="about the weather")).to_have_count(1)
