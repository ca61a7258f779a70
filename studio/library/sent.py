"""Changes as tabs send them: each is made once, however often and on whichever way it comes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument
from studio.flow.edits import EditRefused
from studio.flow.ports import label
from studio.flow.words import shorten
from studio.library.flows import Flows
from studio.library.meant import MAX_TYPED, edit_of
from studio.store.errors import DatabaseUnusable
from studio.texts import text

log = logging.getLogger("convene.changes")

MOST = 500
"""Changes of one message."""

LONGEST_ID = 64
MOST_NAMED = 5
"""Names in the sentence of what was lost."""


class ChangeLost(ConveneError):
    """A change that a page had sent before it was loaded anew, and that can no longer be made."""

    code = "change_lost"

    def __init__(self, what: str, why: ConveneError) -> None:
        super().__init__(text("library.unsent.lost", what=what, why=why.sentence), why.remedy)


@dataclass(frozen=True, slots=True)
class Made:
    """What became of changes: `taken` are the ids of those that need not come again, `refused` why some of them were not made."""

    taken: tuple[str, ...]
    refused: tuple[ConveneError, ...]


def make(flows: Flows, flow: str, changes: Sequence[Any]) -> Made:
    """Makes changes of a flow in their order, those that are made already left out.

    A change is `{id, change, again?}`: an edit of the map's table, what a page asks for by name (`library.meant`), a step of undo or redo,
    or `{type: "version", number}` that is to be restored; `again` where a page sent it before it was loaded anew. Raises EditRefused
    where something else than changes comes; whatever is wrong with one change refuses it alone.
    """
    if len(changes) > MOST or not all(_is_change(each) for each in changes):
        raise EditRefused(text("edit.unreadable", where="changes", why=text("edit.no_changes")), "changes")
    refused: list[ConveneError] = []
    lost = 0
    for number, each in enumerate(changes):
        if flows.is_made(flow, each["id"]):
            continue
        if each["change"].get("type") == "undo" and lost:
            # It was to take back what could not be made; another step would be one that nobody meant.
            lost -= 1
            continue
        document = None
        try:
            document = flows.get(flow).document
            _make(flows, flow, document, each["change"], each["id"])
            lost = 0
        except DatabaseUnusable as error:
            # The disk takes nothing: this one and those after it stay with the tab, which sends them again.
            return Made(tuple(earlier["id"] for earlier in changes[:number]), (*refused, error))
        except ConveneError as error:
            lost += 1
            refused.append(ChangeLost(what(document, each["change"]), error) if each.get("again") and document is not None else error)
            if document is None:
                break
        except Exception:
            # One that cannot be made by a mistake of ours is told like any other: it would come again for ever.
            log.exception("A change of flow %s could not be made", flow)
            lost += 1
            refused.append(ConveneError(text("api.broken"), ""))
    return Made(tuple(each["id"] for each in changes), tuple(refused))


def _make(flows: Flows, flow: str, document: FlowDocument, change: dict[str, Any], key: str) -> None:
    match change:
        case {"type": "undo"}:
            flows.undo(flow, key)
        case {"type": "redo"}:
            flows.redo(flow, key)
        case {"type": "version", "number": int(number)}:
            flows.restore(flow, number, key)
        case _:
            edit = edit_of(document, change)
            if edit is not None:
                flows.edit(flow, edit, key)


def what(document: FlowDocument | None, change: dict[str, Any]) -> str:
    """A change in a few words, for the sentence that it is lost."""
    match change:
        case {"type": "add", "nodes": [_, *_] as nodes}:
            return text("library.unsent.add", names=_names(document, nodes))
        case {"type": "connect", "edge": {"source": source, "target": target}}:
            return text("library.unsent.connect", source=_names(document, [source]), target=_names(document, [target]))
        case {"type": "remove", "nodes": [_, *_] as nodes}:
            return text("library.unsent.remove", names=_names(document, nodes))
        case {"type": "move", "moves": [_, *_] as moves}:
            return text("library.unsent.move", names=_names(document, moves))
        case {"type": "field", "value": str(value)} if value.strip():
            return text("library.unsent.field", text=shorten(value, MAX_TYPED))
        case {"type": "several", "edits": list(edits)}:
            said = dict.fromkeys(what(document, each) for each in edits[:MOST] if isinstance(each, dict) and each.get("type") != "resize")
            return "; ".join([*said][:MOST_NAMED]) or text("library.unsent.change")
    return text("library.unsent.change")


def _names(document: FlowDocument | None, things: Sequence[Any]) -> str:
    """The names of nodes, of which each is given as itself, as something with its id, or as its id."""
    found = []
    for each in things[:MOST_NAMED]:
        name, key = (each.get("name"), each.get("id")) if isinstance(each, dict) else ("", each)
        node = document.node(str(key)) if document is not None else None
        found.append(str(name) if name else label(node) if node is not None else text("library.unsent.gone"))
    return ", ".join([*found, *(["…"] if len(things) > MOST_NAMED else [])])


def _is_change(raw: Any) -> bool:
    return (
        isinstance(raw, dict)
        and isinstance(raw.get("id"), str)
        and 0 < len(raw["id"]) <= LONGEST_ID
        and isinstance(raw.get("change"), dict)
    )
