"""What a builder of Agent Framework is told by its methods: settings, who takes part, and the arrows between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from studio.formats.python_reading.script import Script
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Function, Record

WRAPPER = "AgentExecutor"
"""What a workflow puts around an agent: its node is the agent's."""

_MAKES = ("Agent", "ChatAgent", "as_agent", "create_agent", WRAPPER)
_MANAGED: Mapping[tuple[str, int | None], str] = {
    ("agent", None): "manager_agent",
    ("chat_client", None): "manager_client",
    **{(name, None): name for name in ("max_round_count", "max_stall_count", "max_reset_count", "final_answer_prompt")},
}
_SAYS: Mapping[str, Mapping[tuple[str, int | None], str]] = {
    "with_termination_condition": {("termination_condition", 0): "termination_condition"},
    "with_max_rounds": {("max_rounds", 0): "max_rounds"},
    "with_orchestrator": {("agent", None): "orchestrator_agent", ("selection_func", None): "selection_func"},
    "with_agent_orchestrator": {("agent", 0): "orchestrator_agent"},
    "set_manager": {("manager", 0): "orchestrator_agent"},
    "with_select_speaker_func": {("selection_func", 0): "selection_func"},
    "set_select_speakers_func": {("selection_func", 0): "selection_func"},
    "with_manager": _MANAGED,
    "with_standard_manager": _MANAGED,
    "with_start_agent": {("agent", 0): "start_agent"},
    "set_coordinator": {("agent", 0): "start_agent"},
    "set_start_executor": {("executor", 0): "start_executor"},
}
"""The methods that say what the constructor may say too: their arguments, and what the constructor calls them."""

_MEMBERS = ("participants", "register_participants", "participant_factories")


@dataclass(frozen=True, slots=True)
class Told:
    """An arrow that a builder is told of. `condition` is None for one that is always taken."""

    source: Any
    target: Any
    condition: Any
    spot: Spot


def settle_in(record: Record) -> None:
    """Puts what the methods of a builder say where its constructor says it."""
    for call in record.chained():
        for (theirs, place), ours in _SAYS.get(call.method, {}).items():
            value = call.get(theirs, place)
            if value is not None and ours not in record.kwargs:
                record.kwargs[ours] = value
                record.spots[ours] = call.spot_of(theirs, place)


_Somebody = Record | Function
"""Who may take part: an executor of one's own may be a function."""


class Roster:
    """Who takes part in what a builder makes, by the names under which they were registered too."""

    def __init__(self, script: Script, record: Record) -> None:
        self._script = script
        self._record = record
        self._made: dict[int, Any] = {}
        self._called: dict[str, Any] = {}
        for call in record.chained():
            if call.method in ("register_agent", "register_executor", "add_agent"):
                name, given = call.get("name", 1), call.get("factory_func", 0, call.get("agent"))
                call.take("id")
                if isinstance(name, str):
                    self._called[name] = given

    def who(self, value: Any) -> Any:
        """The agent or executor that a value stands for: by its name, by a function that makes it, or within a wrapper."""
        if isinstance(value, str):
            value = self._called.get(value, value)
        if isinstance(value, Function):
            value = self._of(value)
        if isinstance(value, Record) and value.method == WRAPPER:
            inner, called = value.get("agent", 0), value.get("id")
            if isinstance(inner, Record) and isinstance(called, str) and "name" not in inner.kwargs:
                # An agent without a name of its own goes by that of its executor.
                inner.name = str(called)
            return self.who(inner) if isinstance(inner, Record | Function) else value
        return value

    def everybody(self) -> list[Any]:
        """Everybody who takes part, in the order in which they are named."""
        record = self._record
        listed = [record.get("participants", 0 if record.method != "WorkflowBuilder" else None), record.get("participant_factories")]
        for call in record.chained():
            if call.method in _MEMBERS:
                # A planner's members may be given by their names.
                listed += [call.get("participants", 0), [call.get(name) for name in call.kwargs if name != "participants"]]
        found: list[Any] = []
        for each in listed:
            if isinstance(each, Mapping):
                self._called.update((str(name), value) for name, value in each.items())
            given = each.values() if isinstance(each, Mapping) else each if isinstance(each, list | tuple) else ()
            found += [value for value in map(self.who, given) if value is not None]
        first = self.who(record.look("start_executor"))
        found += [self.who(value) for value in self._called.values()]
        found = ([first] if isinstance(first, _Somebody) else []) + found
        for call in record.chained():
            if call.method == "add_executor":
                found.append(self.who(call.get("executor", 0)))
        found += [
            each for told in arrows_in(record) for each in (self.who(told.source), self.who(told.target)) if isinstance(each, _Somebody)
        ]
        return list({id(each): each for each in found}.values())

    def _of(self, function: Function) -> Any:
        """What a function makes that nobody calls here; the function itself where it makes nobody."""
        key = id(function.node)
        if key not in self._made:
            made = [each for each in self._script.records if _within(each, function)]
            if not any(each.method in _MAKES or each.definition is not None for each in made):
                _, made = self._script.follow(function)
            somebody = [each for each in made if each.method in _MAKES or each.definition is not None]
            function.taken = function.taken or bool(somebody)
            self._made[key] = somebody[-1] if somebody else function
        return self._made[key]


def arrows_in(record: Record) -> Iterator[Told]:
    """The arrows that a builder is told of, one by one, in rows, from one to several, and from several to one."""
    for call in record.chained():
        match call.method:
            case "add_edge":
                yield Told(call.get("source", 0), call.get("target", 1), call.get("condition", 2), call.spot_of("condition", 2))
            case "add_chain":
                row = _listed(call.get("executors", 0))
                for before, after in pairwise(row):
                    yield Told(before, after, None, call.spot)
            case "add_fan_out_edges":
                for target in _listed(call.get("targets", 1)):
                    yield Told(call.get("source", 0), target, None, call.spot)
            case "add_fan_in_edges":
                for source in _listed(call.get("sources", 0)):
                    yield Told(source, call.get("target", 1), None, call.spot)
            case "add_multi_selection_edge_group":
                for target in _listed(call.get("targets", 1)):
                    yield Told(call.get("source", 0), target, call.get("selection_func", 2), call.spot_of("selection_func", 2))
            case "add_switch_case_edge_group":
                for case in _listed(call.get("cases", 1)):
                    if isinstance(case, Record):
                        default = case.method == "Default"
                        condition = None if default else case.get("condition", 0)
                        yield Told(call.get("source", 0), case.get("target", 0 if default else 1), condition, case.spot)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _within(record: Record, function: Function) -> bool:
    return function.spot.start <= record.spot.start and record.spot.end <= function.spot.end
