"""Real AutoGen in an environment of its own: what it loads of ours, and what it writes itself."""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from environments import made

PACKAGES = {
    # The web surfer's module wants three more; its extra brings what turns documents into Markdown besides, which is large.
    "0.7": ("autogen-agentchat==0.7.5", "autogen-ext[openai,docker]==0.7.5", "playwright>=1.48", "pillow>=11", "aiofiles"),
    "0.5": ("autogen-agentchat==0.5.7", "autogen-ext[openai,docker]==0.5.7"),
}
LOADING = 120

LOAD = """
import json, sys, warnings
warnings.simplefilter("ignore")
from autogen_core import ComponentLoader
from autogen_core import ComponentModel
answers = []
for text in json.load(sys.stdin):
    try:
        loaded = ComponentLoader.load_component(ComponentModel(**json.loads(text)), object)
        try:
            answers.append(json.loads(loaded.dump_component().model_dump_json()))
        except OSError:  # it cannot find the source of a function that it loaded from text itself
            answers.append({"loaded": type(loaded).__name__})
    except Exception as error:
        answers.append(f"{type(error).__name__}: {error}")
print(json.dumps(answers))
"""


@cache
def peer(version: str) -> Path | str:
    """The Python that has this AutoGen, or why there is none.

    CONVENE_AUTOGEN_<VERSION> names one; where CI or CONVENE_PEERS is set, it is installed from the package index.
    """
    named = os.environ.get(f"CONVENE_AUTOGEN_{version.replace('.', '_')}")
    if named:
        return Path(named) if Path(named).exists() else f"{named} does not exist"
    if not (os.environ.get("CI") or os.environ.get("CONVENE_PEERS")):
        return f"AutoGen {version} is installed when CI or CONVENE_PEERS is set"
    place = Path(os.environ.get("CONVENE_PEERS_DIR") or Path.home() / ".cache" / "convene-peers")
    return made(place / f"autogen-{version}", PACKAGES[version])


def loaded_by_autogen(version: str, texts: list[str]) -> list[Any]:
    """What AutoGen makes of each text: its own dump of what it loaded, or the error in words. Skips the test without an AutoGen."""
    python = peer(version)
    if isinstance(python, str):
        pytest.skip(python)
    answer = subprocess.run(
        [python, "-c", LOAD],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=LOADING,
        env={**os.environ, "OPENAI_API_KEY": "x"},
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-2_000:]
    return list(json.loads(answer.stdout.splitlines()[-1]))
