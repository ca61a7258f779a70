"""To whom agents of classic scripts hand over, and when: by their models' choice, by the group's variables, and after their work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.engine.expressions import ExpressionError, parse
from studio.formats.classic_python.read_calls import arguments
from studio.formats.classic_python.read_roles import is_agent, name_of
from studio.formats.python_reading.values import Imported, Record

END = "terminate"
"""Whom an agent hands over to where AG2 ends the conversation: nobody of the team, and a stop rule waits for it."""

_BY_MODEL = ("add_llm_condition", "add_llm_conditions")
_BY_VARIABLES = ("add_context_condition", "add_context_conditions")
_EITHER = ("register_hand_off", "register_handoff", "register_handoffs", "add", "add_many")
WAYS = (*_BY_MODEL, *_BY_VARIABLES, *_EITHER)
"""Calls that say whom an agent hands over to while it works."""

AFTER = ("set_after_work", "add_after_work", "add_after_works")
"""Calls that say who goes on when an agent has spoken and handed over to nobody."""

_ENDS = ("TerminateTarget", "TERMINATE")
_USER = ("RevertToUserTarget", "AskUserTarget", "REVERT_TO_USER")
_NAMED = ("AgentTarget", "AgentNameTarget", "AfterWork")
_OWN_NAMES = re.compile(r"\$\{\s*(last|speaker)\s*\}")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_LITERAL = re.compile(r"('[^']*'|\"[^\"]*\")")


@dataclass(slots=True)
class Group:
    """The group whose agents are drawn: what its user agent is called, and whether somebody ends the conversation by handing over.

    `nested` are the chats to which an agent hands over: the call that says so, the agent, and what the team of these chats is called.
    """

    user: str = ""
    ends: bool = False
    nested: dict[int, tuple[Record, Record, str]] = field(default_factory=dict)

    def nested_in(self, target: Record, agent: Record) -> str:
        """The name of the team of chats that a target means."""
        if id(target) not in self.nested:
            self.nested[id(target)] = (target, agent, f"{name_of(agent)}_chats{len(self.nested) + 1 if self.nested else ''}")
        return self.nested[id(target)][2]


@dataclass(slots=True)
class Ways:
    """Whom an agent hands over to. `offered` are words for its model by name, `held` what has to hold for these to be offered.

    `by_itself` are conditions by the name of the one who goes on when they hold, before the model is asked. `after` are those that
    are looked at when it has spoken: (condition, name). `read` are the calls of these ways, `unread` of those that cannot be said so.
    """

    offered: dict[str, str] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    by_itself: dict[str, str] = field(default_factory=dict)
    after: list[tuple[str, str]] = field(default_factory=list)
    read: list[Record] = field(default_factory=list)
    unread: list[Record] = field(default_factory=list)

    def config(self) -> dict[str, Any]:
        """As the fields of an assistant hold them."""
        found = {
            "handoffs": list(self.offered),
            "handoff_when": {name: words for name, words in self.offered.items() if words},
            "handoff_while": self.held,
            "handoff_if": self.by_itself,
        }
        return {name: value for name, value in found.items() if value}

    @property
    def ends(self) -> bool:
        """Whether one of them ends the conversation."""
        return END in self.offered or END in self.by_itself


def ways_of(agent: Record, group: Group) -> Ways:
    """Whom an agent may hand over to, and when."""
    ways = Ways()
    for call in agent.calls:
        if call.method not in (*WAYS, *AFTER):
            continue
        places: list[tuple[int | str, Any]] = [*enumerate(call.args), *call.kwargs.items()]
        given = [(key, each) for key, value in places for each in _list(value)]
        for _, each in given:
            if not isinstance(each, Record):
                continue
            if each.method in ("OnCondition", "ON_CONDITION"):
                _by_model(ways, each, agent, group)
            elif each.method == "OnContextCondition":
                _by_variables(ways, each, agent, group, after=call.method in AFTER)
        if all(isinstance(each, Record) for _, each in given):
            call.take(*dict.fromkeys(key for key, _ in given))
    return ways


def target_of(value: Any, user: str | None = None) -> str:
    """The name of the agent that a target means; empty for one that is no agent.

    Where `user` is given, that of the group's user agent or empty, ways to the user and to the end are names too.
    """
    if isinstance(value, Record) and value.method in _NAMED:
        inner = _first(value)
        return str(inner) if isinstance(inner, str) else target_of(inner, user)
    if is_agent(value):
        return name_of(value)
    if user is None:
        return ""
    called = value.method if isinstance(value, Record) else value.name if isinstance(value, Imported) else ""
    if isinstance(value, Record) and called in (*_ENDS, *_USER):
        value.take()
    return END if called in _ENDS else user or END if called in _USER else ""


def _led_to(target: Any, agent: Record, group: Group) -> str:
    """The name of the one to whom a way leads; chats of the agent's own are a team of their own."""
    if isinstance(target, Record) and target.method == "NestedChatTarget" and chats_of(target):
        return group.nested_in(target, agent)
    return target_of(target, group.user)


def chats_of(target: Record) -> list[Mapping[Any, Any]]:
    """The chats that a NestedChatTarget holds."""
    said = target.look("nested_chat_config", 0)
    queue = said.get("chat_queue") if isinstance(said, Mapping) else None
    return [each for each in queue if isinstance(each, Mapping)] if isinstance(queue, list | tuple) else []


def _by_model(ways: Ways, record: Record, agent: Record, group: Group) -> None:
    said = arguments(record, "OnCondition")
    target = _led_to(said.get("target"), agent, group)
    words = said.get("condition")
    if isinstance(words, Record):
        words = _first(words)
    if isinstance(words, Record):  # a ContextStr
        words = _first(words)
    held = _condition(said.get("available"))
    if not target or held is None:
        ways.unread.append(record)
        return
    ways.read.append(record)
    words = str(words) if isinstance(words, str) else ""
    if target in ways.offered:
        # One tool leads to one agent: it says both, and is there while one of both is.
        words = "\n".join(each for each in (ways.offered[target], words) if each)
        held = f"({ways.held[target]}) or ({held})" if held and target in ways.held else ""
        ways.held.pop(target, None)
    ways.offered[target] = words
    if held:
        ways.held[target] = held


def _by_variables(ways: Ways, record: Record, agent: Record, group: Group, *, after: bool) -> None:
    said = arguments(record, "OnContextCondition")
    target = _led_to(said.get("target"), agent, group)
    asked = [_condition(said.get(name)) for name in ("available", "condition")]
    conditions = [each for each in asked if each]
    condition = " and ".join(f"({each})" for each in conditions) if len(conditions) > 1 else next(iter(conditions), "True")
    if not target or None in asked or not _can_be_read(condition):
        ways.unread.append(record)
        return
    if after:
        ways.after.append((condition, target))
        return
    ways.read.append(record)
    if target in ways.by_itself:
        condition = f"({ways.by_itself[target]}) or ({condition})"
    ways.by_itself[target] = condition


def _condition(value: Any) -> str | None:
    """A condition over variables as an expression of ours; empty where nothing is said, None for one that cannot be read."""
    if value is None:
        return ""
    if isinstance(value, Record) and value.method in ("ExpressionAvailableCondition", "ExpressionContextCondition"):
        return _condition(_first(value))
    if isinstance(value, Record) and value.method == "ContextExpression":
        words = _first(value)
        found = _in_words(words) if isinstance(words, str) else ""
        return found if _can_be_read(found) and not _OWN_NAMES.search(words) else None
    if isinstance(value, Record) and value.method in ("StringAvailableCondition", "StringContextCondition"):
        value = _first(value)
    if isinstance(value, str) and _VARIABLE.fullmatch(value) and value not in ("last", "speaker"):
        return value
    return None


def _in_words(expression: str) -> str:
    """AG2 takes `!`, `&` and `|` for not, and, or."""
    parts = _LITERAL.split(expression)
    for index in range(0, len(parts), 2):
        parts[index] = re.sub(r"!\s*(\$\{|\()", r"not \1", parts[index])
        parts[index] = re.sub(r"\s+\|\s+", " or ", re.sub(r"\s+&\s+", " and ", parts[index]))
        parts[index] = re.sub(r"\$\{\s*([A-Za-z_]\w*)\s*\}", r"\1", parts[index])
    return "".join(parts).strip()


def _can_be_read(expression: str) -> bool:
    try:
        parse(expression)
    except ExpressionError:
        return False
    return True


def _first(record: Record) -> Any:
    """The one thing that a call is given."""
    given = arguments(record)
    if given:
        return given.get(next(iter(given)))
    record.take(0)
    return record.look("", 0)


def _list(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, Mapping) else list(value) if isinstance(value, list | tuple | set) else [value]
