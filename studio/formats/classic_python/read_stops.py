"""When conversations of classic scripts are over: by words, and by functions that are asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.flow.kinds import drawn_class
from studio.formats.autogen_components.bounds import nearest
from studio.formats.classic_python.read_calls import arguments, spot_of
from studio.formats.classic_python.read_roles import is_agent, is_person, mode_of, name_of, rule_for
from studio.formats.foreign_script.asking import last_message_rule
from studio.formats.foreign_script.limits import Limit, tests_of
from studio.formats.foreign_script.reading import ScriptReading, at
from studio.formats.foreign_script.rules import Words
from studio.formats.python_reading.values import Function, Record
from studio.texts import text


def draw_stops(reading: ScriptReading, team: str, records: list[Record]) -> None:
    """The rules of those who are no persons: persons end by their own word."""
    rules: list[tuple[str, str, Record]] = []
    for record in dict.fromkeys(records):
        rule = rule_for(record)
        if isinstance(rule, Words) and (rule.by or not is_person(record) or not is_agent(record) or nested_chats(record)):
            rules += [(word, rule.by, record) for word in rule.texts]
            if rule.how != "contains" or rule.folded:
                reading.tell("approximated", "end_word", spot_of(record, "is_termination_msg"), word=rule.texts[0])
        elif isinstance(rule, Function) and (tests := tests_of(rule)) is not None:
            for test in tests:
                if isinstance(test, Limit):
                    _limit(reading, team, rule, test)
                else:
                    rules += [(word, test.by, record) for word in test.texts]
        elif isinstance(rule, Function):
            _function(reading, team, record, rule)
    if not rules and not any(is_person(record) for record in records if is_agent(record)):
        spoken = [record for record in records if "TERMINATE" in str(arguments(record).looked("system_message") or "")]
        rules = [("TERMINATE", "", record) for record in spoken[:1]]
    for word, by in dict.fromkeys((word, by) for word, by, _ in rules):
        record = next(each for said, name, each in rules if (said, name) == (word, by))
        what = text("autogen.what.stop", name=text("kind.text_mention.name"))
        where = at(spot_of(record, "is_termination_msg"))
        config: dict[str, Any] = {} if word == "TERMINATE" else {"text": word}
        node = reading.node("text_mention", "", {**config, "sources": [by]} if by else config, what=what, at=where)
        reading.wire("stop", node, team)


def _limit(reading: ScriptReading, team: str, rule: Function, limit: Limit) -> None:
    value = limit.value
    if (bound := nearest(drawn_class(limit.kind), limit.field, value)) is not None:
        reading.tell_bound(value, bound, at(rule.spot), name=rule.name or "is_termination_msg", field=limit.field)
        value = bound
    what = text("autogen.what.stop", name=text(f"kind.{limit.kind}.name"))
    config = {limit.field: value} | ({"total": None} if limit.kind == "token_limit" and limit.field != "total" else {})
    node = reading.node(limit.kind, "", config, what=what, at=at(rule.spot))
    reading.wire("stop", node, team)


def _function(reading: ScriptReading, team: str, record: Record, rule: Function) -> None:
    alone = last_message_rule(reading.script, rule)
    what = text("autogen.what.stop", name=text("kind.function_rule.name"))
    node = reading.node("function_rule", "", {"source": alone.source}, what=what, at=at(rule.spot))
    reading.wire("stop", node, team)
    reading.say("decision", "rule_runs", at(rule.spot), (node,), remedy=True)
    if is_agent(record) and is_person(record) and mode_of(record) != "NEVER":
        reading.tell("approximated", "rule_stops", rule.spot, (node,), name=name_of(record))
    if alone.missing:
        missing = ", ".join(alone.missing)[:200]
        reading.tell("decision", "names_missing", rule.spot, (node,), remedy=True, name=alone.name, missing=missing)


def nested_chats(agent: Record) -> list[tuple[Record, list[Mapping[Any, Any]]]] | None:
    """The rows of chats that an agent holds before it answers."""
    found = []
    for call in agent.calls:
        if call.method == "register_nested_chats":
            queue = [each for each in _listed(arguments(call).get("chat_queue")) if isinstance(each, Mapping)]
            if queue:
                found.append((call, queue))
    return found or None


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
