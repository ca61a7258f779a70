"""Requests with what looks like a key written into them: it would be kept in the flow, and be in everything that leaves it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from studio.engine.tools.account_keys import accounts_in
from studio.engine.tools.request_template import PLACE
from studio.flow.checks.problem import Problem, problem
from studio.flow.held import value
from studio.flow.ports import label
from studio.flow.wires import Drawing

_SECRET = re.compile(r"authorization|token|secret|password|credential|\bkey\b|api.?key|cookie", re.IGNORECASE)
_KEY = re.compile(r"(?:bearer|basic)\s+\S|\b(?:sk|pk|ghp|xox[a-z]|tvly|AIza)[-_]?\w{12,}", re.IGNORECASE)


def problems(drawing: Drawing) -> Iterator[Problem]:
    for node in drawing.of("tool"):
        if node.kind not in ("http_tool", "openapi_tool"):
            continue
        for field in ("headers", "query"):
            rows = value(node, field)
            for name, held in rows.items() if isinstance(rows, Mapping) else ():
                if isinstance(held, str) and held and _is_key(str(name), held):
                    yield problem("key_in_flow", "warning", [node], field=field, tool=label(node), name=name)


def _is_key(name: str, held: str) -> bool:
    written = not accounts_in(held) and not PLACE.search(held)
    return written and (_SECRET.search(name) is not None or _KEY.search(held) is not None)
