"""The page about the code of a flow says what is true."""

from __future__ import annotations

import re
from pathlib import Path

from studio.flow.resolve import resolve
from studio.formats.convene_python.read import from_python

PAGE = Path(__file__).parents[2] / "docs" / "code.md"


def test_the_program_on_the_page_is_drawn_without_a_word() -> None:
    [program] = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    read = from_python(program)
    assert read.report.findings == ()
    team = resolve(read.document)
    assert [agent.name for agent in team.participants] == ["cyclist", "driver", "planner", "chair"]
    assert "You discuss city traffic. You are for fewer lights." in team.participants[1].model_dump()["system_message"]
    assert (read.document.name, read.document.description) == ("A panel", "Three voices and somebody who sums up.")
