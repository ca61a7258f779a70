"""Functions of our own exports for Agent Framework in which a team or an agent is asked: what they ask, and what they make of it."""

from __future__ import annotations

import ast
import re
from typing import Any

from studio.formats.foreign_script.functions import value_of
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Function, Record

BUILDERS = ("GroupChatBuilder", "SequentialBuilder", "ConcurrentBuilder", "MagenticBuilder", "HandoffBuilder", "WorkflowBuilder")
_TALK = re.compile(r"await talk\(\s*(\w+)\(\)")
_ASKS = re.compile(r"answer = await (\w+)\.run\(")


def team_asked(script: Script, function: Function) -> Record | None:
    """The builder of the team that a function lets talk; None where it lets none."""
    named = _TALK.search(function.source)
    made = value_of(function, named[1]) if named is not None else None
    if not isinstance(made, Function):
        return None
    made.taken = True
    _, records = script.follow(made)
    return next((record for record in records if record.of is None and record.method in BUILDERS), None)


def agent_asked(function: Function) -> Record | None:
    """The agent that a function asks; None where it asks none."""
    named = _ASKS.search(function.source)
    found = value_of(function, named[1]) if named is not None else None
    return found if isinstance(found, Record) else None


def prompt_of(function: Function) -> str:
    """What a model is asked after a talk; empty where none is."""
    for node in ast.walk(function.node):
        match node:
            case ast.Assign(targets=[ast.Name(id="question")], value=ast.Constant(value=str(prompt))):
                return prompt
            case ast.Call(func=ast.Name(id="Message"), args=[ast.Constant(value="user"), ast.List(elts=[ast.Constant(value=str(prompt))])]):
                return prompt
    return ""


def heard_of(function: Function) -> str:
    """Whether a function gives what was said last, or all of it."""
    return "all" if "{each.author_name}: {each.text}" in function.source else "last"


def chat_of(function: Function) -> dict[str, Any] | None:
    """What a chat in a row says for itself; None for a team that is no such chat."""
    statements = function.node.body if isinstance(function.node, ast.AsyncFunctionDef) else []
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id="task")], value=value):
                first = value.left if isinstance(value, ast.BinOp) else value
                own = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
                asks = agent_asked(function) is not None
                adds = any(isinstance(each, ast.AugAssign) for each in ast.walk(function.node))
                found: dict[str, Any] = {"message": own, "carryover": adds or isinstance(value, ast.BinOp)}
                found["summarised"] = "model" if asks else heard_of(function)
                return found | ({"summary_prompt": prompt_of(function)} if asks else {})
    return None
