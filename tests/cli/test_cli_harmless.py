"""What others wrote is shown, and drives no terminal."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from command_line import Convene
from flow_files import agent, flow_file

EVIL = "red\x1b[31m \x1b]0;title\x07\x9b2J bell\r\x08"


def drives(words: str) -> bool:
    return any(letter != "\n" and not letter.isprintable() for letter in words)


def test_no_word_of_a_file_or_of_a_guest_drives_the_terminal(convene: Convene, tmp_path: Path) -> None:
    file = flow_file(tmp_path, agent("ann"), script={"ann": [f"{EVIL} said"]}, turns=1, name="Evil")
    flow = json.loads(file.read_text()) | {"name": f"{EVIL} flow"}
    file.write_text(json.dumps(flow))
    kept = convene("import", file)
    assert "flow' is kept" in kept.out
    played = convene("run", file, "--task", f"{EVIL} task")
    assert "said" in played.out
    checked, exported = convene("check", file), convene("export", file, "--to", "mermaid", "-o", tmp_path / "flow.mmd")
    listed = convene("runs")
    assert "task" in listed.out
    shown = convene("show", re.search(r"\b[a-z0-9]{12}\b", listed.out)[0])  # type: ignore[index]
    assert "said" in shown.out
    missing = convene("run", f"{EVIL} nowhere", "--task", "go")
    assert "nowhere" in missing.err
    for each in (kept, played, checked, exported, listed, shown, missing):
        assert not drives(each.out + each.err), repr(each.out + each.err)


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "debate", "--task", "a\udcff"),
        ("check", "x\udcff"),
        ("show", "\udcff"),
        ("serve", "\udcff", "--money", "1", "--seconds", "1"),
    ],
)
def test_bytes_that_are_no_text_are_bad_input(convene: Convene, arguments: tuple[str, ...]) -> None:
    refused = convene(*arguments)
    assert (refused.status, refused.out) == (2, "")
    assert refused.err.startswith(("convene: The argument", "convene: There is no template"))
    assert refused.err.count("\n") == 1
