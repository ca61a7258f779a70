"""`convene check`, `convene export` and `convene import`: flows in and out, without running anything."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.exits import DONE, FAILED
from studio.cli.find_flow import FileUnreadable, find_flow, read_bytes
from studio.engine.errors import ConveneError
from studio.texts import text

if TYPE_CHECKING:
    from studio.settings import Settings

FORMATS = ("convene", "json")


class UnknownFormat(ConveneError):
    code = "unknown_format"

    def __init__(self, to: str) -> None:
        super().__init__(text("cli.unknown_format", to=to[:40]), text("cli.unknown_format.remedy", known=", ".join(FORMATS)))


def check_flow(settings: Settings, flow: str, as_json: bool) -> int:
    """Prints every problem of a flow. The exit status is 1 when one of them keeps it from running."""
    from studio.flow.checks import check

    document = find_flow(flow, settings).document
    problems = check(document)
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
        print(f"{text(f'cli.level.{problem.level}')}: {problem.text} [{problem.code}]")
        if problem.hint:
            print(f"    {problem.hint}")
    if not problems:
        print(text("cli.check.fine", flow=document.name))
    return FAILED if broken else DONE


def export_flow(settings: Settings, flow: str, to: str, output: str | None) -> None:
    """Writes a flow as Python on our engine (a zip project if PATH ends in .zip) or as JSON. Raises UnknownFormat, FlowError …"""
    if to not in FORMATS:
        raise UnknownFormat(to)
    document = find_flow(flow, settings).document
    if to == "json":
        from studio.formats.flow_json.write import to_json

        content = to_json(document).encode()
    elif output and output.lower().endswith(".zip"):
        from studio.formats.convene_python.project import to_zip

        content = to_zip(document)
    else:
        from studio.formats.convene_python.write import to_python

        content = to_python(document).text.encode()
    _write(content, output)


def import_flow(settings: Settings, file: str, output: str | None) -> None:
    """Reads a flow file. Without PATH it becomes a saved flow; with it, a clean file of the present version."""
    from studio.formats.flow_json.read import from_json

    document = from_json(read_bytes(file))
    if output:
        from studio.formats.flow_json.write import to_json

        _write(to_json(document).encode(), output)
        return
    import asyncio

    from studio.api.services import open_services

    services = open_services(settings)
    try:
        flow = services.flows.create(document)
    finally:
        asyncio.run(services.close())
    print(text("cli.imported", flow=document.name, id=flow))


def _write(content: bytes, output: str | None) -> None:
    if output in (None, "-"):
        sys.stdout.flush()
        sys.stdout.buffer.write(content if content.endswith(b"\n") else content + b"\n")
        sys.stdout.buffer.flush()
        return
    path = Path(str(output))
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # Whole or not at all: a full disk must not leave half a program.
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise FileUnreadable(str(output), error.strerror or str(error)) from None
    print(text("cli.written", path=path), file=sys.stderr)
