"""What was to be said when a flow was brought in, kept with the flow until somebody puts it aside."""

from __future__ import annotations

import json
from typing import Any

from sqlmodel import col, delete

from studio.flow.findings import ImportReport
from studio.store.database import Database
from studio.store.tables import FlowReportRow, FlowRow


class Reports:
    """One report a flow."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, flow_id: str, report: ImportReport) -> None:
        """Keeps the report of a flow; one without findings is none."""
        with self._database.writing() as session:
            if report.findings and session.get(FlowRow, flow_id) is not None:
                session.merge(FlowReportRow(flow_id=flow_id, report=json.dumps(report.to_dict(), ensure_ascii=False)))

    def of(self, flow_id: str) -> dict[str, Any] | None:
        """The report of a flow as JSON, {format, findings}; None when there is none."""
        with self._database.reading() as session:
            row = session.get(FlowReportRow, flow_id)
        if row is None:
            return None
        try:
            report: dict[str, Any] = json.loads(row.report)
        except ValueError:
            return None
        return report

    def put_aside(self, flow_id: str) -> None:
        """Forgets the report of a flow."""
        with self._database.writing() as session:
            session.exec(delete(FlowReportRow).where(col(FlowReportRow.flow_id) == flow_id))
