"""Flow documents as they are stored: JSON of the version that wrote them, read as of this version."""

from __future__ import annotations

import json

from studio.flow.document import FlowDocument
from studio.flow.upgrade import upgraded


def written(document: FlowDocument) -> str:
    return document.model_dump_json()


def read_stored(stored: str) -> FlowDocument:
    """The document, brought up to this version. Raises FlowFileError when a newer one has written it."""
    return FlowDocument.model_validate(upgraded(json.loads(stored)))
