"""Functions of a conversation that say whether it is over, as our own exports for Agent Framework and most people write them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from studio.formats.foreign_script.functions import standing, value_of
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Function

_TOKENS = {"total_token_count": "total", "input_token_count": "prompt", "output_token_count": "completion"}
_MESSAGE = r"(?:last|each|\w+\[-1\])"
_NOT_THE_TASK = re.compile(rf"{_MESSAGE}\.author_name is not None|len\(\w+\) > 1")
_BY_ONE = re.compile(rf"{_MESSAGE}\.author_name == (.+)")
_BY_SEVERAL = re.compile(rf"{_MESSAGE}\.author_name in (\(.+\))")
_PERSON = re.compile(rf"{_MESSAGE}\.author_name not in \(None, .+\)")
_SAYS = re.compile(rf"(.+) in {_MESSAGE}\.text", re.DOTALL)
_LONG = re.compile(r"len\(\w+\) > (\d{1,9})")
_HANDED = re.compile(r"(?:bool\(handed_to\) and handed_to\[(?:-1|0)\] in|handed_to\[(?:-1:|:1)\] ==) (\[.*\])")
_CLOCK = re.compile(r"time\.monotonic\(\) - began > ([\d.]+(?:e[+-]?\d+)?)")
_USED = re.compile(r"used_tokens\.get\('(\w+)', 0\) >= (\d{1,18})")
_CALLED = re.compile(r"(?:(.+) in called_tools|bool\(called_tools\))")
_ENDS = re.compile(rf"not \w+\[{_MESSAGE}\.author_name\]|not handed_to|not \w*ready\w*|\w*chosen\w*\[-1\] is None")
_TOLD = "each.author_name or 'user'"
"""How functions of a flow are told who said something."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A stop rule. `parts` are those that must all have been met."""

    kind: str
    config: dict[str, Any] = field(default_factory=dict)
    parts: tuple[Rule, ...] = ()


def rules_of(script: Script, function: Function) -> list[Rule]:
    """The rules that a function looks for, any of which ends it. `function.taken` tells whether that is all that it does."""
    reading = _Reading(script, function)
    found = [reading.rules(test) for test in _tests(function)]
    function.taken = function.taken or all(rules is not None for rules in found)
    return [rule for rules in found for rule in rules or ()]


def _tests(function: Function) -> Iterator[ast.expr]:
    if isinstance(function.node, ast.Lambda):
        yield from _any(function.node.body)
        return
    for statement in function.node.body:
        if isinstance(statement, ast.Return) and statement.value is not None:
            yield from _any(statement.value)
        elif isinstance(statement, ast.If) and [ast.unparse(each) for each in statement.body] == ["return True"]:
            yield statement.test


def _any(test: ast.expr) -> list[ast.expr]:
    return test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or) else [test]


class _Reading:
    def __init__(self, script: Script, function: Function) -> None:
        self._script = script
        self._function = function

    def rules(self, test: ast.expr) -> list[Rule] | None:
        """The rules of a test; none for what only says where a way of choosing ends, None for a test that is something else."""
        written = ast.unparse(test)
        if (handed := _HANDED.fullmatch(written)) is not None:
            targets = _plain(handed[1])
            return [Rule("hand_off", {"target": str(target)}) for target in targets] if isinstance(targets, list) else None
        if used := _USED.findall(written):
            return [Rule("token_limit", {_TOKENS[name]: int(limit) for name, limit in used if name in _TOKENS})]
        parts = _all(test)
        said = [ast.unparse(part) for part in parts]
        if any(_ENDS.fullmatch(each) or _PERSON.fullmatch(each) for each in said):
            # Where no arrow leads on, nobody was handed over to, or a person whose end word it is would end it.
            return []
        if len(parts) > 1 and any(isinstance(part, ast.Call) for part in parts):
            inner = [self._rule([part]) for part in parts]
            return [Rule("all_of", {}, tuple(rule for rule in inner if rule is not None))] if None not in inner else None
        rule = self._rule(parts)
        return [rule] if rule is not None else None

    def _rule(self, parts: list[ast.expr]) -> Rule | None:
        """The rule of what must all hold of a message."""
        said = [ast.unparse(part) for part in parts]
        if len(parts) == 1:
            match parts[0]:
                case ast.Call(func=ast.Name(id="any"), args=[ast.GeneratorExp(elt=test)]):
                    return self._rule(_all(test))
            if (asked := self._asked(parts[0])) is not None:
                return asked
            if (clock := _CLOCK.fullmatch(said[0])) is not None:
                return Rule("time_limit", {"seconds": float(clock[1])})
            if (called := _CALLED.fullmatch(said[0])) is not None:
                return Rule("tool_used", {"name": _plain(called[1])} if called[1] else {})
            if (long := _LONG.fullmatch(said[0])) is not None:
                return Rule("max_messages", {"max_messages": int(long[1])})
        sources: list[str] = []
        words = None
        for each in said:
            if _NOT_THE_TASK.fullmatch(each):
                continue
            if (one := _BY_ONE.fullmatch(each)) is not None:
                sources.append(str(_plain(one[1])))
            elif (several := _BY_SEVERAL.fullmatch(each)) is not None:
                sources += [str(name) for name in _plain(several[1]) or ()]
            elif (says := _SAYS.fullmatch(each)) is not None and words is None and isinstance(_plain(says[1]), str):
                words = str(_plain(says[1]))
            else:
                return None
        by = {"sources": sources} if sources else {}
        return Rule("text_mention", {"text": words, **by}) if words is not None else Rule("said_by", by)

    def _asked(self, test: ast.expr) -> Rule | None:
        """The rule of a function of the flow that is asked."""
        call = test.value if isinstance(test, ast.Await) else test
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or _TOLD not in ast.unparse(call):
            return None
        function = value_of(self._function, call.func.id)
        return Rule("function_rule", {"source": standing(self._script, function).source}) if isinstance(function, Function) else None


def _all(test: ast.expr) -> list[ast.expr]:
    return test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]


def _plain(written: str) -> Any:
    try:
        return ast.literal_eval(written)
    except (ValueError, SyntaxError):
        return None
