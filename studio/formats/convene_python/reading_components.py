"""The components of a program: its calls of the engine's classes with their fields, and functions that became tools."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

from studio.engine.agents.agent import Agent
from studio.engine.agents.human import Human
from studio.engine.conditions.combined import AllOf, AnyOf
from studio.engine.conditions.condition import Condition
from studio.engine.teams.graph import Graph
from studio.engine.teams.team import Team
from studio.engine.tools.base import Tool
from studio.engine.tools.python_tool import PythonTool
from studio.engine.tools.team_tool import AgentTool, TeamTool
from studio.flow.kinds import Part, parts
from studio.formats.convene_python.made import Made, mistakes, wire_of
from studio.formats.convene_python.reading_values import NOTHING, Values, class_of, engine_name
from studio.formats.python_reading.calls import COPIES
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Function, Joined, Record
from studio.texts import text


class Components(Values):
    """Makes each component of a program once, however often the program names it."""

    def __init__(self, script: Script) -> None:
        super().__init__(script)
        self._made: dict[int, Made | None] = {}
        self._tools: dict[str, Made] = {}
        self._functions: dict[int, Made | None] = {}
        self._open: set[int] = set()

    def component(self, value: Any) -> Made | None:
        """What a value makes; None for what is no component of the engine."""
        if isinstance(value, Joined):
            return self._joined(value)
        if not isinstance(value, Record):
            return None
        if id(value) in self._made:
            return self._made[id(value)]
        self.seen.add(id(value))
        if id(value) in self._open:
            return None
        self._open.add(id(value))
        if engine_name(value) in ("FunctionTool", "FunctionTool.of"):
            made = self._function_tool(value)
        elif value.of is not None and value.method in COPIES:
            made = self._copy(value, value.of)
        else:
            made = self._call(value)
        self._open.discard(id(value))
        self._made[id(value)] = made
        return made

    def _joined(self, value: Joined) -> Made | None:
        cls = AllOf if value.operator == "&" else AnyOf
        rules: list[Made] = []
        unknown = []
        for side in (value.left, value.right):
            made = self.component(side)
            if made is None or not issubclass(made.cls, Condition):
                unknown.append(side)
                continue
            rules += made.uses.get("stop", []) if made.cls is cls else [made]
        for side in unknown if rules else ():
            self.left_out(side, text("code_in.rule"), value.spot.line)
        if len(rules) < 2:
            return rules[0] if rules else None
        return Made(cls, value.spot.line, "", value.spot.end_line, uses={"stop": rules})

    def _call(self, record: Record) -> Made | None:
        cls = class_of(record)
        if cls is None:
            return None
        made = Made(cls, record.spot.line, record.name, record.spot.end_line)
        if record.args or record.rest:
            self.say("decision", "program_positional", text("code_in.positional", kind=cls.__name__), made.line)
        for field, value in record.kwargs.items():
            made.lines[field] = record.spot_of(field).line
            self._field(made, field, value)
        for field, value in record.fields.items():
            self.say("decision", "program_frozen", text("code_in.frozen", kind=cls.__name__, field=field), made.line)
            made.lines[field] = made.line
            self._field(made, field, value)
        for each in record.calls:
            self.seen.add(id(each))
            if each.method in COPIES and not each.args:
                continue
            self.say("approximated", "program_call", text("code_in.call", call=each.callee[:80]), each.spot.line)
        if cls is TeamTool:
            return self._team_tool(made)
        if cls is AgentTool and (not made.members or issubclass(made.members[0].cls, Team | Human)):
            return _as_tool(made.members[0]) if made.members else None
        if made.is_speaker and not made.name:
            made.name = "team" if issubclass(cls, Team) else made.variable or cls.kind
        for field, why in mistakes(cls, made.own).items():
            line = made.lines.get(field, made.line)
            sentence = text("code_in.invalid", kind=made.name or made.variable or cls.__name__, field=field, why=why)
            self.say("decision", "program_invalid", sentence, line)
        return made

    def _copy(self, record: Record, of: Record) -> Made | None:
        """`agent.replace(name="other")`, `agent.model_copy(update={"name": "other"})`: the same with other fields."""
        original = self.component(of)
        if original is None:
            return None
        uses = {kind: list(several) for kind, several in original.uses.items()}
        made = dataclasses.replace(
            original,
            line=record.spot.line,
            end_line=record.spot.end_line,
            variable=record.name,
            own=dict(original.own),
            uses=uses,
            members=list(original.members),
            arrows=dict(original.arrows),
            unsure=dict(original.unsure),
            lines=dict(original.lines),
            digest="",
        )
        update = record.kwargs.get("update")
        changes = record.kwargs if record.method == "replace" else update if isinstance(update, dict) else {}
        for field, value in changes.items():
            made.lines[str(field)] = record.spot.line
            self._field(made, str(field), value)
        if record.args or record.rest or (record.method == "model_copy" and not isinstance(update, dict)):
            self.unsure(record, text("code_in.of", field="update", kind=made.cls.__name__), record.spot.line)
        for field, why in mistakes(made.cls, made.own).items():
            sentence = text("code_in.invalid", kind=made.name or made.cls.__name__, field=field, why=why)
            self.say("decision", "program_invalid", sentence, record.spot.line)
        return made

    def _team_tool(self, made: Made) -> Made | None:
        """A team as a tool is drawn as a wire, which has neither a name nor a description of its own."""
        for field in made.own:
            sentence = text("code_in.field", kind=made.cls.__name__, field=field)
            self.say("decision", "program_field", sentence, made.lines.get(field, made.line))
        made.own = {}
        return _as_team_tool(made.members[0]) if made.members else None

    def _field(self, made: Made, field: str, value: Any) -> None:
        part = parts(made.cls).get(field)
        line = made.lines[field]
        if part is None:
            self.say("decision", "program_field", text("code_in.field", kind=made.cls.__name__, field=field), line)
        elif part.role == "name":
            self._name(made, value, line)
        elif part.role in ("plain", "nested"):
            found = self.data(value, text("code_in.of", field=field, kind=made.cls.__name__), line)
            if found is NOTHING:
                made.unsure[field] = self._unsure
            else:
                made.own[field] = found
                self._take_arrows(made, field)
        elif part.role == "hidden":
            self._hidden(made, field, value, line)
        else:
            self._wired(made, part, value, line)

    def _name(self, made: Made, value: Any, line: int) -> None:
        found = self.data(value, text("code_in.of", field="name", kind=made.cls.__name__), line)
        made.name = found if isinstance(found, str) else made.variable
        if found is NOTHING:
            made.unsure["name"] = self._unsure

    def _hidden(self, made: Made, field: str, value: Any, line: int) -> None:
        if field == "function" and isinstance(value, Function) and "source" in parts(made.cls) and (source := self.source(value)):
            made.own["source"] = source
            return
        found = self.data(value, text("code_in.of", field=field, kind=made.cls.__name__), line)
        if field == "transitions" and isinstance(found, dict) and all(isinstance(each, list) for each in found.values()):
            made.arrows = {(str(before), str(after)): {} for before, followers in found.items() for after in followers}
        elif found is not None and found is not NOTHING:
            self.say("decision", "program_field", text("code_in.field", kind=made.cls.__name__, field=field), line)

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
                        self.say("decision", "program_arrow_twice", text("code_in.arrow_twice", before=pair[0], after=pair[1]), made.line)
                    made.arrows[pair] = {name: value for name, value in row.items() if name not in ("source", "target")}

    def _wired(self, made: Made, part: Part, value: Any, line: int) -> None:
        if value is None:
            return
        several = self._items(value)
        found: list[Made] = []
        for each in several if several is not None else [value]:
            inner = self.component(each) if not isinstance(each, Function) else self._tool(each)
            if inner is not None and part.component is Tool and inner.is_speaker:
                inner = _as_tool(inner)
            wanted = Agent if made.cls is TeamTool else part.component
            if inner is None or wanted is None or not issubclass(inner.cls, wanted):
                what = text("code_in.of", field=part.name, kind=made.cls.__name__)
                if several is None:
                    self.unsure(each, what, line)
                    made.unsure[part.name] = self._unsure
                else:
                    self.left_out(each, what, line)
            else:
                found.append(inner)
        if part.role == "members":
            made.members = found
        elif part.name not in made.unsure:
            made.uses[wire_of(cast(Any, part.component))] = found

    def _items(self, value: Any) -> list[Any] | None:
        return list(value) if isinstance(value, list | tuple) else None

    def _tool(self, function: Function) -> Made | None:
        if id(function) in self._functions:
            return self._functions[id(function)]
        source = self.source(function)
        if source and source not in self._tools:
            self._tools[source] = Made(PythonTool, function.spot.line, function.name, function.spot.end_line, own={"source": source})
        self._functions[id(function)] = self._tools.get(source)
        return self._functions[id(function)]

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
            if field != "source" and field in parts(PythonTool):
                self._field(tool, field, value)
            else:
                self.say("decision", "program_field", text("code_in.field", kind="FunctionTool", field=field), line)
        for field, why in mistakes(PythonTool, tool.own).items():
            sentence = text("code_in.invalid", kind=tool.variable, field=field, why=why)
            self.say("decision", "program_invalid", sentence, tool.lines.get(field, tool.line))
        return tool


def team_of_one(agent: Made) -> Made:
    return Made(Team, agent.line, name="team", own={"max_turns": 1}, members=[agent])


def _as_tool(agent: Made) -> Made:
    """An agent, or a team, that is given as a tool."""
    if issubclass(agent.cls, Team | Human):
        return _as_team_tool(agent)
    return Made(AgentTool, agent.line, members=[agent])


def _as_team_tool(agent: Made) -> Made:
    """A team that is given as a tool; an agent that is given as one answers once."""
    if issubclass(agent.cls, Team):
        return Made(TeamTool, agent.line, members=[agent])
    own = {"max_turns": 1, "heard": "last"} | ({"description": agent.own["description"]} if "description" in agent.own else {})
    return Made(TeamTool, agent.line, members=[Made(Team, agent.line, name=agent.name, own=own, members=[agent])])
