"""Functions that choose the next speaker as our own exports write them, read back as what they were written for."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Any

from studio.formats.foreign_script.functions import agents_named, seed_in
from studio.formats.python_reading.values import Function, Record

_WORDS = {
    "Everybody in turn": "round_robin",
    "Everybody once, in order": "sequence",
    "A model chooses": "model_choice",
    "Somebody, at random": "random_choice",
    "Somebody, at random, in the same order every time": "random_choice",
    "You choose": "manual",
    "Of those who may speak now, the one who has been silent longest": "follow_edges",
    "Whoever was handed the conversation speaks": "swarm",
}
"""What the docstring of such a function says first, and the strategy that it is written for."""

_PARAMETERS = ("last_speaker", "group_chat")
_LIMIT = re.compile(r"if turns >= (\d{1,9}):\s+return None")
_BACK = re.compile(r"if \"transfer_to_(\w+)\" in called:\s+return None")
_AFTER = re.compile(r"if last_speaker is (\w+):\s+return \"?(\w+)")
_ENDS = {"None": "end", "last_speaker": "stay", "auto": "model", "next": "back"}


@dataclass(frozen=True, slots=True)
class Written:
    """What one of our functions was written for: a strategy, how many turns at most, and the hand-over that ends it."""

    fields: dict[str, Any] = field(default_factory=dict)
    turns: int | None = None
    hands_back_to: str = ""


def written_for(function: Function, names: dict[int, str]) -> Written | None:
    """What a function was written for that our own export made; None for any other. `names` are those of the agents, by their records."""
    if isinstance(function.node, ast.Lambda) or function.parameters != _PARAMETERS:
        return None
    kind = _WORDS.get((ast.get_docstring(function.node) or "").split(";")[0].rstrip("."))
    limit = _LIMIT.search(function.source)
    if kind is None or (kind != "model_choice" and limit is None and "group_chat" not in function.source):
        return None
    fields: dict[str, Any] = {"kind": kind}
    if kind == "random_choice":
        if (seed := seed_in(function)) is not None:
            fields |= {"seed": seed, "allow_repeat": "is not last_speaker" not in function.source}
    elif kind == "swarm":
        known = {variable: names.get(id(record), "") for variable, record in agents_named(function).items() if isinstance(record, Record)}
        after = {known.get(one, ""): known.get(other) or _ENDS.get(other, "") for one, other in _AFTER.findall(function.source)}
        last = function.node.body[-1]
        ends = ast.unparse(last.value) if isinstance(last, ast.Return) and last.value is not None else "None"
        fields["after_work"] = _ENDS.get(ends.strip("'").partition("(")[0], "first")
        if after and all(after) and all(after.values()):
            fields["after"] = after
    function.taken = True
    back = _BACK.search(function.source)
    return Written(fields, int(limit[1]) if limit is not None else None, back[1] if back is not None else "")
