"""Functions of our own exports for AutoGen, read back as what they were written for: who speaks next, and what a person is asked."""

from __future__ import annotations

import ast
import re
from typing import Any

from studio.formats.foreign_script.functions import seed_in, value_of
from studio.formats.python_reading.values import Function

_CHOICES = {
    "Those who may speak after the last speaker.": "",
    "Whoever was silent longest among those who may speak after the last speaker.": "follow_edges",
    "The next in order among those who may speak after the last speaker.": "round_robin",
    "Somebody, by lot.": "random_choice",
    "Somebody, by lot, but nobody twice in a row.": "random_choice",
    "Whoever is named in the terminal.": "manual",
}
"""What the docstring of such a function says, and the strategy that it is written for; an empty one leaves the choice to the model."""

_ASKS = {"Ask for a yes, or a no with a reason.": "approve", "Ask for an answer.": ""}
_HINT = re.compile(r" ?\((?:yes, or no and why|[^()]*, [^()]*)\) ?$")
_ARROWS = re.compile(r"(\w+)\[spoken\[-1\] if spoken else \"user\"\]")


def written_choice(function: Function) -> dict[str, Any] | None:
    """{kind, arrows, …} of a function that our own export wrote for a selector team; None for any other."""
    if isinstance(function.node, ast.Lambda) or function.parameters != ("thread",):
        return None
    kind = _CHOICES.get(ast.get_docstring(function.node) or "")
    if kind is None:
        return None
    found: dict[str, Any] = {"kind": kind}
    if (named := _ARROWS.search(function.source)) is not None:
        arrows = value_of(function, named[1])
        if not isinstance(arrows, dict) or not all(isinstance(each, list | tuple) for each in arrows.values()):
            return None
        found["arrows"] = {str(before): [str(each) for each in after] for before, after in arrows.items() if before != "user"}
    if kind == "random_choice":
        found |= {"seed": seed} if (seed := seed_in(function)) is not None else {}
        found["allow_repeat"] = "nobody twice" not in (ast.get_docstring(function.node) or "")
    function.taken = True
    return found


def written_question(function: Function) -> dict[str, str] | None:
    """{form, prompt} of a function that our own export wrote to ask a person; None for any other."""
    if isinstance(function.node, ast.Lambda) or function.parameters != ("_prompt",):
        return None
    form = _ASKS.get(ast.get_docstring(function.node) or "")
    asked = [
        each.args[0].value
        for each in ast.walk(function.node)
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "input" and each.args
        if isinstance(each.args[0], ast.Constant) and isinstance(each.args[0].value, str)
    ]
    if form is None or len(asked) != 1:
        return None
    function.taken = True
    prompt = _HINT.sub("", asked[0]).strip()
    return {name: value for name, value in (("form", form), ("prompt", "" if prompt == "Do you approve?" else prompt)) if value}
