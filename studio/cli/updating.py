"""`convene import FILE --into FLOW`: a saved flow becomes what a file says it is now, in one change that can be taken back."""

from __future__ import annotations

import sys
from pathlib import Path

from studio.cli.exchange import SeveralFlows, report_lines
from studio.cli.find_flow import FileUnreadable, read_bytes, saved_flow
from studio.cli.say import say
from studio.settings import Settings
from studio.texts import text


def update_flow(settings: Settings, file: str, flow: str) -> None:
    """Reads a file as an edit of a saved flow, whose ids, places and notes stay. What there is to say goes to standard error.

    Raises NoSuchFlow, FlowFileError, ForeignFileError, FileUnreadable and SeveralFlows; then nothing has changed.
    """
    from studio.flow.edits import difference
    from studio.formats.recognise import read_bytes as read_text
    from studio.formats.recognise import read_file
    from studio.library.flows import Flows
    from studio.store.database import open_database

    flow_id, document = saved_flow(flow, settings)
    try:
        brought = read_text(read_bytes(file), document.name, document) if file == "-" else read_file(Path(file), document.name, document)
    except (OSError, ValueError) as error:
        raise FileUnreadable(file, getattr(error, "strerror", None) or str(error)) from None
    if len(brought.flows) != 1:
        raise SeveralFlows(len(brought.flows))
    [imported] = brought.flows
    if imported.document == document:
        say(text("cli.into.same", flow=document.name))
    else:
        database = open_database(settings.database, backup_dir=settings.data_dir / "backups")
        try:
            Flows(database).edit(flow_id, difference(document, imported.document).model_dump(mode="json"))
        finally:
            database.close()
        say(text("cli.into.done", flow=imported.document.name, id=flow_id))
    for line in report_lines([imported.report]):
        say(line, file=sys.stderr)
