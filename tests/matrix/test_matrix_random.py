"""Flows made at random hold the same conversation at every target that is a program, or the target said before what differs."""

from __future__ import annotations

import asyncio

import pytest
from matrix_rows import Cell
from matrix_table import cells
from matrix_targets import COLUMNS, Column, python_for
from random_flows import RandomFlow

SEEDS = range(12)
PROGRAMS = [column for column in COLUMNS if column.target in ("convene", "autogen", "agent-framework") or column.environment == "ag2-0.9"]


@pytest.fixture(scope="module")
def random_cells(tmp_path_factory: pytest.TempPathFactory) -> list[Cell]:
    """All cells of the targets whose environments are there, run once."""
    return asyncio.run(cells(tmp_path_factory.mktemp("random"), PROGRAMS, [RandomFlow(seed).flow() for seed in SEEDS]))


@pytest.mark.parametrize("column", [pytest.param(each, id=each.title.replace(" ", "-")) for each in PROGRAMS])
def test_a_random_flow_says_what_it_says_in_the_studio(column: Column, request: pytest.FixtureRequest) -> None:
    missing = [python for each in (column, PROGRAMS[-1]) if isinstance(python := python_for(each.environment), str)]
    if missing:
        pytest.skip(missing[0])
    found = [cell for cell in request.getfixturevalue("random_cells") if cell.target == column.title]
    assert len(found) == len(SEEDS)
    wrong = [f"{cell.flow}: {chr(10).join(cell.because)}" for cell in found if cell.verdict not in ("equal", "equal but")]
    assert not wrong, "\n\n".join(wrong)
