"""Bringing in what was made elsewhere: a file becomes flows with reports, and runs that can be read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from studio.api.documents import shelf
from studio.api.services import Services, services
from studio.flow.document import FlowDocument
from studio.flow.findings import Finding, ForeignFileError, ImportReport, by_importance
from studio.formats.carried import keep_documents
from studio.formats.recognise import MAX_FILE, Brought, read_file
from studio.texts import text

_ABOUT_ACCOUNTS = ("key_missing", "key_blanked", "account_missing")
"""Findings that are settled where their account is there."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What an import made: (id, name) of its flows, how many runs were written down, and the reports of flows and file."""

    flows: tuple[tuple[str, str], ...]
    runs: int
    reports: tuple[ImportReport, ...]

    def findings(self) -> tuple[Finding, ...]:
        return by_importance(finding for report in self.reports for finding in report.findings)


async def import_flow(request: Request) -> Response:
    """Makes flows of the file in the body, `?name=` its name, and answers `{flow, name, flows, runs, decisions}`.

    `flow` is the first of `flows`, without `name` and empty where there are runs only. Nothing that the file names is run or fetched.
    """
    house = services()
    name = file_title(request.query_params.get("name", ""))
    with _waiting_file() as file:
        size = 0
        with file.open("wb") as written:
            async for chunk in request.stream():
                size += len(chunk)
                if size > MAX_FILE:
                    raise ForeignFileError(text("bounds.large", where=text("bounds.file"), limit=f"{MAX_FILE // 1_000_000} MB"))
                await run_in_threadpool(written.write, chunk)
        brought = await run_in_threadpool(read_file, file, name)
        await run_in_threadpool(keep_documents, file, [each.document for each in brought.flows], shelf())
    kept = await keep(house, brought)
    flows = [{"flow": flow, "name": title} for flow, title in kept.flows]
    decisions = sum(finding.level == "decision" for finding in kept.findings())
    return JSONResponse({**(flows[0] if flows else {"flow": ""}), "flows": flows, "runs": kept.runs, "decisions": decisions}, 201)


async def keep(house: Services, brought: Brought) -> Kept:
    """Stores what came in. Raises ForeignFileError when it was neither a flow nor a run, FlowTooLarge and DatabaseUnusable."""
    if not brought.flows and not brought.runs:
        raise ForeignFileError(text("import.empty"))
    accounts = {account.name for account in house.accounts.list()}
    flows = []
    reports = [brought.report] if brought.report is not None and not brought.flows else []
    for number, imported in enumerate(brought.flows):
        flow = await run_in_threadpool(house.flows.create, imported.document)
        report = _settled(imported.report, accounts)
        if number == 0 and brought.report is not None:
            # What there is to say about the file as a whole stands with its first flow.
            report = replace(report, findings=by_importance((*brought.report.findings, *report.findings)))
        await run_in_threadpool(house.reports.keep, flow, report)
        flows.append((flow, imported.document.name))
        reports.append(report)
    sessions: dict[str, str] = {}
    for run in brought.runs:
        document = brought.flows[run.flow].document if run.flow is not None else FlowDocument(name=run.title)
        flow_id = flows[run.flow][0] if run.flow is not None else None
        started = await house.runs.record(run, document, flow_id, sessions.get(run.session))
        sessions[run.session] = started.session
    return Kept(tuple(flows), len(brought.runs), tuple(reports))


def file_title(name: str) -> str:
    """What to call a flow after its file: the file's name without folders and ending."""
    last = name.replace("\\", "/").rpartition("/")[2]
    stem = last.rpartition(".")[0] or last
    return " ".join("".join(letter if letter.isprintable() else " " for letter in stem).split())[:200]


def _settled(report: ImportReport, accounts: set[str]) -> ImportReport:
    findings = (each for each in report.findings if not (each.code in _ABOUT_ACCOUNTS and each.subject in accounts))
    return replace(report, findings=tuple(findings))


@contextmanager
def _waiting_file() -> Iterator[Path]:
    """A place for a body that may be too large for memory, for its owner alone, gone afterwards."""
    handle, name = tempfile.mkstemp(prefix="convene-import-")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
