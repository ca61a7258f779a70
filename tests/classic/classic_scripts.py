"""Scripts written against AutoGen 0.2: how they are read, what their model server says, and how they are run."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model_server import Call, InTurn, ModelServer, Said

SCRIPTS = Path(__file__).parent / "scripts"
GOLDEN = Path(__file__).parent / "golden"


def names() -> list[str]:
    return sorted(path.stem for path in SCRIPTS.glob("*.py"))


def text_of(name: str) -> str:
    return (SCRIPTS / f"{name}.py").read_text(encoding="utf-8")


def replies_of(text: str) -> dict[str, Any]:
    """The script's REPLIES, read without running it."""
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == "REPLIES":
            return dict(ast.literal_eval(statement.value))
    return {}


def served(server: ModelServer, replies: Mapping[str, Any]) -> None:
    """Let the server say them. A key that begins with `turns:` is answered in turn, whatever is asked."""
    for key, several in replies.items():
        answers = [_reply(each) for each in several]
        server.script({key.removeprefix("turns:"): InTurn(*answers) if key.startswith("turns:") else answers})


def _reply(said: Any) -> Any:
    if isinstance(said, str):
        return said
    return Said(said.get("text", ""), calls=tuple(Call(name, arguments) for name, arguments in said["calls"]))


def run(text: str, library: str) -> Any:
    """The RESULT of a script that imports `library` where it says autogen."""
    sys.modules.pop("classic_prelude", None)
    room: dict[str, Any] = {"__name__": "script"}
    exec(text.replace("autogen", library), room)
    return json.loads(json.dumps(room["RESULT"]))
