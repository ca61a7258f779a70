"""Functions of our own exports for Agent Framework that choose who speaks next, read back as what they were written for."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.formats.foreign_script.functions import seed_in, standing, value_of
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Function, Record

_CHOICES: Mapping[str, str] = {
    "Everybody in turn.": "round_robin",
    "Everybody once, in order.": "sequence",
    "A model chooses.": "model_choice",
    "Somebody, at random.": "random_choice",
    "Somebody, at random, in the same order every time.": "random_choice",
    "You choose.": "manual",
    "Along the arrows.": "follow_edges",
    "The one who has been silent longest.": "follow_edges",
    "Of those who may speak now, the one who has been silent longest.": "follow_edges",
    "Whoever was handed the conversation speaks.": "swarm",
}
"""What the docstring of such a function says, and the strategy that it is written for."""

_GRAPH = "Along the arrows of the graph, one branch after the other."
_ROWS = re.compile(r"for target, awaited, holds in (\w+)\.get\(")
_IN_TURN = re.compile(r"(?:\[.*\]|list\(state\.participants\))\[state\.current_round % (?:\d+|len\(state\.participants\))\]")
_NAMED = re.compile(r"Whom (\w+) names\.")
_ARROWS = re.compile(r"(\w+)\.get\(last")
_CHOOSER = re.compile(r"await (\w+)\.run\(")
_FIRST = re.compile(r"return (?:\w+ if last else )?(?:last or )?['\"]([^'\"]+)['\"]\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow of a graph. `says` is what a message must say for it, empty for nothing, None for a function, which `written` is.

    `together` says that it waits for all that lead to its target.
    """

    source: str
    target: str
    says: str | None
    written: str
    together: bool


class Choice:
    """How a function chooses: the fields of the strategy, who may speak after whom, and the agent that it asks."""

    def __init__(self, selection: dict[str, Any], arrows: Mapping[str, Any] | None = None, chooser: Record | None = None) -> None:
        self.selection = selection
        self.arrows = arrows
        self.chooser = chooser


def choice_of(script: Script, function: Function) -> Choice | None:
    """How a function of our own exports chooses who speaks next; None for any other."""
    if isinstance(function.node, ast.Lambda):
        written = ast.unparse(function.node.body)
        if written == "list(state.participants)[state.current_round]":
            return _taken(function, Choice({"kind": "sequence"}))
        in_turn = re.fullmatch(
            r"(?:\[.*\]|list\(state\.participants\))\[state\.current_round % (?:\d+|len\(state\.participants\))\]", written
        )
        return _taken(function, Choice({"kind": "round_robin"})) if in_turn else None
    words = ast.get_docstring(function.node) or ""
    kind = _CHOICES.get(words)
    named = _NAMED.fullmatch(words)
    if named is not None and isinstance(asked := value_of(function, named[1]), Function):
        return _taken(function, Choice({"kind": "function_choice", "source": standing(script, asked).source}))
    if kind is None:
        return None
    source = function.source
    selection: dict[str, Any] = {"kind": kind}
    named = _ARROWS.search(source)
    arrows = value_of(function, named[1]) if named is not None else None
    if kind in ("model_choice", "random_choice") and "name != last" not in source and named is None:
        selection["allow_repeat"] = True
    if kind == "random_choice" and (seed := seed_in(function)) is not None:
        selection["seed"] = seed
    if kind == "swarm":
        begins = _FIRST.search(source)
        selection |= {"first": begins[1]} if begins is not None else {}
        selection |= _after_work_of(function.node)
        selection["after_work"] = "stay" if "return last or" in source else "first" if " if last else " in source else "end"
    asked = _CHOOSER.search(source) if kind == "model_choice" else None
    chooser = value_of(function, asked[1]) if asked is not None else None
    if isinstance(chooser, Record):
        written = chooser.get("instructions")
        told = str(written).split("\n\n", 2) if isinstance(written, str) else []
        if len(told) > 2:
            selection["instruction"] = told[2]
    return _taken(
        function, Choice(selection, arrows if isinstance(arrows, Mapping) else None, chooser if isinstance(chooser, Record) else None)
    )


def arrows_of(function: Function, over: Any) -> list[Arrow] | None:
    """The arrows of a graph that our own export wrote for a group chat; None for any other function that chooses."""
    if isinstance(function.node, ast.Lambda) or ast.get_docstring(function.node) != _GRAPH or not isinstance(over, Function):
        return None
    named = _ROWS.search(over.source)
    rows = value_of(over, named[1]) if named is not None else None
    if not isinstance(rows, Mapping):
        return None
    found = []
    for source, several in rows.items():
        for row in several if isinstance(several, list | tuple) else ():
            if isinstance(row, tuple | list) and len(row) == 3 and isinstance(row[2], Function) and isinstance(row[2].node, ast.Lambda):
                row[2].taken = True
                alone = isinstance(row[1], list | tuple) and list(row[1]) == [source]
                others = sum(target[0] == row[0] for each in rows.values() for target in each)
                written = ast.unparse(row[2].node.body)
                found.append(Arrow(str(source), str(row[0]), _said_in(row[2].node.body), written[:120], not alone or others < 2))
    function.taken = over.taken = True
    return found


def _after_work_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, Any]:
    """Who goes on after whom, as the field of a strategy."""
    for each in function.body:
        match each:
            case ast.Assign(targets=[ast.Name(id="after")], value=ast.Dict(keys=keys, values=values)):
                names = [part.value for part in (*keys, *values) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
                if len(names) == 2 * len(keys):
                    return {"after": dict(zip(names[: len(keys)], names[len(keys) :], strict=True))}
    return {}


def _said_in(test: ast.expr) -> str | None:
    match test:
        case ast.Constant(value=True):
            return ""
        case ast.Compare(left=ast.Constant(value=str(words)), ops=[ast.In()], comparators=[ast.Name(id="text")]):
            return words
    return None


def _taken(function: Function, choice: Choice) -> Choice:
    function.taken = True
    return choice
