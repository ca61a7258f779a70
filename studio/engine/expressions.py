"""A small language for conditions in a drawing: comparisons over context variables and the last message, read with `ast`, never executed.

    visits >= 3 and not approved
    "yes" in last and len(items) > 0
    ${topic} == "billing"

Names are context variables, with or without `${}`; a variable that is not set is None. `last` is the text of the last message,
`speaker` who said it. There are literals, lists, `and`, `or`, `not`, comparisons, `in`, `+ - * / %`, and the functions len, lower,
upper, int, float, str, any and all; the length of what has none is 0. The idea of `${}` is AG2's ContextExpression.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator

from studio.engine.errors import FlowError
from studio.engine.parsing import parsed_expression
from studio.texts import text

MAX_EXPRESSION = 1_000
"""Characters of an expression."""

MAX_TEXT = 100_000
"""Characters and items that a value may grow to."""

_VARIABLE = re.compile(r"\$\{\s*([A-Za-z_]\w*)\s*\}")

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_CALCULATE: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "len": lambda value: len(value) if isinstance(value, str | list | tuple | dict) else 0,
    "lower": lambda value: str(value).lower(),
    "upper": lambda value: str(value).upper(),
    "int": int,
    "float": float,
    "str": str,
    "any": any,
    "all": all,
}


class ExpressionError(FlowError):
    code = "expression"

    def __init__(self, sentence: str) -> None:
        super().__init__(text("engine.expression.where"), sentence, text("engine.expression.remedy"))


def parse(expression: str) -> ast.expr:
    """The tree of an expression that holds nothing but what the language has. Raises ExpressionError."""
    return _parsed(expression)


@lru_cache(maxsize=1_024)
def _parsed(expression: str) -> ast.expr:
    if len(expression) > MAX_EXPRESSION:
        raise ExpressionError(text("engine.expression.too_long", expression=_shown(expression), limit=MAX_EXPRESSION))
    try:
        tree = parsed_expression(_VARIABLE.sub(r"\1", expression).strip())
        _check(tree, expression)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError(text("engine.expression.unreadable", expression=_shown(expression))) from None
    return tree


def _readable(expression: str) -> str:
    """For fields: raises ValueError for what cannot be read. Nothing at all may stand there."""
    if expression.strip():
        try:
            parse(expression)
        except ExpressionError as mistake:
            raise ValueError(str(mistake)) from None
    return expression.strip()


Expression = Annotated[str, AfterValidator(_readable)]
"""A condition as a field of a component."""


def _shown(expression: str) -> str:
    return expression[:200]


def holds(expression: str, variables: Mapping[str, Any], *, last: str = "", speaker: str = "") -> bool:
    """Whether a condition is true. What cannot be compared is not true. Raises ExpressionError for what cannot be read."""
    tree = parse(expression)
    try:
        return bool(_value(tree, {**variables, "last": last, "speaker": speaker}))
    except (TypeError, ValueError, ArithmeticError, KeyError, IndexError, RecursionError):
        return False


def _check(node: ast.AST, expression: str) -> None:
    match node:
        case ast.Constant(value=str() | int() | float() | bool() | None) | ast.Name():
            return
        case ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            pass
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=inner):
            parts = [inner]
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            parts = [left, right]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _CALCULATE:
            parts = [left, right]
        case ast.Compare(left=left, comparators=comparators):
            parts = [left, *comparators]
        case ast.Subscript(value=value, slice=index):
            parts = [value, index]
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            parts = [argument]
        case _:
            foreign = ast.unparse(node)[:80]
            raise ExpressionError(text("engine.expression.foreign", expression=_shown(expression), part=foreign))
    for part in parts:
        _check(part, expression)


def _value(node: ast.AST, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return names.get(name)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_value(each, names) for each in values)
        case ast.BoolOp(values=values):
            return any(_value(each, names) for each in values)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return not _value(inner, names)
        case ast.UnaryOp(operand=inner):
            return -_value(inner, names)
        case ast.BinOp(left=left, op=op, right=right):
            return _calculated(op, _value(left, names), _value(right, names))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            values = [_value(left, names), *(_value(each, names) for each in comparators)]
            return all(_COMPARE[type(op)](values[index], values[index + 1]) for index, op in enumerate(ops))
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [_value(each, names) for each in elements]
        case ast.Subscript(value=value, slice=index):
            return _value(value, names)[_value(index, names)]
        case ast.Call(func=ast.Name(id=name), args=[argument]):
            return _FUNCTIONS[name](_value(argument, names))
    raise TypeError(type(node).__name__)


def _calculated(op: ast.operator, left: Any, right: Any) -> Any:
    if isinstance(op, ast.Mult):
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            raise TypeError("only numbers are multiplied")  # a text times a number would grow without bounds
        return left * right
    if isinstance(op, ast.Mod) and not isinstance(left, int | float):
        raise TypeError("only numbers have remainders")
    value = _CALCULATE[type(op)](left, right)
    if isinstance(value, str | list) and len(value) > MAX_TEXT:
        raise ValueError("too long")
    return value
