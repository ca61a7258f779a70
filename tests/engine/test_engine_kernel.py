"""A whole conversation around a Jupyter kernel: state between turns, and pictures that the log names."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from conversation import environment, saying

from studio.engine.agents.assistant import Assistant
from studio.engine.agents.code_runner import CodeRunner
from studio.engine.code.jupyter import JupyterExecutor
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.events import CodeFinished, CodeStarted, MessageSaid
from studio.engine.script import run
from studio.engine.teams.team import Team

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
FIRST = f"```python\nimport base64\nfrom IPython.display import Image\npicture = Image(base64.b64decode('{PIXEL}'))\npicture\n```"
SECOND = "```python\ntype(picture).__name__\n```"


async def test_a_kernel_remembers_between_turns_and_its_pictures_are_named_in_the_log(tmp_path: Path) -> None:
    coder = Assistant(name="coder", model=saying(FIRST, SECOND))
    runner = CodeRunner(name="runner", executor=JupyterExecutor(place="local"))
    team = Team(participants=(coder, runner), stop=MaxTurns(max_turns=4))
    allowed = dataclasses.replace(environment(tmp_path), allow_local_code=True)
    result = await run(team, "go", environment=allowed)
    started = [event for event in result.events if isinstance(event, CodeStarted)]
    finished = [event for event in result.events if isinstance(event, CodeFinished)]
    assert [event.where for event in started] == ["this machine", "this machine"]
    assert [(event.exit_code, event.files, event.output) for event in finished] == [
        (0, ("output_1.png",), "Saved output_1.png\n"),
        (0, (), "'Image'\n"),
    ]
    said = [event.text for event in result.events if isinstance(event, MessageSaid) and event.role == "code"]
    assert said[0] == "exitcode: 0 (execution succeeded)\nCode output: Saved output_1.png\n"
    assert "output_1.png" in [name for _, _, names in os.walk(tmp_path) for name in names]
