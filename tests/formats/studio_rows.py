"""What a run of the studio said, in the rows by which exported programs are compared with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

Row = list[str]


def rows_of_events(events: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The main conversation: ["said", who, text], ["thought", …], ["call", who, tool, arguments], ["result", who, tool, text],
    ["hand over", who, to whom], in their order. A filter's own agent speaks in the conversation around it."""
    rows: list[Row] = []
    filters = {event["id"] for event in events if event["type"] == "conversation_opened" and event.get("heard")}
    for event in events:
        if event.get("scope") and event["scope"] not in filters:
            continue
        match event["type"]:
            case "message" if event.get("role") != "task":
                rows.append(["said", event["source"], event["text"]])
            case "tool_calls":
                if event["text"]:
                    rows.append(["thought", event["source"], event["text"]])
                rows += [["call", event["source"], call["name"], call["arguments"]] for call in event["calls"]]
            case "tool_result":
                rows.append(["result", event["source"], event["name"], event["output"]])
            case "handoff":
                if event["text"]:
                    rows.append(["thought", event["source"], event["text"]])
                rows.append(["hand over", event["source"], event["target"]])
    return rows


def plainly(rows: Iterable[Row]) -> list[list[Any]]:
    """Rows that compare: blanks made one, since frameworks break lines before an output; arguments as they were meant; and what several
    tools gave at the same time in the order of their names, since whichever is ready first comes first."""
    plain: list[list[Any]] = []
    for kind, same in groupby(rows, key=lambda row: row[0]):
        told = [[*row[:3], json.loads(row[3])] if kind == "call" else [" ".join(each.split()) for each in row] for row in same]
        plain += sorted(told) if kind == "result" else told
    return plain
