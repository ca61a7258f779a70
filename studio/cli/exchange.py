"""`convene check`, `convene export` and `convene import`: flows in and out, without running anything."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.exits import DONE, FAILED
from studio.cli.find_flow import FileUnreadable, find_flow, read_bytes
from studio.cli.say import say
from studio.engine.errors import ConveneError
from studio.texts import counted, text

if TYPE_CHECKING:
    from studio.api.imports import Kept
    from studio.flow.findings import Finding, ImportReport
    from studio.formats.recognise import Brought
    from studio.settings import Settings


class SeveralFlows(ConveneError):
    code = "several_flows"

    def __init__(self, count: int) -> None:
        super().__init__(text("cli.several_flows", count=count), text("cli.several_flows.remedy"))


def check_flow(settings: Settings, flow: str, as_json: bool) -> int:
    """Prints every problem of a flow. The exit status is 1 when one of them keeps it from running."""
    from studio.engine.documents.document import Shelf
    from studio.flow.checks import check

    document = find_flow(flow, settings).document
    problems = check(document, Shelf(settings.data_dir / "documents"))
    broken = any(problem.level == "error" for problem in problems)
    if as_json:
        rows = [
            {
                "code": problem.code,
                "level": problem.level,
                "text": problem.text,
                "hint": problem.hint,
                "nodes": list(problem.nodes),
                "field": problem.field,
            }
            for problem in problems
        ]
        print(json.dumps({"flow": document.name, "ok": not broken, "problems": rows}, ensure_ascii=False, indent=2))
        return FAILED if broken else DONE
    for problem in problems:
        say(f"{text(f'cli.level.{problem.level}')}: {problem.text} [{problem.code}]")
        if problem.hint:
            say(f"    {problem.hint}")
    if not problems:
        say(text("cli.check.fine", flow=document.name))
    return FAILED if broken else DONE


def export_flow(settings: Settings, flow: str, to: str, output: str | None, version: str = "") -> None:
    """Writes a flow for a target; a project if PATH ends in .zip. In a folder the file is called as the flow.

    What the target cannot express goes to standard error before anything is written. Raises UnknownTarget, FlowError …
    """
    from studio.formats.python_text.project import slug
    from studio.formats.targets import target

    chosen = target(to.lower(), version)
    if output and output.lower().endswith(".zip") and chosen.suffix != ".zip":
        chosen = chosen.as_project()
    document = find_flow(flow, settings).document
    if output and (output.endswith(("/", os.sep)) or os.path.isdir(output)):
        output = str(Path(output) / f"{slug(document.name)}{chosen.suffix}")
    for finding in chosen.losses(document):
        for line in finding_lines(finding):
            say(line, file=sys.stderr)
    content = chosen.write(document)
    if chosen.name == "convene" and chosen.suffix == ".zip":
        from studio.engine.documents.document import Shelf
        from studio.formats.carried import with_documents

        content = with_documents(content, document, Shelf(settings.data_dir / "documents"))
    write_file(content, output)


def import_flow(settings: Settings, file: str, output: str | None) -> None:
    """Reads a file of any form that is known. Without PATH its flows are saved; with it they are written as clean flow files.

    Several flows want a folder as PATH. What there is to say about the import goes to standard error. Raises FlowFileError,
    ForeignFileError, FileUnreadable and SeveralFlows.
    """
    from studio.flow.findings import ForeignFileError
    from studio.formats.recognise import read_bytes as read_text
    from studio.formats.recognise import read_file

    name = "" if file == "-" else Path(file).stem
    try:
        brought = read_text(read_bytes(file), name) if file == "-" else read_file(Path(file), name)
    except (OSError, ValueError) as error:
        raise FileUnreadable(file, getattr(error, "strerror", None) or str(error)) from None
    if output:
        if not brought.flows:
            raise ForeignFileError(text("import.empty"))
        _write_flows(brought, output)
        about_all = [brought.report] if brought.report is not None else []
        for line in report_lines([*about_all, *(each.report for each in brought.flows)]):
            say(line, file=sys.stderr)
        if brought.runs:
            say(text("cli.runs_not_written", count=len(brought.runs)), file=sys.stderr)
        return
    import asyncio

    from studio.api.imports import keep
    from studio.api.services import open_services
    from studio.engine.documents.document import Shelf
    from studio.formats.carried import keep_documents

    if file != "-":
        keep_documents(Path(file), [each.document for each in brought.flows], Shelf(settings.data_dir / "documents"))

    async def kept() -> Kept:
        services = open_services(settings)
        try:
            return await keep(services, brought)
        finally:
            await services.close()

    made = asyncio.run(kept())
    for flow, title in made.flows:
        say(text("cli.imported", flow=title, id=flow))
    if made.runs:
        say(counted("cli.imported_runs", made.runs))
    for line in report_lines(made.reports):
        say(line, file=sys.stderr)


def report_lines(reports: Iterable[ImportReport]) -> Iterator[str]:
    """What there is to say about an import, each line with its place; what came over exactly is only counted."""
    for report in reports:
        told = [finding for finding in report.findings if finding.level != "exact"]
        if report.format:
            yield text("cli.import.form", format=report.format, exact=len(report.findings) - len(told))
        for finding in told:
            yield from finding_lines(finding)


def finding_lines(finding: Finding) -> Iterator[str]:
    """One finding in words: its level, its sentence and its place, then what to do about it."""
    where = f" ({finding.place})" if str(finding.place) else ""
    yield f"{text(f'import.level.{finding.level}')}: {finding.text}{where}"
    if finding.remedy:
        yield f"    {finding.remedy}"


def _write_flows(brought: Brought, output: str) -> None:
    from studio.formats.flow_json.write import to_json

    if len(brought.flows) == 1:
        write_file(to_json(brought.flows[0].document).encode(), output)
        return
    folder = Path(output)
    if output == "-" or folder.suffix or folder.is_file():
        raise SeveralFlows(len(brought.flows))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileUnreadable(output, error.strerror or str(error)) from None
    for number, imported in enumerate(brought.flows, 1):
        write_file(to_json(imported.document).encode(), str(folder / f"{number:03d}.json"))


def write_file(content: bytes, output: str | None) -> None:
    """Writes to a path, or to standard output where there is none. Raises FileUnreadable."""
    if output in (None, "-"):
        sys.stdout.flush()
        is_text = b"\0" not in content[:1_000]
        sys.stdout.buffer.write(content + b"\n" if is_text and not content.endswith(b"\n") else content)
        sys.stdout.buffer.flush()
        return
    path = Path(str(output))
    try:
        if path.exists() and not path.is_file():
            # A device or a pipe is written to; it must not become a file.
            path.write_bytes(content)
        else:
            _replace(path.resolve(), content)
    except (OSError, ValueError) as error:
        raise FileUnreadable(str(output), getattr(error, "strerror", None) or str(error)) from None
    say(text("cli.written", path=path), file=sys.stderr)


def _replace(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all: a full disk must not leave half a program."""
    fresh = path.with_name(f".convene.{os.getpid()}")
    try:
        fresh.write_bytes(content)
        if path.exists():
            fresh.chmod(path.stat().st_mode & 0o777)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
