"""Runs every flow at every target beside the studio, and puts what came of it into a table."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from difflib import unified_diff
from pathlib import Path
from typing import Any

from matrix_flows import TYPED, Flow, flows, served, studio_run, without_docker
from matrix_rows import Cell, Rows, compared, outer_rows, plainly, rows_of_events
from matrix_targets import COLUMNS, HERE, Column, python_for

from studio.engine.errors import ConveneError

RUNNING = 200
"""Seconds for all flows of one target."""


async def cells(folder: Path, columns: Sequence[Column] = COLUMNS, found: Sequence[Flow] = ()) -> list[Cell]:
    """All cells of these flows (of the whole matrix without any), targets at the same time. Columns whose environment is missing are left out."""
    here = [column for column in columns if isinstance(python_for(column.environment), Path)]
    found = found or flows()
    events = dict(zip((flow.id for flow in found), [await _in_the_studio(flow, folder) for flow in found], strict=True))
    rows = await asyncio.gather(*(asyncio.to_thread(_column, column, found, events, folder) for column in here))
    return [cell for column in rows for cell in column]


async def _in_the_studio(flow: Flow, folder: Path) -> list[dict[str, Any]]:
    place = folder / "studio" / flow.id
    place.mkdir(parents=True)
    with served(flow) as server:
        return await studio_run(flow, place, server.base_url)


def _column(column: Column, found: Sequence[Flow], events: dict[str, list[dict[str, Any]]], folder: Path) -> list[Cell]:
    """One process runs all scripts of a target."""
    cannot: dict[str, Cell] = {}
    orders = []
    with ExitStack() as stack:
        for flow in found:
            place = folder / column.title.replace(" ", "-") / flow.id
            place.mkdir(parents=True)
            try:
                written = column.write(flow.document)
                (place / f"main{column.suffix}").write_text(written, "utf-8")
            except ConveneError:
                cannot[flow.id] = Cell(flow.id, column.title, "cannot", tuple(each.text for each in column.losses(flow.document)))
                continue
            url = stack.enter_context(served(flow, column.leads)).base_url
            order = {"id": flow.id, "folder": str(place), "file": f"main{column.suffix}", "base_url": url, "task": flow.task}
            orders.append({**order, "typed": TYPED})
        answers = _run(column, orders)
    return [cannot.get(flow.id) or _cell(column, flow, events[flow.id], answers.get(flow.id)) for flow in found]


def _run(column: Column, orders: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    python = python_for(column.environment)
    own = not column.environment
    paths = os.pathsep.join(str(each) for each in (HERE.parents[1], HERE))
    done = subprocess.run(
        [python, HERE / column.runner],
        input=json.dumps(orders),
        env={**without_docker(), "PYTHONPATH": paths if own else ""},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=RUNNING,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    return {answer["id"]: answer for answer in map(json.loads, done.stdout.splitlines())}


def _cell(column: Column, flow: Flow, events: list[dict[str, Any]], answer: dict[str, Any] | None) -> Cell:
    studio = rows_of_events(events) if column.inner else outer_rows(events)
    theirs: Rows = answer["said"] if answer is not None else []
    losses = column.losses(flow.document)
    verdict, because = compared(studio, theirs, losses, flow.document, column.forgiving)
    if verdict == "unexplained":
        missing = tuple(dict.fromkeys(each.text for each in losses if each.code in column.prevents))
        if missing:
            return Cell(flow.id, column.title, "cannot", missing)
        because = (answer["error"] if answer is not None else "no answer", *_difference(studio, theirs))
    return Cell(flow.id, column.title, verdict, because)


def _difference(studio: Rows, theirs: Rows) -> list[str]:
    sides = [
        [json.dumps(row, ensure_ascii=False)[:300] for part in plainly(rows) for row in part] + [str(rows[-1:])]
        for rows in (studio, theirs)
    ]
    return list(unified_diff(sides[0], sides[1], "studio", "target", lineterm="", n=1))


def table(found: Sequence[Cell], columns: Sequence[Column] = COLUMNS) -> str:
    """The table as Markdown: a flow a line, and below it every reason with its number."""
    reasons: dict[str, int] = {}
    lines = [f"| flow | {' | '.join(column.title for column in columns)} |", f"|{'---|' * (len(columns) + 1)}"]
    by_place = {(cell.flow, cell.target): cell for cell in found}
    for flow in flows():
        told = []
        for column in columns:
            cell = by_place.get((flow.id, column.title))
            numbers = [str(reasons.setdefault(reason, len(reasons) + 1)) for reason in cell.because] if cell is not None else []
            told.append("" if cell is None else f"{cell.verdict} {', '.join(numbers)}".strip())
        lines.append(f"| {flow.id} | {' | '.join(told)} |")
    return "\n".join([*lines, "", *(f"{number}. {reason}" for reason, number in reasons.items())]) + "\n"
