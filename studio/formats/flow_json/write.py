"""Writing a flow as JSON: the document's own fields in their own order, one value a line, so that two versions compare well."""

from __future__ import annotations

import json

from studio.flow.document import FlowDocument


def to_json(document: FlowDocument) -> str:
    """The document as text that ends with a line feed; a node without a size or a team has no such field."""
    data = document.model_dump(mode="json")
    for node in data["nodes"]:
        for field in ("size", "parent"):
            if node[field] is None:
                del node[field]
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
