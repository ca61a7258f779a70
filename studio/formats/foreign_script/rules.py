"""Functions that say whether it is over, or which way to go: the shapes that everybody writes become words, all others stay functions."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Literal

from studio.formats.python_reading.values import Function

_CONTENT = frozenset(("content", "text"))
_CALLS = frozenset(("tool_calls", "tool_responses", "function_call"))
_AS_TEXT = frozenset(("to_text", "to_model_text"))
_SAME = frozenset(("strip", "rstrip", "lstrip"))
_FOLDED = frozenset(("upper", "lower", "casefold"))


@dataclass(frozen=True, slots=True)
class Words:
    """What a message is looked through for: any of `texts`. `how` is exact for what was written, or wider than it.

    `by` is whose messages are looked through; empty for everybody's.
    """

    texts: tuple[str, ...]
    how: Literal["contains", "equals", "ends"] = "contains"
    folded: bool = False
    by: str = ""


@dataclass(frozen=True, slots=True)
class Never:
    """A rule that never holds."""


def rule_of(function: Function, by_name: bool = False) -> Words | Never | None:
    """What a function of one message looks for; None when it is something of its own. `by_name` is on where it may ask who said it."""
    body = _answer(function)
    rule = _rule(body, function.parameters[0]) if body is not None and function.parameters else None
    if isinstance(rule, Words) and rule.by and not by_name:
        rule = None
    function.taken = function.taken or rule is not None
    return rule


def words_of_test(node: ast.expr, message: str) -> Words | None:
    """What a test of a message looks for; None when it is something of its own."""
    rule = _rule(node, message)
    return rule if isinstance(rule, Words) else None


def opposite_of(function: Function) -> Words | None:
    """What a message must not say for a function to hold; None when it is something of its own."""
    rule = _opposite(function)
    function.taken = function.taken or rule is not None
    return rule


def _opposite(function: Function) -> Words | None:
    body = _answer(function)
    if body is None or not function.parameters:
        return None
    if isinstance(body, ast.UnaryOp) and isinstance(body.op, ast.Not):
        rule = _rule(body.operand, function.parameters[0])
        return rule if isinstance(rule, Words) else None
    if isinstance(body, ast.Compare) and len(body.ops) == 1 and isinstance(body.ops[0], ast.NotIn):
        said, words = _said(body.comparators[0], function.parameters[0]), _constant(body.left)
        return Words((words,), "contains", said) if said is not None and words else None
    return None


def _answer(function: Function) -> ast.expr | None:
    """What a function gives, if it does nothing else."""
    if isinstance(function.node, ast.Lambda):
        return function.node.body
    statements = [each for each in function.node.body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))]
    alone = statements[0] if len(statements) == 1 else None
    return alone.value if isinstance(alone, ast.Return) else None


def _rule(node: ast.expr, message: str) -> Words | Never | None:
    if isinstance(node, ast.Constant) and not node.value:
        return Never()
    if isinstance(node, ast.BoolOp):
        return _several(node, message)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "bool" and len(node.args) == 1:
        return _rule(node.args[0], message)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _compared(node, message)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("endswith", "__contains__") and node.args:
        said = _said(node.func.value, message)
        words = _constant(node.args[0])
        if said is not None and words:
            return Words((words,), "contains" if node.func.attr == "__contains__" else "ends", said)
    return None


def _several(node: ast.BoolOp, message: str) -> Words | Never | None:
    if isinstance(node.op, ast.Or):
        rules = [_rule(each, message) for each in node.values]
        found = [each for each in rules if isinstance(each, Words)]
        if len(found) == len(rules) and len({(each.how, each.by) for each in found}) == 1:
            return Words(
                tuple(word for each in found for word in each.texts), found[0].how, any(each.folded for each in found), found[0].by
            )
        return None
    # `m.get("content") and "DONE" in m["content"]`: that there is something to look through goes without saying.
    telling = [each for each in node.values if not _is_there(each, message)]
    names = [name for each in telling if (name := _said_by(each, message))]
    telling = [each for each in telling if not _said_by(each, message)]
    rule = _rule(telling[0], message) if len(telling) == 1 and len(names) < 2 else None
    return replace(rule, by=names[0]) if names and isinstance(rule, Words) and not rule.by else None if names else rule


def _said_by(node: ast.expr, message: str) -> str:
    """Whose message it has to be: `m.get("name") == "critic"`; empty for anything else."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq):
        return ""
    for one, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
        owner, key = None, None
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr == "get" and one.args:
            owner, key = one.func.value, _constant(one.args[0])
        elif isinstance(one, ast.Subscript):
            owner, key = one.value, _constant(one.slice)
        if owner is not None and key == "name" and _is_message(owner, message):
            return _constant(other) or ""
    return ""


def _is_there(node: ast.expr, message: str) -> bool:
    if _said(node, message) is not None or (isinstance(node, ast.Name) and node.id == message):
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "hasattr"):
        return True
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        # What tools gave is not what anybody said: `not m.get("tool_responses")`.
        asked = node.operand
        given = isinstance(asked, ast.Call) and isinstance(asked.func, ast.Attribute) and asked.func.attr == "get"
        return given and isinstance(asked, ast.Call) and bool(asked.args) and _constant(asked.args[0]) in _CALLS
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        none = isinstance(node.comparators[0], ast.Constant) and not node.comparators[0].value
        inside = isinstance(node.ops[0], ast.In) and _constant(node.left) in _CONTENT and isinstance(node.comparators[0], ast.Name)
        there = _is_message(node.left, message) or _said(node.left, message) is not None
        return inside or (none and isinstance(node.ops[0], ast.IsNot | ast.NotEq) and there)
    return False


def _compared(node: ast.Compare, message: str) -> Words | Never | None:
    left, right, op = node.left, node.comparators[0], node.ops[0]
    if isinstance(op, ast.In):
        said, words = _said(right, message), _constant(left)
        return Words((words,), "contains", said) if said is not None and words else None
    if isinstance(op, ast.Eq):
        for one, other in ((left, right), (right, left)):
            said, words = _said(one, message), _constant(other)
            if said is not None and words:
                return Words((words,), "equals", said)
    # `m["content"].find("DONE") >= 0`
    found = isinstance(op, ast.GtE | ast.Gt | ast.NotEq) and isinstance(left, ast.Call)
    if found and isinstance(left, ast.Call) and isinstance(left.func, ast.Attribute) and left.func.attr == "find" and left.args:
        said, words = _said(left.func.value, message), _constant(left.args[0])
        return Words((words,), "contains", said) if said is not None and words else None
    return None


def _said(node: ast.expr, message: str) -> bool | None:
    """Whether an expression is what a message says: False as it is, True with its case folded; None for anything else."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) and len(node.values) == 2 and _constant(node.values[1]) == "":
        return _said(node.values[0], message)
    if isinstance(node, ast.Subscript) and _constant(node.slice) in _CONTENT:
        return False if _is_message(node.value, message) else None
    if isinstance(node, ast.Attribute) and node.attr in _CONTENT:
        return False if _is_message(node.value, message) else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str" and len(node.args) == 1:
        return False if _is_message(node.args[0], message) else _said(node.args[0], message)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        method, owner = node.func.attr, node.func.value
        if method == "get" and node.args and _constant(node.args[0]) in _CONTENT:
            return False if _is_message(owner, message) else None
        if method in _AS_TEXT and _is_message(owner, message):
            return False
        if method in _SAME:
            return _said(owner, message)
        if method in _FOLDED:
            return None if _said(owner, message) is None else True
    return None


def _is_message(node: ast.expr, message: str) -> bool:
    """The message itself, or the last one of a list of messages."""
    if isinstance(node, ast.Subscript):
        minus_one = isinstance(node.slice, ast.UnaryOp) and isinstance(node.slice.op, ast.USub)
        return minus_one and isinstance(node.value, ast.Name) and node.value.id == message
    return isinstance(node, ast.Name) and node.id == message


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
