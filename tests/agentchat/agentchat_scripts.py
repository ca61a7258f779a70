"""Scripts written against AutoGen 0.7, run as they stand: by AutoGen itself to record what they print, and by this engine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import programs
from model_server import InTurn, ModelServer

HERE = Path(__file__).parent
SCRIPTS = sorted(path.stem for path in (HERE / "scripts").glob("*.txt"))
TIME = 60.0
"""Seconds that a script may take."""

_OURS = (
    ("autogen_agentchat.agents._code_executor_agent", "studio.engine.agentchat.agents"),
    ("autogen_agentchat", "studio.engine.agentchat"),
    ("autogen_core", "studio.engine.agentchat.core"),
    ("autogen_ext", "studio.engine.agentchat.ext"),
)
_CHANGING = (
    (re.compile(r"\b(call_id|id)='[^']*'"), r"\1='…'"),
    (re.compile(r"Duration: [\d.]+ seconds"), "Duration: …"),
    (re.compile(r"(Total prompt tokens|Prompt tokens): \d+"), r"\1: …"),
)


def source_of(name: str) -> str:
    return (HERE / "scripts" / f"{name}.txt").read_text(encoding="utf-8")


def with_our_imports(source: str) -> str:
    """The script with other imports, and nothing else."""
    lines = []
    for line in source.split("\n"):
        if re.match(r"\s*(from|import) ", line):
            for theirs, ours in _OURS:
                if theirs in line:
                    line = line.replace(theirs, ours)
                    break
        lines.append(line)
    return "\n".join(lines)


def printed(source: str, python: str | None = None) -> str:
    """What a script prints, run by this Python or by another one, against a model server that says what its first line tells; what changes from run to run is left out."""
    with ModelServer() as server:
        server.script({key: _reply(value) for key, value in json.loads(source.split("\n", 1)[0].removeprefix("# replies: ")).items()})
        around = {
            **os.environ,
            "OPENAI_API_KEY": "sk-test",
            "OPENAI_BASE_URL": server.base_url,
            "NO_PROXY": "127.0.0.1",
        }
        if python is None:
            done = programs.run(["-c"], Path.cwd(), around, timeout=TIME, source=source)
        else:
            done = subprocess.run([python, "-c", source], capture_output=True, text=True, timeout=TIME, env=around, check=False)
    if done.returncode:
        raise AssertionError(f"the script ended with {done.returncode}:\n{done.stdout[-2_000:]}\n{done.stderr[-4_000:]}")
    text = done.stdout
    for pattern, instead in _CHANGING:
        text = pattern.sub(instead, text)
    return text


def _reply(value: Any) -> Any:
    return InTurn(*value["turns"]) if isinstance(value, dict) and "turns" in value else value


def record(python: str) -> None:
    """Write down what AutoGen 0.7.5 prints, by an interpreter that has it."""
    for name in SCRIPTS:
        (HERE / "golden" / f"{name}.txt").write_text(printed(source_of(name), python), encoding="utf-8")


if __name__ == "__main__":
    record(sys.argv[1])
