"""Names in a drawing: the default name of a kind, unique names, and the fields elsewhere that name an agent."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from studio.engine.models.practice import PracticeModel
from studio.engine.models.practice_client import REMEMBERS
from studio.flow.document import FlowDocument, Node
from studio.flow.kinds import category
from studio.texts import catalogue

MAX_NAME = 64
"""Characters of an agent's name."""

REFERENCES: Mapping[str, tuple[str, ...]] = {
    "assistant": ("handoffs", "handoff_if"),
    "code_runner": ("sources",),
    "text_mention": ("sources",),
    "hand_off": ("target",),
    "said_by": ("sources",),
    "done": ("sources",),
    "practice": ("script",),
}
"""Fields that hold names of participants, by kind: one name, a list of names, or an object with names as its keys."""


def default_name(kind: str) -> str:
    """What a new node of a kind is called until somebody names it."""
    return catalogue().get(f"kind.{kind}.name", kind)


def unique_name(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or the first of wanted_2, wanted_3 … that is free, whatever the case of its letters."""
    used = {name.casefold() for name in taken}
    if wanted.casefold() not in used:
        return wanted
    stem = re.sub(r"_\d{1,6}$", "", wanted) or wanted
    number = 2
    while True:
        ending = f"_{number}"
        candidate = stem[: MAX_NAME - len(ending)] + ending
        if candidate.casefold() not in used:
            return candidate
        number += 1


def named_in(node: Node) -> Iterator[tuple[str, str]]:
    """(field, name) of every participant that a node's own fields name."""
    for field in REFERENCES.get(node.kind, ()):
        value = node.config.get(field)
        if isinstance(value, str):
            yield field, value
        elif isinstance(value, (list, tuple, dict)):
            yield from ((field, name) for name in value if isinstance(name, str))


def with_new_name(node: Node, old: str, new: str) -> Node:
    """The node with every mention of a participant's old name replaced; the node itself when there is none."""
    changed = {}
    for field in REFERENCES.get(node.kind, ()):
        value = node.config.get(field)
        follows = _renamed(value, old, new)
        if follows != value or (isinstance(value, dict) and list(follows) != list(value)):
            changed[field] = follows
    for field, rename in _DEEPER.items():
        value = node.config.get(field)
        follows = rename(value, old, new) if value else value
        if follows != value:
            changed[field] = follows
    if node.kind == "practice" and (script := _out_of_recording(node.config, old, new)):
        changed["script"] = script
    return node.model_copy(update={"config": node.config | changed}) if changed else node


def follow(document: FlowDocument, old: str, new: str) -> FlowDocument:
    """Replace a participant's name wherever other nodes mention it.

    Nothing follows while another agent or team still bears the old name: the mention may mean that one.
    """
    if not old or any(node.name == old and category(node.kind) in ("agent", "team") for node in document.nodes):
        return document
    return document.model_copy(update={"nodes": tuple(with_new_name(node, old, new) for node in document.nodes)})


def _renamed(value: Any, old: str, new: str) -> Any:
    if isinstance(value, str):
        return new if value == old else value
    if isinstance(value, (list, tuple)):
        return [new if item == old else item for item in value] if old in value else value
    if isinstance(value, dict) and old in value and new not in value:
        return {new if key == old else key: item for key, item in value.items()}
    return value


def _in_script(value: Any, old: str, new: str) -> Any:
    """What somebody says and what they note about people follow together."""
    return _renamed(_renamed(value, old, new), old + REMEMBERS, new + REMEMBERS)


def _out_of_recording(config: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """The replies of the recording that a practice model plays, with the new name; nothing where the old one says nothing in it."""
    script = PracticeModel.stand_in("script", config) if not config.get("script") else None
    follows = _in_script(script, old, new) if script else {}
    return {name: list(replies) for name, replies in follows.items()} if follows != script else {}


def _in_keys(value: Any, old: str, new: str) -> Any:
    return _renamed(value, old, new) if isinstance(value, dict) else value


def _in_rows(value: Any, old: str, new: str) -> Any:
    """In the rows of a table that have a `source`."""
    if not isinstance(value, (list, tuple)):
        return value
    return [{**row, "source": new} if isinstance(row, dict) and row.get("source") == old else row for row in value]


def _in_guards(value: Any, old: str, new: str) -> Any:
    """To whom guards hand over."""
    if not isinstance(value, (list, tuple)):
        return value
    return [{**row, "hand_to": new} if isinstance(row, dict) and row.get("hand_to") == old else row for row in value]


def _in_selection(value: Any, old: str, new: str) -> Any:
    """In a way to choose who speaks: who begins, who goes on after whom, and who speaks by a rule."""
    if not isinstance(value, dict):
        return value
    changed = dict(value)
    for field in ("start", "first"):
        if field in changed:
            changed[field] = _renamed(changed[field], old, new)
    for field in ("after", "rules"):
        rows = changed.get(field)
        if isinstance(rows, dict):
            named = {key: new if name == old else name for key, name in rows.items()}
            changed[field] = _renamed(named, old, new) if field == "after" else named
    return changed


_DEEPER: Mapping[str, Callable[[Any, str, str], Any]] = {
    "guards": _in_guards,
    "handoff_when": _in_keys,
    "handoff_while": _in_keys,
    "hears": _in_rows,
    "selection": _in_selection,
    "script": _in_script,
}
"""Fields, of whatever kind, that hold names among other things."""
