"""From a program to what it makes: its calls of the engine's classes, with a finding for everything that is not understood."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from studio.engine.agents.agent import Agent
from studio.engine.kept import Kept
from studio.engine.teams.team import Team
from studio.flow.findings import Findings, ForeignFileError
from studio.formats.convene_python.branches import open_tests
from studio.formats.convene_python.kept import KeptPiece
from studio.formats.convene_python.made import Made
from studio.formats.convene_python.reading_components import Components, team_of_one
from studio.formats.convene_python.reading_values import class_of, engine_name
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Class, Joined, Record, walk
from studio.texts import text

_STARTS = ("console", "run", "stream")
"""The engine's functions that a team is given to."""
_PASSED_OVER = frozenset((*_STARTS, "resume", "load_events", "save_events", "attached"))


@dataclass(frozen=True, slots=True)
class Program:
    """What a program makes: its team, the first and last line of all that became a tool, what it keeps, and what there is to say."""

    team: Made
    findings: Findings
    functions: list[tuple[int, int]]
    kept: tuple[KeptPiece, ...] = ()


def read_program(script: Script) -> Program:
    """The team that a script starts, or else the last one that it makes. Raises ForeignFileError when it makes none."""
    return _Reader(script).program()


class _Reader(Components):
    def program(self) -> Program:
        root = self._root()
        made = self.component(root)
        assert made is not None
        if not issubclass(made.cls, Team):
            made = team_of_one(made)
        kept = tuple(self._kept())
        self._say_what_is_left(root)
        if self.script.cut or self.script.deep:
            self.say("decision", "program_cut", text("code_in.cut"), 1)
        return Program(made, self.findings, self.definitions.spans(), kept)

    def _kept(self) -> Iterator[KeptPiece]:
        """The sources of foreign programs that the program keeps."""
        for record in self.script.records:
            if engine_name(record) != Kept.__name__:
                continue
            self.seen.add(id(record))
            line = record.spot.line
            said = {name: self.data(value, f"{Kept.__name__}.{name}", line) for name, value in record.kwargs.items()}
            try:
                yield KeptPiece(Kept.model_validate(said), line)
            except ValidationError:
                sentence = text("code_in.call", call=Kept.__name__)
                self.say("decision", "program_call", sentence, line, text("code_in.call.remedy"))

    def _root(self) -> Record:
        started = [each.args[0] if each.args else each.kwargs.get("team") for each in self.script.records if engine_name(each) in _STARTS]
        candidates = [each for each in started if isinstance(each, Record) and self._is_agent(each)]
        if not candidates:
            used = {id(inner) for each in self.script.records for inner in walk([each.args, each.kwargs]) if isinstance(inner, Record)}
            teams = [each for each in self.script.records if (cls := class_of(each)) is not None and issubclass(cls, Team)]
            candidates = [each for each in teams if id(each) not in used][-1:] or teams[-1:]
        if not candidates:
            raise ForeignFileError(text("code_in.no_team"), "", text("code_in.no_team.remedy"))
        for other in candidates[1:]:
            if other is not candidates[0]:
                self.say("decision", "program_two_teams", text("code_in.two_teams", name=other.name or "team"), other.spot.line)
        return candidates[0]

    def _is_agent(self, record: Record) -> bool:
        cls = class_of(record)
        return cls is not None and issubclass(cls, Agent)

    def _say_what_is_left(self, start: Record) -> None:
        """A finding for every call, component, function and class of the file that the flow does not hold."""
        held = {id(each) for each in _records_in([start])} | self.seen
        told = self._say_what_nobody_uses(held) | _lines(self.definitions.spans())
        left = [each for each in self.script.records if id(each) not in held and each.spot.line not in told]
        parts = {id(inner) for each in left for inner in walk([each.args, each.kwargs]) if isinstance(inner, Record)}
        for record in left:
            name = engine_name(record)
            if name in _PASSED_OVER or record.definition is not None or (record.callee == "functools.partial" and record.used):
                continue
            if class_of(record) is None and not name.startswith("FunctionTool"):
                sentence = text("code_in.call", call=record.callee.removeprefix("builtins.")[:80])
                self.say("approximated", "program_call", sentence, record.spot.line, text("code_in.call.remedy"))
            elif id(record) not in parts:
                sentence = text("code_in.unused", name=record.name or record.method)
                self.say("approximated", "program_unused", sentence, record.spot.line, text("code_in.unused.remedy"))
        drawn = [each for each in self.script.records if id(each) in held or engine_name(each) in _STARTS]
        for line, source in open_tests(self.script, _lines((each.spot.line, each.spot.end_line) for each in drawn)):
            if line not in told:
                remedy = text("code_in.branch.remedy")
                self.say("decision", "program_branch", text("code_in.branch", source=source), line, remedy, f"{line} {source}")

    def _say_what_nobody_uses(self, held: Set[int]) -> set[int]:
        """A finding for every function and class that nobody calls and that makes nothing; gives the lines of all of them."""
        made_at = sorted(each.spot.line for each in self.script.records if id(each) in held or engine_name(each) in _STARTS)
        tools = _lines(self.definitions.spans())
        found = []
        for function in self.script.functions:
            line, last = function.spot.line, function.spot.end_line
            makes_something = bisect_left(made_at, line) < bisect_right(made_at, last)
            # What is called was followed: what it gives stands where it was called.
            left_out = (not function.called or function.offered) and not makes_something and line not in tools
            if left_out and self.definitions.is_function(function.name, function.node):
                self.say("approximated", "program_function", text("code_in.function", name=function.name), line)
                found.append((line, last))
        for name, value in self.script.names.items():
            if not isinstance(value, Class) or value.spot.line in tools:
                continue
            makes_something = bisect_left(made_at, value.spot.line) < bisect_right(made_at, value.spot.end_line)
            if not value.called or (value.offered and not makes_something):
                self.say("approximated", "program_class", text("code_in.class", name=name), value.spot.line)
                found.append((value.spot.line, value.spot.end_line))
        return _lines(found)


def _lines(spans: Iterable[tuple[int, int]]) -> set[int]:
    return {line for first, last in spans for line in range(first, last + 1)}


def _records_in(value: Any) -> Iterator[Record]:
    """All records that a value is made of, each once."""
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        for each in walk(waiting.pop()):
            if isinstance(each, Joined) and id(each) not in seen:
                seen.add(id(each))
                waiting += [each.left, each.right]
            elif isinstance(each, Record) and id(each) not in seen:
                seen.add(id(each))
                yield each
                waiting += [each.args, each.kwargs]
