"""When a person is asked before a tool is called: always, never, or when the arguments match rules of a small language.

A rule is `argument operator value`, one a line:

    amount > 100
    path starts with /etc
    command contains rm
    message.to is not boss@example.com
    query matches ^drop\\s
    any contains password
    delete_*

The argument may lie deeper (`message.to`, `files.0`), or be `any`, every text and number in the arguments. The operators are
`is`, `is not`, `contains`, `starts with`, `ends with`, `matches` (a regular expression), and = != > >= < <=. A line that is only a
word is the name of a tool, where * stands for anything. Letters count alike in either case. Nothing is ever evaluated, and what
cannot be decided is asked.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from studio.engine.code.arguments import read_arguments
from studio.engine.code.calling import BadArguments, shortened
from studio.engine.component import Widget
from studio.engine.patterns import checked
from studio.texts import text

Approval = Literal["never", "always", "matching"]

MAX_RULES = 50
MAX_RULE = 300
MAX_MATCHED = 500
"""Characters that a regular expression is tried on: a longer text counts as matching, since trying could take for ever."""
MAX_SHOWN = 20_000
"""Characters of arguments that a question shows."""

_RULE = re.compile(
    r"\s*(?P<argument>[\w.\-]+)\s*"
    r"(?P<operator>>=|<=|!=|==?|>|<|\b(?:is not|is|contains|starts with|ends with|matches)\b)\s*(?P<value>.*?)\s*\Z",
    re.IGNORECASE,
)
_TOOL = re.compile(r"\s*[\w*.\-]+\s*\Z")
_SAME = {"==": "=", "is": "=", "is not": "!="}


@dataclass(frozen=True, slots=True)
class _Rule:
    """`operator` is empty for the name of a tool, which is `value`."""

    argument: str
    operator: str
    value: str


@lru_cache(maxsize=512)
def _read(rule: str) -> _Rule:
    """Raises ValueError with a sentence."""
    if len(rule) > MAX_RULE:
        raise ValueError(text("engine.approval.rule_too_long", limit=MAX_RULE))
    if found := _RULE.match(rule):
        operator = " ".join(found["operator"].lower().split())
        if not found["value"]:
            raise ValueError(text("engine.approval.rule_without_value", rule=rule.strip(), operator=operator))
        if operator == "matches":
            checked(found["value"])
        return _Rule(found["argument"], _SAME.get(operator, operator), found["value"])
    if _TOOL.match(rule):
        return _Rule("", "", rule.strip())
    raise ValueError(text("engine.approval.no_rule", rule=rule.strip()[:80]))


def _readable(rules: tuple[str, ...]) -> tuple[str, ...]:
    for rule in rules:
        _read(rule)
    return rules


AskFirst = Annotated[Approval, Field(title="Ask me before each call")]
"""The field of a tool that says when a person is asked."""

AskWhen = Annotated[
    tuple[str, ...],
    AfterValidator(_readable),
    Field(
        title="Ask when",
        description="For 'when arguments match': one rule a line, such as `amount > 100`, `path starts with /etc` or `delete_*`.",
        max_length=MAX_RULES,
    ),
    Widget("lines", advanced=True, placeholder="amount > 100"),
]
"""The field of a tool that holds the rules."""


def must_ask(approval: Approval, rules: Sequence[str], name: str, arguments: str) -> bool:
    """Whether a person must agree to the call of `name` with these arguments, JSON text as a model wrote it.

    Arguments that cannot be read need nobody: the call will fail.
    """
    if approval != "matching":
        return approval == "always"
    try:
        values = read_arguments(arguments)
    except BadArguments:
        return False
    return any(_holds(_read(rule), name, values) for rule in rules)


def _holds(rule: _Rule, name: str, arguments: dict[str, Any]) -> bool:
    if not rule.operator:
        return fnmatch.fnmatchcase(name.casefold(), rule.value.casefold())
    found = list(_leaves(arguments)) if rule.argument.casefold() == "any" and "any" not in arguments else _at(arguments, rule.argument)
    return any(_compares(value, rule) for value in found)


def _at(arguments: dict[str, Any], path: str) -> list[Any]:
    """The value at a path; all leaves of it when it is a list or an object. Nothing when it is not there."""
    value: Any = arguments
    if path in arguments:
        value = arguments[path]
    else:
        for part in path.split("."):
            if isinstance(value, dict) and part in value:
                value = value[part]
            elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            else:
                return []
    return list(_leaves(value))


def _leaves(value: Any) -> Iterator[Any]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
        else:
            yield each


def _compares(value: Any, rule: _Rule) -> bool:
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    low, wanted = said.casefold(), rule.value.casefold()
    match rule.operator:
        case "contains":
            return wanted in low
        case "starts with":
            return low.startswith(wanted)
        case "ends with":
            return low.endswith(wanted)
        case "matches":
            return len(said) > MAX_MATCHED or re.search(rule.value, said, re.IGNORECASE) is not None
        case "=" | "!=":
            number, limit = _number(said), _number(rule.value)
            same = low == wanted or (number is not None and number == limit)
            return same == (rule.operator == "=")
    return _ordered(said, rule)


def _ordered(said: str, rule: _Rule) -> bool:
    """Numbers by size, other texts (dates) by their letters; a text where a number is due counts as matching."""
    number, limit = _number(said), _number(rule.value)
    if limit is None:
        left, right = said.casefold(), rule.value.casefold()
        return {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[rule.operator]
    if number is None:
        return True
    return {">": number > limit, ">=": number >= limit, "<": number < limit, "<=": number <= limit}[rule.operator]


def _number(said: str) -> float | None:
    try:
        number = float(said.replace("_", "x"))
    except ValueError:
        return None
    return number if number == number else None


# What the person sees and answers -------------------------------------------------------------------------------------


def shown_arguments(arguments: str) -> str:
    """Arguments as a person reads and edits them: indented JSON, or the text itself when it is none."""
    try:
        values = read_arguments(arguments)
    except BadArguments:
        return shortened(arguments, MAX_SHOWN)
    shown = json.dumps(values, ensure_ascii=False, indent=2)
    return shown if len(shown) <= MAX_SHOWN else shortened(shown, MAX_SHOWN)


def edited_arguments(arguments: str, answer: str) -> str:
    """The arguments to call with after a person agreed: those in the answer's text if it holds any, else the model's own.

    Raises BadArguments when the answer's text is no JSON object: the question must be asked again.
    """
    if not answer.strip() or answer.strip() == shown_arguments(arguments).strip():
        return arguments
    return json.dumps(read_arguments(answer), ensure_ascii=False)


__all__ = ["Approval", "AskFirst", "AskWhen", "edited_arguments", "must_ask", "shown_arguments"]
