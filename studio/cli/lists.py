"""`convene templates`, `convene runs` and `convene show`: what there is, as tables for people or as JSON."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from studio.cli.say import say
from studio.engine.harmless import harmless
from studio.texts import text

if TYPE_CHECKING:
    from studio.runs.service import Runs
    from studio.settings import Settings


def list_templates(as_json: bool) -> None:
    """The templates by the names that FLOW takes."""
    from studio.library.templates import templates

    if as_json:
        _print_json([{"name": each.id, "title": each.title, "description": each.description} for each in templates()])
        return
    table(
        (text("cli.table.name"), text("cli.table.title"), text("cli.table.description")),
        [(each.id, each.title, each.description) for each in templates()],
    )
    first = templates()[0]
    say(text("cli.templates.next", name=first.id, task=(first.document.sample_tasks or ("",))[0].split(",")[0]))


def list_runs(settings: Settings, as_json: bool, limit: int) -> None:
    """The latest runs, the newest first."""
    from studio.cli.transcript import known_cost

    with _Reading(settings) as runs:
        found = runs.list(limit)
    if as_json:
        _print_json([_summary(run) for run in found])
    elif not found:
        say(text("cli.runs.none"))
    else:
        names = ("run", "started", "flow", "task", "status", "messages", "tokens", "cost")
        table(
            tuple(text(f"cli.table.{name}") for name in names),
            [
                (
                    run.id,
                    run.started.astimezone().strftime("%Y-%m-%d %H:%M"),
                    run.flow,
                    " ".join(run.task.split())[:60],
                    text(f"cli.status.{'abandoned' if run.abandoned else run.status}"),
                    str(run.messages),
                    f"{run.tokens:,}",
                    known_cost(run.cost, run.unpriced),
                )
                for run in found
            ],
        )


def show_run(settings: Settings, run: str, as_json: bool) -> None:
    """A stored run, from its log. Raises RunMissing."""
    from rich.console import Console

    from studio.cli.transcript import JsonLines, ReadableTranscript, Transcript

    with _Reading(settings) as runs:
        summary = runs.get(run)
        events = runs.events(run)
    transcript: Transcript = JsonLines(sys.stdout) if as_json else ReadableTranscript(Console(highlight=False, soft_wrap=True))
    for event in events:
        transcript.event(event)
    transcript.close()
    if not as_json and summary.abandoned:
        say("\n" + text("cli.abandoned"))
    elif not as_json and summary.status in ("waiting", "paused", "running", "interrupted"):
        say("\n" + text(f"cli.status.{summary.status}"))


def show_files(settings: Settings, run: str, as_json: bool) -> None:
    """The files that a stored run left, the newest first. Raises RunMissing."""
    from datetime import datetime

    from studio.api.work_files import list_work_files

    with _Reading(settings) as runs:
        folder = settings.work_dir / runs.get(run).id
    found, _ = list_work_files(folder)
    if as_json:
        _print_json([{"name": file.name, "size": file.size, "changed": file.changed, "path": str(folder / file.name)} for file in found])
    elif not found:
        say(text("cli.files.none"))
    else:
        rows: list[tuple[str, ...]] = [
            (file.name, f"{file.size:,}", f"{datetime.fromtimestamp(file.changed).astimezone():%Y-%m-%d %H:%M}") for file in found
        ]
        table((text("cli.files.name"), text("cli.files.size"), text("cli.files.changed")), rows)
        say(text("cli.files.where", path=folder))


class _Reading:
    """The runs of an installation for a moment, with the database closed again at the end. Continues no run."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __enter__(self) -> Runs:
        from studio.api.services import open_services

        self._services = open_services(self._settings)
        return self._services.runs

    def __exit__(self, *raised: object) -> None:
        import asyncio

        asyncio.run(self._services.close())


def _summary(run: Any) -> dict[str, Any]:
    return {
        "run": run.id,
        "session": run.session,
        "flow": run.flow,
        "flow_id": run.flow_id,
        "task": run.task,
        "status": run.status,
        "abandoned": run.abandoned,
        "started": run.started.isoformat(),
        "seconds": run.seconds,
        "messages": run.messages,
        "tokens": run.tokens,
        "cost": run.cost,
        "unpriced": run.unpriced,
    }


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print rows under their heads, the first column unbroken."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, head in enumerate(heads):
        # Ids and names are there to be copied: they are never broken.
        shown.add_column(head, no_wrap=place == 0, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(harmless(cell)) for cell in row))
    console = Console()
    if not console.is_terminal:
        console = Console(width=200)
    console.print(shown)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
