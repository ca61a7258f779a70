"""Flows made at random hold the same conversation at every target that is a program, or the target said before what differs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from matrix_table import cells
from matrix_targets import COLUMNS, Column, python_for
from random_flows import RandomFlow

SEEDS = range(16)
PROGRAMS = [column for column in COLUMNS if column.target in ("convene", "autogen", "agent-framework") or column.environment == "ag2-0.9"]


@pytest.mark.parametrize("column", [pytest.param(each, id=each.title.replace(" ", "-")) for each in PROGRAMS])
def test_a_random_flow_says_what_it_says_in_the_studio(column: Column, tmp_path: Path) -> None:
    python = python_for(column.environment)
    if isinstance(python, str):
        pytest.skip(python)
    flows = [RandomFlow(seed).flow() for seed in SEEDS]
    found = asyncio.run(cells(tmp_path, [column], flows))
    wrong = [f"{cell.flow}: {chr(10).join(cell.because)}" for cell in found if cell.verdict not in ("equal", "equal but")]
    assert not wrong, "\n\n".join(wrong)
