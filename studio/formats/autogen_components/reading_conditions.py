"""Stop rules, one alone or combined."""

from __future__ import annotations

from typing import Any

from studio.flow.catalogue.titles import kind_title
from studio.flow.kinds import drawn_class
from studio.formats.autogen_components.envelope import Envelope, envelope
from studio.formats.autogen_components.mapping import class_map
from studio.formats.autogen_components.reading import Reading
from studio.texts import text

MAX_RULES = 500


def read_conditions(reading: Reading, value: Any, at: str) -> list[str]:
    """Draws the stop rules of a team: several where any of them ends it. Gives the ids of their nodes."""
    found = envelope(value, at)
    if found is not None and found.name == "OrTerminationCondition" and (inner := _inner(reading, found)):
        reading.tell_unread(found, ("conditions",), (), found.name)
        return [read_condition(reading, rule, place) for rule, place in inner]
    return [read_condition(reading, value, at)]


def read_condition(reading: Reading, value: Any, at: str) -> str:
    """Draws one stop rule, with those that it is made of."""
    found = envelope(value, at)
    table = class_map(found.name, found.provider, found.type) if found is not None else None
    if found is not None and found.name == "FunctionalTermination" and isinstance(found.config.get("source"), str):
        return _function(reading, found, str(found.config["source"]))
    if found is None or table is None or table.type != "termination":
        return reading.unknown(found, value, at)
    component = drawn_class(table.kind)
    title = kind_title(component) if component is not None else found.name
    what = text("autogen.what.stop", name=title)
    if "conditions" in table.wired:
        node = reading.node(table.kind, what=what, at=at)
        for rule, place in _inner(reading, found):
            reading.wire("stop", read_condition(reading, rule, place), node)
        reading.tell_unread(found, ("conditions",), (node,), title)
        return node
    config, lost = reading.plain(table, found, table.kind)
    node = reading.node(table.kind, "", config, what=what, at=at)
    reading.tell_losses(lost, found, (node,), title)
    if table.differs:
        reading.say("approximated", table.differs, at, (node,))
    return node


def _function(reading: Reading, found: Envelope, source: str) -> str:
    """A rule that is a function. AutoGen's JSON cannot hold one; a script brings its source along."""
    title = text("kind.function_rule.name")
    node = reading.node("function_rule", "", {"source": source}, what=text("autogen.what.stop", name=title), at=found.pointer)
    reading.say("decision", "rule_runs", found.pointer, (node,), remedy=True)
    return node


def _inner(reading: Reading, found: Envelope) -> list[tuple[Any, str]]:
    rules = found.config.get("conditions")
    if not isinstance(rules, list):
        return []
    taken = reading.first(rules, MAX_RULES, found.at("conditions"), what="conditions")
    return [(rule, found.at("conditions", index)) for index, rule in enumerate(taken)]
