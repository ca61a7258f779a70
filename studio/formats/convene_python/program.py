"""From a program to what it makes: its calls of the engine's classes, with a finding for everything that is not understood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel

import studio.engine
from studio.engine.agents.agent import Agent
from studio.engine.component import Component, kinds
from studio.engine.conditions.combined import AllOf, AnyOf
from studio.engine.conditions.condition import Condition
from studio.engine.teams.graph import Graph
from studio.engine.teams.team import Team
from studio.engine.tools.base import Tool
from studio.engine.tools.python_tool import PythonTool
from studio.engine.tools.team_tool import TeamTool
from studio.flow.findings import Finding, Findings, ForeignFileError, Level, Place
from studio.flow.kinds import Part, drawn_class, parts
from studio.formats.convene_python.made import Made, mistakes, wire_of
from studio.formats.convene_python.tool_sources import Definitions
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Class, Function, Imported, Joined, Record, Setting, Text, is_known, is_small, walk
from studio.texts import text

ENGINE = "studio.engine"
_STARTS = ("console", "run", "stream")
"""The engine's functions that a team is given to."""
_PASSED_OVER = frozenset((*_STARTS, "resume", "load_events", "save_events", "attached"))
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Program:
    """What a program makes: its team, the first and last line of all that became a tool, and what there is to say."""

    team: Made
    findings: Findings
    functions: list[tuple[int, int]]


def read_program(script: Script) -> Program:
    """The team that a script starts, or else the last one that it makes. Raises ForeignFileError when it makes none."""
    return _Reader(script).program()


class _Reader:
    def __init__(self, script: Script) -> None:
        self._script = script
        self._findings = Findings()
        self._definitions = Definitions(script.source)
        self._made: dict[int, Made | None] = {}
        self._sources: dict[str, str] = {}
        self._tools: dict[str, Made] = {}
        self._open: set[int] = set()
        self._seen: set[int] = set()

    def program(self) -> Program:
        root = self._root()
        made = self._component(root)
        assert made is not None
        if not issubclass(made.cls, Team):
            made = _team_of_one(made)
        self._say_what_is_left(made, root)
        if self._script.cut or self._script.deep:
            self._say("decision", "program_cut", text("code_in.cut"), 1)
        return Program(made, self._findings, self._definitions.spans())

    def _say(self, level: Level, code: str, sentence: str, line: int, remedy: str = "", subject: str = "") -> None:
        self._findings.add(Finding(level, code, sentence, remedy, (), Place(line=line), subject or f"{code}:{line}"))

    # Which team -------------------------------------------------------------------------------------------------------

    def _root(self) -> Record:
        started = [each.args[0] if each.args else each.kwargs.get("team") for each in self._script.records if _engine_name(each) in _STARTS]
        candidates = [each for each in started if isinstance(each, Record) and self._is_agent(each)]
        if not candidates:
            used = {id(inner) for each in self._script.records for inner in _records_in([each.args, each.kwargs])}
            teams = [each for each in self._script.records if (cls := class_of(each)) is not None and issubclass(cls, Team)]
            candidates = [each for each in teams if id(each) not in used][-1:] or teams[-1:]
        if not candidates:
            raise ForeignFileError(text("code_in.no_team"), "", text("code_in.no_team.remedy"))
        for other in candidates[1:]:
            if other is not candidates[0]:
                self._say("decision", "program_two_teams", text("code_in.two_teams", name=other.name or "team"), other.spot.line)
        return candidates[0]

    def _is_agent(self, record: Record) -> bool:
        cls = class_of(record)
        return cls is not None and issubclass(cls, Agent)

    def _say_what_is_left(self, root: Made, start: Record) -> None:
        """A finding for every call, function and component of the file that the flow does not hold."""
        taken = self._definitions.spans()
        called = {id(each) for each in _records_in([start])} | self._seen
        for record in self._script.records:
            line = record.spot.line
            if id(record) in called or any(first <= line <= last for first, last in taken):
                continue
            name = _engine_name(record)
            if name in _PASSED_OVER or record.definition is not None:
                continue
            if class_of(record) is not None or name.startswith("FunctionTool"):
                if not any(id(record) in {id(each) for each in _records_in([other.args, other.kwargs])} for other in self._unused(called)):
                    what = record.name or record.callee.rpartition(".")[2]
                    self._say("approximated", "program_unused", text("code_in.unused", name=what), line, text("code_in.unused.remedy"))
            else:
                self._say("approximated", "program_call", text("code_in.call", call=record.callee[:80]), line, text("code_in.call.remedy"))
        for function in self._script.functions:
            if self._definitions.is_function(function.name, function.node) and not any(
                first <= function.spot.line <= last for first, last in taken
            ):
                made_here = any(function.spot.line <= each.spot.line <= function.spot.end_line for each in self._records(called))
                if not made_here:
                    self._say("approximated", "program_function", text("code_in.function", name=function.name), function.spot.line)
        for name, value in self._script.names.items():
            if isinstance(value, Class) and not any(first <= value.spot.line <= last for first, last in taken):
                self._say("approximated", "program_class", text("code_in.class", name=name), value.spot.line)

    def _unused(self, called: set[int]) -> list[Record]:
        return [each for each in self._script.records if id(each) not in called]

    def _records(self, wanted: set[int]) -> list[Record]:
        return [each for each in self._script.records if id(each) in wanted]

    # Components -------------------------------------------------------------------------------------------------------

    def _component(self, value: Any) -> Made | None:
        """What a value makes; None for what is no component of the engine."""
        if isinstance(value, Joined):
            return self._joined(value)
        if not isinstance(value, Record):
            return None
        if id(value) in self._made:
            return self._made[id(value)]
        self._seen.add(id(value))
        if id(value) in self._open:
            return None
        self._open.add(id(value))
        made = self._function_tool(value) if _engine_name(value) in ("FunctionTool", "FunctionTool.of") else self._call(value)
        self._open.discard(id(value))
        self._made[id(value)] = made
        return made

    def _joined(self, value: Joined) -> Made | None:
        cls = AllOf if value.operator == "&" else AnyOf
        rules: list[Made] = []
        for side in (value.left, value.right):
            made = self._component(side)
            if made is None or not issubclass(made.cls, Condition):
                self._unsure(side, text("code_in.rule"), value.spot.line)
                continue
            rules += made.uses.get("stop", []) if made.cls is cls else [made]
        if len(rules) < 2:
            return rules[0] if rules else None
        return Made(cls, value.spot.line, "", value.spot.end_line, uses={"stop": rules})

    def _call(self, record: Record) -> Made | None:
        cls = class_of(record)
        if cls is None:
            return None
        made = Made(cls, record.spot.line, record.name, record.spot.end_line)
        if record.args or record.rest:
            self._say("decision", "program_positional", text("code_in.positional", kind=cls.__name__), made.line)
        for field, value in record.kwargs.items():
            made.lines[field] = record.spot_of(field).line
            self._field(made, field, value)
        for field, value in record.fields.items():
            self._say("decision", "program_frozen", text("code_in.frozen", kind=cls.__name__, field=field), made.line)
            made.lines[field] = made.line
            self._field(made, field, value)
        for each in record.calls:
            self._seen.add(id(each))
            if each.method == "replace" and not each.args:
                continue
            self._say("approximated", "program_call", text("code_in.call", call=each.callee[:80]), each.spot.line)
        if cls is TeamTool:
            return self._team_tool(made)
        if made.is_speaker and not made.name:
            made.name = "team" if issubclass(cls, Team) else made.variable or cls.kind
        for field, why in mistakes(cls, made.own).items():
            line = made.lines.get(field, made.line)
            sentence = text("code_in.invalid", kind=made.name or made.variable or cls.__name__, field=field, why=why)
            self._say("decision", "program_invalid", sentence, line)
        return made

    def _team_tool(self, made: Made) -> Made | None:
        """A team as a tool is drawn as a wire, which has neither a name nor a description of its own."""
        for field in made.own:
            sentence = text("code_in.field", kind=made.cls.__name__, field=field)
            self._say("decision", "program_field", sentence, made.lines.get(field, made.line))
        made.own = {}
        if made.members and not issubclass(made.members[0].cls, Team):
            return _as_tool(made.members[0])
        return made if made.members else None

    def _field(self, made: Made, field: str, value: Any) -> None:
        part = parts(made.cls).get(field)
        line = made.lines[field]
        if part is None:
            self._say("decision", "program_field", text("code_in.field", kind=made.cls.__name__, field=field), line)
        elif part.role == "name":
            self._name(made, value, line)
        elif part.role in ("plain", "nested"):
            found = self._data(value, text("code_in.of", field=field, kind=made.cls.__name__), line)
            if found is _NOTHING:
                made.unsure.add(field)
            else:
                made.own[field] = found
                self._take_arrows(made, field)
        elif part.role == "hidden":
            self._hidden(made, field, value, line)
        else:
            self._wired(made, part, value, line)

    def _name(self, made: Made, value: Any, line: int) -> None:
        found = self._data(value, text("code_in.of", field="name", kind=made.cls.__name__), line)
        made.name = found if isinstance(found, str) else made.variable

    def _hidden(self, made: Made, field: str, value: Any, line: int) -> None:
        if field == "function" and isinstance(value, Function) and "source" in parts(made.cls) and (source := self._source(value)):
            made.own["source"] = source
            return
        found = self._data(value, text("code_in.of", field=field, kind=made.cls.__name__), line)
        if field == "transitions" and isinstance(found, dict) and all(isinstance(each, list) for each in found.values()):
            made.arrows = {(str(before), str(after)): {} for before, followers in found.items() for after in followers}
        elif found is not None and found is not _NOTHING:
            self._say("decision", "program_field", text("code_in.field", kind=made.cls.__name__, field=field), line)

    def _take_arrows(self, made: Made, field: str) -> None:
        """The arrows of a graph are drawn, not kept in a field."""
        selection = made.own.get("selection")
        if field != "selection" or not issubclass(made.cls, Team) or not isinstance(selection, dict):
            return
        if selection.get("kind") == Graph.kind:
            rows = selection.pop("edges", [])
            for row in rows if isinstance(rows, list) else []:
                if isinstance(row, dict) and isinstance(row.get("source"), str) and isinstance(row.get("target"), str):
                    pair = (row["source"], row["target"])
                    if pair in made.arrows:
                        self._say("decision", "program_arrow_twice", text("code_in.arrow_twice", before=pair[0], after=pair[1]), made.line)
                    made.arrows[pair] = {name: value for name, value in row.items() if name not in ("source", "target")}

    def _wired(self, made: Made, part: Part, value: Any, line: int) -> None:
        if value is None:
            return
        several = self._items(value)
        found: list[Made] = []
        for each in several if several is not None else [value]:
            inner = self._component(each) if not isinstance(each, Function) else self._tool(each)
            if inner is not None and part.component is Tool and inner.is_speaker:
                inner = _as_tool(inner)
            wanted = Agent if made.cls is TeamTool else part.component
            if inner is None or wanted is None or not issubclass(inner.cls, wanted):
                self._unsure(each, text("code_in.of", field=part.name, kind=made.cls.__name__), line)
                if several is None:
                    made.unsure.add(part.name)
            else:
                found.append(inner)
        if part.role == "members":
            made.members = found
        else:
            made.uses[wire_of(cast(Any, part.component))] = found

    def _items(self, value: Any) -> list[Any] | None:
        return list(value) if isinstance(value, list | tuple) else None

    # Functions --------------------------------------------------------------------------------------------------------

    def _tool(self, function: Function) -> Made | None:
        known = self._tools.get(function.source)
        if known is None and (source := self._source(function)):
            known = Made(PythonTool, function.spot.line, function.name, function.spot.end_line, own={"source": source})
            self._tools[function.source] = known
        return known

    def _function_tool(self, record: Record) -> Made | None:
        """`FunctionTool(function, …)` or `FunctionTool.of(function, …)`."""
        function = record.get("func", 0, record.get("function"))
        made = self._tool(function) if isinstance(function, Function) else None
        if made is None:
            return None
        tool = Made(PythonTool, record.spot.line, record.name or made.variable, record.spot.end_line, own=dict(made.own))
        for field, value in record.kwargs.items():
            if field in ("func", "function"):
                continue
            line = record.spot_of(field).line
            tool.lines[field] = line
            if field == "name" and value == made.variable:
                continue
            if field in ("approval", "approval_pattern", "timeout"):
                self._field(tool, field, value)
            else:
                self._say("decision", "program_field", text("code_in.field", kind="FunctionTool", field=field), line)
        for field, why in mistakes(PythonTool, tool.own).items():
            sentence = text("code_in.invalid", kind=tool.variable, field=field, why=why)
            self._say("decision", "program_invalid", sentence, tool.lines.get(field, tool.line))
        return tool

    def _source(self, function: Function) -> str:
        """A function's source with what it needs; "" for one that cannot be taken out of the program."""
        line = function.spot.line
        if function.is_lambda or function.owner is not None:
            self._say("decision", "program_lambda", text("code_in.lambda"), line, text("code_in.lambda.remedy"))
            return ""
        if not self._definitions.is_function(function.name, function.node):
            self._say("decision", "program_inner", text("code_in.inner", name=function.name), line, text("code_in.lambda.remedy"))
            return function.source
        if function.name not in self._sources:
            taken = self._definitions.take(function.name)
            for missing in taken.missing:
                self._say("decision", "program_missing", text("code_in.missing", function=function.name, name=missing), line)
            self._sources[function.name] = taken.source
        return self._sources[function.name]

    # Values -----------------------------------------------------------------------------------------------------------

    def _data(self, value: Any, what: str, line: int) -> Any:
        """A value as JSON holds it; _NOTHING, with a finding, where only running would tell."""
        if isinstance(value, Setting):
            sentence = text("code_in.setting", name=value.name, what=what)
            self._say("decision", "program_setting", sentence, line, text("code_in.setting.remedy"), value.name)
            return value.default if isinstance(value.default, str | int | float | bool) else _NOTHING
        if isinstance(value, Text) and value.holes:
            self._say("decision", "program_text", text("code_in.text", what=what), line)
            return str(value)
        if not is_small(value):
            self._unsure(value, what, line)
            return _NOTHING
        return self._json(value, what, line)

    def _json(self, value: Any, what: str, line: int) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return str(value)
        if isinstance(value, list | tuple):
            found = [self._json(each, what, line) for each in value]
            return _NOTHING if any(each is _NOTHING for each in found) else found
        if isinstance(value, set):
            return sorted(map(str, value)) if is_known(value) else self._unsure(value, what, line)
        if isinstance(value, dict):
            pairs = {str(key): self._json(each, what, line) for key, each in value.items()}
            return _NOTHING if any(each is _NOTHING for each in pairs.values()) else pairs
        if isinstance(value, Record) and (model := _model_of(value)) is not None:
            self._seen.add(id(value))
            pairs = {name: self._json(each, what, line) for name, each in value.kwargs.items()}
            if value.args or value.rest or any(each is _NOTHING for each in pairs.values()):
                return self._unsure(value, what, line)
            return {"kind": model.kind, **pairs} if issubclass(model, Component) else pairs
        if isinstance(value, Function) and (source := self._source(value)):
            return source
        return self._unsure(value, what, line)

    def _unsure(self, value: Any, what: str, line: int) -> Any:
        written = self._written(value)
        self._say("decision", "program_unsure", text("code_in.unsure", what=what, source=written), line, text("code_in.unsure.remedy"))
        return _NOTHING

    def _written(self, value: Any) -> str:
        if isinstance(value, Imported):
            return value.path[:80]
        spot = getattr(value, "spot", None)
        piece = self._script.source.text[spot.start : spot.end] if spot is not None else str(value)
        return " ".join(piece.split())[:80]


def class_of(record: Record) -> type[Component] | None:
    """The engine's class that a call makes one of: by its public name, or by the module of a kind that is installed."""
    name = _engine_name(record)
    if name in studio.engine.__all__:
        found = getattr(studio.engine, name)
        is_component = isinstance(found, type) and issubclass(found, Component) and found.kind
        return found if is_component and (drawn_class(found.kind) is not None or found is TeamTool) else None
    module, _, last = record.callee.rpartition(".")
    return next((cls for cls in kinds().values() if cls.__name__ == last and cls.__module__ == module and drawn_class(cls.kind)), None)


def _model_of(record: Record) -> type[Any] | None:
    """The class of a value that is a part of a component's field: a nested component, an arrow, what somebody hears."""
    name = _engine_name(record)
    if name in studio.engine.__all__:
        found = getattr(studio.engine, name)
        return found if isinstance(found, type) and issubclass(found, BaseModel) else None
    module, _, last = record.callee.rpartition(".")
    return next((cls for cls in kinds().values() if cls.__name__ == last and cls.__module__ == module), None)


def _engine_name(record: Record) -> str:
    """The name of what is called, as `studio.engine` offers it; "" for what is elsewhere."""
    return record.callee.removeprefix(f"{ENGINE}.") if record.callee.startswith(f"{ENGINE}.") else ""


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


def _team_of_one(agent: Made) -> Made:
    return Made(Team, agent.line, name="team", own={"max_turns": 1}, members=[agent])


def _as_tool(agent: Made) -> Made:
    """An agent that is given as a tool: a team of one that answers once."""
    if issubclass(agent.cls, Team):
        return Made(TeamTool, agent.line, members=[agent])
    own = {"max_turns": 1, "heard": "last"} | ({"description": agent.own["description"]} if "description" in agent.own else {})
    return Made(TeamTool, agent.line, members=[Made(Team, agent.line, name=agent.name, own=own, members=[agent])])
