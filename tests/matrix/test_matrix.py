"""Every template at every target: what is exported is run with the target's real packages and says what the studio says, or its losses say why not."""

from __future__ import annotations

import asyncio
import os
import re
from functools import cache
from pathlib import Path

import pytest
from matrix_flows import flows
from matrix_rows import Cell
from matrix_table import cells, table
from matrix_targets import COLUMNS, Column, python_for

PAGE = Path(__file__).parents[2] / "docs" / "targets.md"
START, END = "<!-- matrix -->", "<!-- end of matrix -->"
BY_TITLE = [pytest.param(column, id=column.title.replace(" ", "-")) for column in COLUMNS]


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> list[Cell]:
    """All cells of the targets whose environments are there, run once."""
    return asyncio.run(cells(tmp_path_factory.mktemp("matrix")))


@pytest.mark.parametrize("column", BY_TITLE)
def test_no_cell_is_unexplained(column: Column, request: pytest.FixtureRequest) -> None:
    _needs(column)
    found = [cell for cell in request.getfixturevalue("matrix") if cell.target == column.title]
    assert [cell.flow for cell in found] == [flow.id for flow in flows()]
    unexplained = [f"{cell.flow}: {chr(10).join(cell.because)}" for cell in found if cell.verdict == "unexplained"]
    assert not unexplained, "\n\n".join(unexplained)


@pytest.mark.parametrize("column", BY_TITLE)
def test_the_page_says_what_the_matrix_says(column: Column, request: pytest.FixtureRequest) -> None:
    """CONVENE_WRITE_GOLDEN=1 writes the table anew where all environments are there; read the difference before you keep it."""
    _needs(column)
    found = request.getfixturevalue("matrix")
    explained = all(cell.verdict != "unexplained" for cell in found)
    if os.environ.get("CONVENE_WRITE_GOLDEN") and explained and {cell.target for cell in found} == {each.title for each in COLUMNS}:
        before, _, rest = PAGE.read_text("utf-8").partition(START)
        PAGE.write_text(f"{before}{START}\n\n{table(found)}\n{END}{rest.partition(END)[2]}", "utf-8")
    said = _told()
    for cell in found:
        if cell.target == column.title:
            assert said[cell.flow, cell.target] == (cell.verdict, cell.because)


@pytest.mark.parametrize("column", BY_TITLE)
def test_what_the_page_says_of_a_target_is_what_its_losses_say(column: Column) -> None:
    """This one needs no environment: the reasons on the page are the target's own words of today."""
    said = _told()
    for flow in flows():
        assert (flow.id, column.title) in said, "A cell is missing: CONVENE_MATRIX=1 CONVENE_WRITE_GOLDEN=1 pytest tests/matrix"
        verdict, because = said[flow.id, column.title]
        assert verdict in ("equal", "equal but", "cannot")
        assert bool(because) == (verdict != "equal")
        assert set(because) <= {finding.text for finding in column.losses(flow.document)}


def _needs(column: Column) -> None:
    python = python_for(column.environment)
    if isinstance(python, str):
        pytest.skip(python)
    if not column.environment and all(isinstance(python_for(each.environment), str) for each in COLUMNS if each.environment):
        pytest.skip("the matrix runs where at least one environment with other packages is there: set CONVENE_MATRIX to make them")


@cache
def _told() -> dict[tuple[str, str], tuple[str, tuple[str, ...]]]:
    """The cells of the page: verdict and reasons by flow and target."""
    text = PAGE.read_text("utf-8").partition(START)[2].partition(END)[0]
    reasons = dict(re.findall(r"^(\d+)\. (.*)$", text, re.MULTILINE))
    rows = [[each.strip() for each in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")]
    told = {}
    for flow, *verdicts in rows[1:]:
        for title, cell in zip(rows[0][1:], verdicts, strict=True):
            verdict, numbers = re.fullmatch(r"(\D*?)\s*([\d, ]*)", cell).groups()  # type: ignore[union-attr]
            told[flow, title] = (verdict, tuple(reasons[number] for number in re.findall(r"\d+", numbers)))
    return told
