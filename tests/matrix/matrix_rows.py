"""What of two runs compares: who said what, which tools were called with what, what they gave, and why it ended."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.flow.document import FlowDocument
from studio.flow.findings import Finding

Row = list[Any]
Rows = list[Row]


def rows_of_events(events: Iterable[Mapping[str, Any]]) -> Rows:
    """A run of the studio, conversations within it included, in order; the last row is why it ended."""
    rows: Rows = []
    for event in events:
        match event["type"]:
            case "message" if event["role"] != "task":
                rows.append(["said", event["source"], event["text"]])
            case "tool_calls":
                rows += [["thought", event["source"], event["text"]]] if event["text"] else []
                rows += [["call", event["source"], call["name"], call["arguments"]] for call in event["calls"]]
            case "tool_result":
                rows.append(["result", event["source"], event["name"], event["output"]])
            case "handoff":
                plain = f"{event['source']} hands over to {event['target']}."
                rows += [["thought", event["source"], event["text"]]] if event["text"] not in ("", plain) else []
                rows.append(["hand over", event["source"], event["target"]])
            case "run_finished":
                rows.append(["stop", event["by"]])
    return rows


def outer_rows(events: Sequence[Mapping[str, Any]]) -> Rows:
    """The same of the main conversation alone; a filter's own agent speaks in the conversation around it."""
    filters = {event["id"] for event in events if event["type"] == "conversation_opened" and event.get("heard")}
    return rows_of_events(event for event in events if not event.get("scope") or event["scope"] in filters)


STOPS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("Text '", ("text_mention", "end_word", "all_of", "max_turns")),
    ("'", ("said_by", "all_of")),
    ("Function '", ("tool_used",)),
    ("Maximum number of messages", ("max_messages", "max_turns", "all_of")),
    ("Maximum number of turns", ("max_turns", "sequence", "team")),
    ("Handoff to", ("hand_off", "swarm")),
    ("Digraph execution is complete", ("graph", "max_turns")),
    ("Functional termination", ("function_rule", "transition", "max_turns")),
    ("Timeout", ("time_limit",)),
    ("Token usage", ("token_limit",)),
)
"""How AgentChat begins to say why it stopped, and what stops the studio then: of two rules met by one message each names its own."""


def plainly(rows: Rows) -> tuple[Rows, Rows]:
    """The rows with blanks made one and arguments read; results apart and sorted, since the calls of one answer run at the same time."""
    kept, results = [], []
    for row in rows:
        if row[0] == "call":
            kept.append([*row[:3], _read(row[3])])
        elif row[0] == "result":
            results.append([" ".join(each.split()) for each in row])
        elif row[0] != "stop":
            text = _read(row[2])
            said = json.dumps(text) if isinstance(text, dict) else str(row[2])
            kept.append([*row[:2], " ".join(said.split())])
    return kept, sorted(results)


def same_end(studio: Rows, theirs: Rows) -> bool:
    """Whether both ended for the same reason, where the other one says a reason at all."""
    said = theirs[-1][1] if theirs and theirs[-1][0] == "stop" else ""
    if not said or not studio[-1][1]:
        return True
    by = studio[-1][1]
    return by == said or any(said.startswith(words) and by in kinds for words, kinds in STOPS)


def _read(arguments: str) -> Any:
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


Forgiving = Callable[[Rows, Finding, FlowDocument], Rows]
"""Takes out of rows what a loss tells of."""


def _names(document: FlowDocument, finding: Finding) -> set[str]:
    return {_plain(node.name) for node in document.nodes if node.id in finding.nodes}


def _plain(name: str) -> str:
    return re.sub(r"\W", "_", name.strip())


def renamed(rows: Rows, finding: Finding, document: FlowDocument) -> Rows:
    return [[row[0], _plain(row[1]), *row[2:]] if row[0] != "stop" else row for row in rows]


def other_words(rows: Rows, finding: Finding, document: FlowDocument) -> Rows:
    who = _names(document, finding)
    return [["said", row[1], "…"] if row[0] == "said" and _plain(row[1]) in who else row for row in rows]


def until_a_rule_of_tools(rows: Rows, finding: Finding, document: FlowDocument) -> Rows:
    """All up to the first call: what is said in the rest of its turn is not compared."""
    end = next((at for at, row in enumerate(rows) if row[0] == "call"), None)
    return rows if end is None else [*rows[: end + 1], ["stop", ""]]


def until_a_tool(rows: Rows, finding: Finding, document: FlowDocument) -> Rows:
    """All up to the first call by these: what they say of its result, and whoever answers that, is another conversation."""
    who = _names(document, finding)
    end = next((at for at, row in enumerate(rows) if row[0] == "call" and _plain(row[1]) in who), None)
    return rows if end is None else [*rows[: end + 1], ["stop", ""]]


def until_a_bare_word(rows: Rows, finding: Finding, document: FlowDocument) -> Rows:
    """All up to the first message of these that is nothing but TERMINATE."""
    who = _names(document, finding)
    end = next((at for at, row in enumerate(rows) if row[0] == "said" and row[2].strip() == "TERMINATE" and _plain(row[1]) in who), None)
    return rows if end is None else [*rows[: end + 1], ["stop", ""]]


def whole_numbers(rows: Rows, finding: Finding, document: FlowDocument) -> Rows:
    """Numbers without decimals as whole ones."""
    return [[re.sub(r"\b(\d+)\.0\b", r"\1", part) if isinstance(part, str) else part for part in row] for row in rows]


def other_words_of_people(rows: Rows, finding: Finding, document: FlowDocument) -> Rows:
    """What people say, where the way they are asked differs."""
    who = _names(document, finding) & {_plain(node.name) for node in document.nodes if node.kind == "human"}
    return [["said", row[1], "…"] if row[0] == "said" and _plain(row[1]) in who else row for row in rows]


def without_them(rows: Rows, finding: Finding, document: FlowDocument) -> Rows:
    """The rows without what these said."""
    who = _names(document, finding)
    return [row for row in rows if row[0] == "stop" or _plain(row[1]) not in who]


def by_lot(rows: Rows, finding: Finding, document: FlowDocument) -> Rows:
    """How much was said, where who speaks is drawn anew."""
    return [["said", "…", "…"] if row[0] == "said" else row for row in rows]


def unchanged(rows: Rows, finding: Finding, document: FlowDocument) -> Rows:
    return rows


def until_a_handover(rows: Rows, finding: Finding, document: FlowDocument) -> Rows:
    end = next((at for at, row in enumerate(rows) if row[0] == "hand over"), None)
    return rows if end is None else [*rows[: end + 1], ["stop", ""]]


def members_alone(rows: Rows, finding: Finding, document: FlowDocument) -> Rows:
    """What the members of the teams that a loss is about said, without whoever leads them."""
    agents = {_plain(node.name) for node in document.nodes if node.kind == "assistant"}
    return [*(row for row in rows if row[0] != "stop" and _plain(row[1]) in agents), ["stop", ""]]


def other_end(rows: Rows, finding: Finding, document: FlowDocument) -> Rows:
    return [["stop", ""] if row[0] == "stop" else row for row in rows]


@dataclass(frozen=True)
class Cell:
    """`verdict` is equal, equal but, cannot or unexplained; `because` are the losses that explain it, or the differences."""

    flow: str
    target: str
    verdict: str
    because: tuple[str, ...] = ()


BY_CHANCE = ("lost_seed",)
"""Losses that may show or not: what is drawn by lot can come out the same."""


def compared(
    studio: Rows, theirs: Rows, findings: Sequence[Finding], document: FlowDocument, forgiving: Mapping[str, Forgiving]
) -> tuple[str, tuple[str, ...]]:
    """The verdict on two runs, and the losses that explain a difference, with those of what is missing though nothing of it shows here."""
    known = [finding for finding in findings if finding.code in forgiving]
    if not _equal(studio, theirs, known, document, forgiving):
        return "unexplained", ()
    for finding in [each for each in known if each.code not in BY_CHANCE]:
        without = [each for each in known if each is not finding]
        if _equal(studio, theirs, without, document, forgiving):
            known = without
    because = tuple(dict.fromkeys(finding.text for finding in findings if finding in known or finding.level == "decision"))
    return ("equal but", because) if because else ("equal", ())


def _equal(studio: Rows, theirs: Rows, findings: Sequence[Finding], document: FlowDocument, forgiving: Mapping[str, Forgiving]) -> bool:
    for finding in findings:
        studio, theirs = (forgiving[finding.code](rows, finding, document) for rows in (studio, theirs))
    said, results = plainly(studio)
    their_said, their_results = plainly(theirs)
    if at_the_same_time(document):
        said, their_said = sorted(said, key=str), sorted(their_said, key=str)
    return said == their_said and results == their_results and same_end(studio, theirs)


def at_the_same_time(document: FlowDocument) -> bool:
    """Whether branches of a graph speak at the same time, in whatever order their answers come."""
    return any(node.config.get("selection", {}).get("kind") == "graph" for node in document.nodes)
