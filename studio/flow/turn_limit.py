"""A team's own limit of turns beside its stop rules: which of them comes first."""

from __future__ import annotations

from collections.abc import Sequence

from studio.flow.document import Node
from studio.flow.held import value
from studio.flow.wires import Drawing


def own_limit(team: Node, drawing: Drawing) -> int | None:
    """The team's own limit of turns where it may end a run before its stop rules do; None where a rule comes first, or there is none."""
    most = value(team, "max_turns")
    if isinstance(most, bool) or not isinstance(most, int) or not drawing.stops_of(team):
        return None
    rules = _within(drawing.stops_of(team), drawing, frozenset())
    return most if rules is None or rules > most else None


def needed(team: Node, drawing: Drawing) -> int | None:
    """The turns after which the team's stop rules end a run at the latest; None where no rule counts."""
    return _within(drawing.stops_of(team), drawing, frozenset())


def _within(rules: Sequence[Node], drawing: Drawing, seen: frozenset[str]) -> int | None:
    """Of several rules of which any one ends the run."""
    return min((found for rule in rules if (found := _turns(rule, drawing, seen)) is not None), default=None)


def _turns(rule: Node, drawing: Drawing, seen: frozenset[str]) -> int | None:
    """The turns after which a rule holds at the latest; a turn says one message or more, and the task is one."""
    match rule.kind:
        case "max_turns" | "max_messages":
            held = value(rule, rule.kind)
            counts = isinstance(held, int) and not isinstance(held, bool)
            return max(1, held - (rule.kind == "max_messages")) if counts else None
        case "any_of" | "all_of":
            parts = [part for part in drawing.into(rule, "stop") if part.id not in seen]
            if rule.kind == "any_of":
                return _within(parts, drawing, seen | {rule.id})
            found = [_turns(part, drawing, seen | {rule.id}) for part in parts]
            return max((each for each in found if each is not None), default=None) if None not in found else None
        case _:
            return None
