"""Operators between plain values, within bounds."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Any

from studio.formats.python_reading.known_calls import NOT_WORKED_OUT, with_holes
from studio.formats.python_reading.scopes import MAX_ITEMS, Budget
from studio.formats.python_reading.values import Class, Function, Imported, Instance, Member, Record, Text, Unknown, is_known, is_small

_OBJECTS = (Record, Instance, Function, Class)
"""What is made once: each call of the script gives another one."""

_NUMBERS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_LARGE = 10**18
_WIDE = re.compile(r"%[^%a-zA-Z]*\d{4}")


def truth(value: Any) -> bool | None:
    """Whether a value counts as true; None when only running would tell."""
    if isinstance(value, (Function, Class, Imported, Instance)):
        return True
    if isinstance(value, Text):
        return True
    if isinstance(value, (list, tuple, set)) and value and all(isinstance(each, Unknown | Member) for each in value):
        # What is not known stands for all that there is, which may be nothing.
        return None
    if value is None or isinstance(value, (bool, int, float, str, list, tuple, dict, set)):
        return bool(value)
    return None


def unary(op: ast.unaryop, value: Any) -> Any:
    """What an operator before a value gives, or NOT_WORKED_OUT."""
    if isinstance(op, ast.Not):
        known = truth(value)
        return NOT_WORKED_OUT if known is None else not known
    if isinstance(op, (ast.USub, ast.UAdd)) and isinstance(value, (int, float)):
        return -value if isinstance(op, ast.USub) else value
    return NOT_WORKED_OUT


def binary(op: ast.operator, left: Any, right: Any, budget: Budget) -> Any:
    """What an operator between two values gives, or NOT_WORKED_OUT."""
    try:
        if isinstance(left, (int, float)) and isinstance(right, (int, float)):
            return _numbers(op, left, right)
        if isinstance(left, str):
            return _texts(op, left, right, budget)
        if isinstance(left, (list, tuple)):
            return _lists(op, left, right)
        if isinstance(left, dict) and isinstance(right, dict) and isinstance(op, ast.BitOr):
            return left | right if len(left) + len(right) <= MAX_ITEMS else NOT_WORKED_OUT
        if isinstance(left, set) and isinstance(right, set) and isinstance(op, (ast.BitOr, ast.Sub, ast.BitAnd)):
            return left | right if isinstance(op, ast.BitOr) else left - right if isinstance(op, ast.Sub) else left & right
    except (TypeError, ValueError, ArithmeticError):
        pass
    return NOT_WORKED_OUT


def _numbers(op: ast.operator, left: Any, right: Any) -> Any:
    if isinstance(op, ast.Pow):
        small = abs(left) <= 1_000 and isinstance(right, (int, float)) and 0 <= right <= 12
        return left**right if small else NOT_WORKED_OUT
    work = _NUMBERS.get(type(op))
    if work is None or abs(left) > _LARGE or abs(right) > _LARGE:
        return NOT_WORKED_OUT
    return work(left, right)


def _texts(op: ast.operator, left: str, right: Any, budget: Budget) -> Any:
    if isinstance(op, ast.Add) and isinstance(right, str):
        return with_holes(str(left) + str(right), left, right) if budget.write(len(left) + len(right)) else NOT_WORKED_OUT
    if isinstance(op, ast.Mult) and isinstance(right, int):
        return with_holes(str(left) * right, left) if budget.write(len(left) * max(0, right)) else NOT_WORKED_OUT
    if isinstance(op, ast.Mod) and is_known(right) and is_small(right) and not _WIDE.search(left) and "*" not in left:
        return with_holes(str(left) % right, left)
    return NOT_WORKED_OUT


def _lists(op: ast.operator, left: Any, right: Any) -> Any:
    if isinstance(op, ast.Add) and type(left) is type(right) and len(left) + len(right) <= MAX_ITEMS:
        return left + right
    if isinstance(op, ast.Mult) and isinstance(right, int) and len(left) * max(0, right) <= MAX_ITEMS:
        return left * right
    return NOT_WORKED_OUT


def compare(op: ast.cmpop, left: Any, right: Any) -> bool | None:
    """Whether a comparison holds; None when only running would tell."""
    if isinstance(op, (ast.Is, ast.IsNot)) and (right is None or left is None):
        if left is None and right is None:
            same = True
        elif is_known(left) and is_known(right):
            same = False
        else:
            return None
        return same is isinstance(op, ast.Is)
    if isinstance(op, (ast.Is, ast.IsNot)) and isinstance(left, _OBJECTS) and isinstance(right, _OBJECTS):
        return (left is right) is isinstance(op, ast.Is)
    if not (is_known(left) and is_known(right) and is_small(left) and is_small(right)):
        return None
    try:
        if isinstance(op, (ast.In, ast.NotIn)):
            return (left in right) is isinstance(op, ast.In)
        work = _ORDER.get(type(op))
        return bool(work(left, right)) if work is not None else None
    except (TypeError, RecursionError):
        return None
