"""Reading a flow from JSON of any schema version up to this one, with a place for what has none."""

from __future__ import annotations

from typing import Any

from studio.flow.document import FlowDocument
from studio.flow.unplaced import placed
from studio.flow.upgrade import read_document


def from_json(data: str | bytes | dict[str, Any]) -> FlowDocument:
    """The document of a flow file; nodes without a place of their own get one.

    Nothing named in it is imported, fetched or run. Raises FlowFileError with the place of the mistake.
    """
    return placed(read_document(data))
