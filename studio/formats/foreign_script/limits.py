"""Functions that end a conversation by more than words: several tests one of which is enough, and limits of time, money and tokens."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from studio.formats.foreign_script.functions import value_of
from studio.formats.foreign_script.rules import Words, words_of_test
from studio.formats.python_reading.values import Function

_CLOCK = re.compile(r"time\.(?:monotonic|time|perf_counter)\(\) - \w+")
_USAGE = r"(?:\w+\.)?gather_usage_summary\(.*\)\['usage_including_cached_inference'\]"
_MONEY = re.compile(rf"{_USAGE}\['total_cost'\]|dollars\(\[.*\]\)", re.DOTALL)
_TOKENS = re.compile(rf"tokens\((?:{_USAGE}|\[.*\]), '(total|prompt|completion)_tokens'\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Limit:
    """A stop rule of ours with its one field that says how much is too much."""

    kind: str
    field: str
    value: float


def tests_of(function: Function) -> list[Words | Limit] | None:
    """The tests of a function of one message any of which ends it; None where one of them is something of its own."""
    tests = _tests(function)
    if not tests or not function.parameters:
        return None
    found: list[Words | Limit] = []
    for each in tests:
        rule = _limit(each) or words_of_test(each, function.parameters[0])
        if rule is None:
            return None
        found.append(rule)
    function.taken = True
    for name in ("tokens", "dollars"):
        # What our own exports count with; what it calls is in the rule.
        if f"{name}([" in function.source and isinstance(counting := value_of(function, name), Function):
            counting.taken = True
    return found


def _tests(function: Function) -> list[ast.expr]:
    if isinstance(function.node, ast.Lambda):
        return _either(function.node.body)
    tests: list[ast.expr] = []
    statements = [each for each in function.node.body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))]
    for each in statements[:-1]:
        ends = each.body[0] if isinstance(each, ast.If) and len(each.body) == 1 and not each.orelse else None
        if not isinstance(each, ast.If) or not isinstance(ends, ast.Return) or not _is_true(ends.value):
            return []
        tests += _either(each.test)
    last = statements[-1] if statements else None
    return [*tests, *_either(last.value)] if isinstance(last, ast.Return) and last.value is not None else []


def _either(node: ast.expr) -> list[ast.expr]:
    if not isinstance(node, ast.BoolOp) or not isinstance(node.op, ast.Or):
        return [node]
    return [inner for each in node.values for inner in _either(each)]


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _limit(node: ast.expr) -> Limit | None:
    if not isinstance(node, ast.Compare) or len(node.ops) != 1 or not isinstance(node.ops[0], ast.Gt | ast.GtE):
        return None
    most = node.comparators[0]
    value = most.value if isinstance(most, ast.Constant) else None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e12:
        return None
    said = ast.unparse(node.left)
    if _CLOCK.fullmatch(said):
        return Limit("time_limit", "seconds", value)
    if _MONEY.fullmatch(said):
        return Limit("money_limit", "dollars", value)
    if (counted := _TOKENS.fullmatch(said)) is not None and isinstance(value, int):
        return Limit("token_limit", counted[1], value)
    return None
