"""What a script says and no reader has taken: every such call, argument, attribute and function ends as a finding with its line.

Readers take what they ask for (`Record.get`, `Record.take`) and mark the functions whose source or meaning they draw. When all flows of
a script are drawn, `settle` goes through what the interpreter wrote down and tells the rest, so that a reader which forgets something
says too much rather than too little.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.flow.findings import Level
from studio.formats.autogen_components.reading import is_secret
from studio.formats.foreign_script.decorated import keep_decorated
from studio.formats.foreign_script.functions import is_framework
from studio.formats.foreign_script.given_code import KEPT_CODE, on_one_line
from studio.formats.foreign_script.reading import ScriptReading, only_looks
from studio.formats.foreign_script.spans import Spans
from studio.formats.foreign_script.strangers import ALWAYS_TELLING, asks_somebody, called
from studio.formats.foreign_script.unreached import MAX_CALLS, unreached
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Class, Function, Imported, Instance, Record, operands, walk

STOPPING = "cancellation_token"
"""What a script stops a run with: here a button does."""

MAX_TOLD = 500
"""Lines about what is left: a script that says more is told of at once."""

_WHOLE = frozenset("kept unused call_left_out config_list own_after_work begins_only beside_kept".split())
"""Findings that speak of all that a call says."""

_WHO = frozenset(("caller", "executor", "recipient", "agent", "agents", "participants"))
"""Arguments that name who takes part."""


@dataclass(frozen=True, slots=True)
class Manners:
    """What a family of scripts takes for granted.

    `parameters` gives the names of a call's arguments by place, `usual` the values that mean the same as saying nothing, by what is
    called and parameter, and `by_itself` the calls whose work is done here without being drawn.
    """

    parameters: Callable[[Record], Sequence[str]]
    usual: Mapping[str, Mapping[str, tuple[Any, ...]]] = field(default_factory=dict)
    by_itself: Collection[str] = ()


def settle(script: Script, readings: Sequence[ScriptReading], taken: Collection[int], manners: Manners) -> None:
    """Tells everything of a script that no reader took. `taken` are the ids of the records that were drawn."""
    keep_decorated(script, readings)
    accounts = _Accounts(script, readings, taken, manners)
    accounts.keep_given()
    accounts.settle()


class _Accounts:
    def __init__(self, script: Script, readings: Sequence[ScriptReading], taken: Collection[int], manners: Manners) -> None:
        self.script = script
        self.readings = readings
        self.taken = taken
        self.manners = manners
        self.told = 0
        self.left: list[tuple[int, int]] = []
        """Calls that were told of as being left out."""

        self.drawn = [(reading, reading.drawn_at()) for reading in readings]
        told = ((span.start, span.end, code, said) for reading in readings for code, said, span in reading.told_spans())
        found = sorted(each for each in told if each[2] != KEPT_CODE)
        self.places = {(start, end) for _, pieces in self.drawn for start, end, _ in pieces}
        self.findings = found
        self.starts = [start for start, *_ in found]
        self.modules = {module.partition(".")[0] for module in script.imports}
        self.whole = [span for reading in readings for span in reading.kept_spans()]
        self.whole += [(start, end) for start, end, code, _ in found if code in _WHOLE]

        self.beside = {
            id(each)
            for record in script.records
            if not self._is_ours(record) or any(start <= record.spot.start and record.spot.end <= end for start, end in self.whole)
            for given in (*record.args, *record.kwargs.values())
            for each in walk(given)
            if isinstance(each, Record)
        }
        self.given_to: dict[int, tuple[Record, Spot]] = {}
        for record in filter(self._is_ours, script.records):
            arguments: list[tuple[int | str, Any]] = [*enumerate(record.args), *record.kwargs.items()]
            for key, value in arguments:
                argument = record.spots.get(key, record.spot)
                self.given_to.update((id(each), (record, argument)) for each in walk(value) if isinstance(each, Record))

    def keep_given(self) -> None:
        """Keeps with what is kept as it stands what that is given, and what that is given in turn, and what is drawn nowhere else."""
        records = sorted(self.script.records, key=lambda record: record.spot.start)
        starts = [record.spot.start for record in records]
        for reading in self.readings:
            for start, end in reading.kept_spans():
                outer = records[bisect_left(starts, start) : bisect_left(starts, end)]
                found: dict[int, Record] = {}
                while outer:
                    given = [each for record in outer for value in (*record.args, *record.kwargs.values()) for each in walk(value)]
                    inner = {id(each): each for each in given if isinstance(each, Record) and self._is_kept_with(each, start, end)}
                    outer = [each for each in inner.values() if id(each) not in found]
                    found.update(inner)
                for each in sorted(found.values(), key=lambda record: record.spot.start):
                    reading.keep_beside(start, self.script.source.text[each.spot.start : each.spot.end], each.name)
                    self.whole.append((each.spot.start, each.spot.end))

    def _is_kept_with(self, record: Record, start: int, end: int) -> bool:
        """Whether something that is given to what is kept in these bounds is nowhere yet, in no node and on no line as a whole."""
        place = (record.spot.start, record.spot.end)
        if not self._is_ours(record) or place in self.places or start <= place[0] < end:
            return False
        return not any(first <= place[0] and place[1] <= last for first, last in self.whole)

    def settle(self) -> None:
        # What is around comes first: where a call is told of as a whole, those within it are not.
        for group in sorted(_groups(self.script), key=lambda group: (group[0].spot.start, -group[0].spot.end)):
            first = group[0]
            if self._is_ours(first):
                self._attributes(first)
            if any(start <= first.spot.start and first.spot.end <= end for start, end in self.whole):
                continue
            if not self._is_ours(first):
                if asks_somebody(first, self.modules) and not any(each.used for each in group):
                    self._tell("call_left_out", first, first.spot, call=called(first))
                continue
            self._call(group)
            if self.told > MAX_TOLD:
                self.readings[0].tell("decision", "more_kept", first.spot, remedy=True)
                return
        self._unreached()

    def _unreached(self) -> None:
        """Tells of calls that no record stands for, unless what they stand in is told as a whole or is in the flow as code."""
        found = unreached(self.script, ALWAYS_TELLING)
        if not found:
            return
        said = [(start, end) for start, end, code, _ in self.findings if code != "exact"]
        told = Spans((*self.whole, *said, *((spot.start, spot.end) for spot in (*_taken(self.script), *self._given()))))
        code = on_one_line("\n".join(written for reading in self.readings for written in reading.code()))
        for some in found:
            left = [spot for spot in some.calls if not told.hold(spot.start, spot.end)]
            left = [spot for spot in left if on_one_line(self.script.source.text[spot.start : spot.end]) not in code]
            if left:
                self.told += 1
                how = "unreached_in" if some.function else "unreached"
                self.readings[0].tell("approximated", how, left[0], names=some.said, function=some.function)
        if sum(len(some.calls) for some in found) == MAX_CALLS:
            self.readings[0].tell("decision", "more_kept", found[-1].spot, remedy=True)

    def _given(self) -> Iterator[Spot]:
        """Where the functions and classes stand that a framework is given: each is drawn, or told where it is given."""
        for record in filter(self._is_ours, self.script.records):
            arguments: list[tuple[int | str, Any]] = [*enumerate(record.args), *record.kwargs.items()]
            for key, value in arguments:
                told = (spot := record.spots.get(key)) is not None and self._is_told(spot)
                for each in walk(value):
                    if isinstance(each, Function | Class):
                        yield each.spot
                    elif told and isinstance(each, Instance | Record) and each.definition is not None:
                        yield each.definition.spot

    def _is_ours(self, record: Record) -> bool:
        return is_framework(record.callee) or (record.definition is not None and is_framework(_base(record.definition)))

    def _call(self, group: list[Record]) -> None:
        record = group[0]
        drawn = any(each.used or id(each) in self.taken for each in group)
        by_itself = record.method in self.manners.by_itself
        if not drawn and not by_itself:
            if only_looks(record):
                return
            if any(start <= record.spot.start and record.spot.end <= end for start, end in self.left):
                return
            if not self._is_told(record.spot):
                if any(id(each) in self.beside for each in group):
                    self._tell(
                        "beside_kept", record, record.spot, name=record.name or record.method, source=self._source(record.spot, "", None)
                    )
                elif any(id(each) in self.given_to for each in group):
                    self._inside(record, next(self.given_to[id(each)] for each in group if id(each) in self.given_to))
                elif record.of is None:
                    self._tell("unused", record, record.spot, name=record.name or record.method)
                else:
                    self._tell("call_left_out", record, record.spot, call=_title(record))
                self.left.append((record.spot.start, record.spot.end))
            return
        names = self.manners.parameters(record)
        given: list[tuple[int | str, str, Any]] = [
            (place, names[place] if place < len(names) else str(place + 1), value) for place, value in enumerate(record.args)
        ]
        given += [(name, name, value) for name, value in record.kwargs.items()]
        for key, name, value in given:
            asked = any(key in each.asked or name in each.asked for each in group)
            self._argument(record, key, name, value, asked or (by_itself and _is_counted(value)))
        if record.rest and "**" not in record.asked and not self._is_told(record.spot):
            self._tell("rest", record, record.spot, level="decision", remedy=True, what=_title(record))

    def _inside(self, record: Record, given_to: tuple[Record, Spot]) -> None:
        """Tells of what is given to a call and was not drawn with it, unless the argument that it stands in is told as a whole."""
        outer, argument = given_to
        around = (
            argument.start <= start <= record.spot.start and record.spot.end <= end <= argument.end for start, end, _, _ in self.findings
        )
        if argument == outer.spot or not any(around):
            self._tell("call_left_out", outer, record.spot, call=_title(record))

    def _attributes(self, record: Record) -> None:
        for name, value in record.fields.items():
            spot = record.set_at.get(name)
            if spot is not None and f".{name}" not in record.asked and not self._is_told(spot):
                self._tell("left_out", record, spot, field=name, what=record.name or _title(record), source=self._source(spot, name, value))

    def _argument(self, record: Record, key: int | str, name: str, value: Any, asked: bool) -> None:
        spot = record.spots.get(key)
        if asked:
            for each in _code_in(value):
                if not each.taken and not self._is_told(each.spot) and not (spot is not None and self._is_told(spot)):
                    self._tell("left_out", record, spot or record.spot, field=name, what=_title(record), source=_shown(each))
            for each in walk(value) if name in _WHO else ():
                if isinstance(each, Record) and not self._is_ours(each) and not each.used and not self._is_accounted(each):
                    self._tell("beside_kept", record, each.spot, name=each.name or each.method, source=self._source(each.spot, "", None))
            return
        if value in (None, "") or name == STOPPING or self._is_usual(record, name, value):
            return
        if spot is not None and self._is_told(spot):
            return
        if spot is None and self._is_named(record.spot, name):
            return
        where = spot or record.spot
        self._tell("left_out", record, where, field=name, what=_title(record), source=self._source(where, name, value))

    def _is_accounted(self, record: Record) -> bool:
        """Whether a call is drawn, kept or told."""
        return id(record) in self.taken or (record.spot.start, record.spot.end) in self.places or self._is_told(record.spot)

    def _is_usual(self, record: Record, name: str, value: Any) -> bool:
        usual = self.manners.usual.get(record.method, {}).get(name)
        if usual is None:
            return value is False or (isinstance(value, (list, tuple, dict, set)) and not value) or _is_zero(value)
        given = value.name if isinstance(value, Imported) else value
        return any(type(each) is type(given) and bool(each == given) for each in usual)

    # What was said before ---------------------------------------------------------------------------------------------

    def _is_told(self, spot: Spot) -> bool:
        """Whether a finding stands within a piece of the script."""
        for start, end, _, _ in self.findings[bisect_left(self.starts, spot.start) :]:
            if start > spot.end:
                return False
            if end <= spot.end:
                return True
        return False

    def _is_named(self, spot: Spot, name: str) -> bool:
        return any(f"“{name}”" in said and spot.start <= start and end <= spot.end for start, end, _, said in self.findings)

    # What is said now -------------------------------------------------------------------------------------------------

    def _tell(self, code: str, record: Record, spot: Spot, level: Level = "approximated", remedy: bool = False, **facts: Any) -> None:
        self.told += 1
        reading, nodes = self._drawn(record)
        reading.tell(level, code, spot, nodes, remedy=remedy, **facts)

    def _drawn(self, record: Record) -> tuple[ScriptReading, tuple[str, ...]]:
        """The flow, and the node in it, that was drawn for a call, or for what its method was called on."""
        while record.of is not None:
            record = record.of
        for reading, drawn in self.drawn:
            for start, end, node in drawn:
                if start <= record.spot.start and record.spot.end <= end:
                    return reading, (node,)
        return self.readings[0], ()

    def _source(self, spot: Spot, name: str, value: Any) -> str:
        if is_secret(name) or (isinstance(value, Mapping) and any(is_secret(str(key)) for key in value)):
            return "…"
        return " ".join(self.script.source.text[spot.start : spot.end].split())[:120]


def _groups(script: Script) -> Iterator[list[Record]]:
    """The records of each call in the text: one that is gone through twice is told of once."""
    found: dict[tuple[str, int, int], list[Record]] = {}
    for record in script.records:
        found.setdefault((record.callee, record.spot.start, record.spot.end), []).append(record)
    yield from found.values()


def _base(definition: Class) -> str:
    """The dotted name of what a class of the script inherits from in the end."""
    each: Any = definition
    for _ in range(20):
        if not isinstance(each, Class):
            break
        each = each.bases[0] if each.bases else None
    return getattr(each, "path", "")


def _taken(script: Script) -> Iterator[Spot]:
    """Where the functions and classes stand whose source or meaning is in a flow."""
    reading = script.reading
    if reading is not None:
        written: list[Function | Class] = [*reading.functions, *reading.lambdas, *reading.classes]
        written += [each for definition in reading.classes for each in definition.members.values() if isinstance(each, Function)]
        yield from (each.spot for each in written if each.taken)


def _code_in(value: Any) -> Iterator[Function | Class]:
    yield from (each for each in operands(value) if isinstance(each, Function | Class))


def _is_counted(value: Any) -> bool:
    """Whether a value is made of calls, which are told of by themselves."""
    return all(isinstance(each, (Record, list, tuple)) for each in walk(value))


def _is_zero(value: Any) -> bool:
    return isinstance(value, (int, float)) and value == 0


def _title(record: Record) -> str:
    """What to call a call: its object's name and its method, or what is made."""
    if record.definition is not None:
        return record.definition.name
    if record.of is None:
        return record.method
    root = record.of
    while root.of is not None:
        root = root.of
    return f"{root.name}.{record.method}" if root.name else record.method


def _shown(code: Function | Class) -> str:
    shown = ast.unparse(code.node) if isinstance(code.node, ast.Lambda) else code.source
    return " ".join(shown.split())[:120]
