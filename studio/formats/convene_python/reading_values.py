"""The values of a program's fields as JSON holds them, with a finding for each that only running would tell."""

from __future__ import annotations

import math
from typing import Any

from pydantic import BaseModel

import studio.engine
from studio.engine.component import Component, kinds
from studio.engine.tools.team_tool import TalkingTool
from studio.flow.findings import Finding, Findings, Level, Place
from studio.flow.kinds import drawn_class
from studio.formats.convene_python.made import Unsure
from studio.formats.convene_python.tool_sources import Definitions, free_names
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Function, Imported, Record, Setting, Text, is_known, is_small, walk
from studio.formats.python_text.literals import quoted
from studio.texts import text

ENGINE = "studio.engine"
NOTHING = object()
"""A value that only running would tell."""


class Values:
    """Reads values, and says what is not understood of them."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.findings = Findings()
        self.definitions = Definitions(script.source)
        self.seen: set[int] = set()
        self._sources: dict[str, str] = {}
        self._unsure = Unsure("", "")

    def say(self, level: Level, code: str, sentence: str, line: int, remedy: str = "", subject: str = "") -> None:
        self.findings.add(Finding(level, code, sentence, remedy, (), Place(line=line), subject or f"{code}:{line}"))

    def source(self, function: Function) -> str:
        """A function's source with what it needs; "" for one that cannot be taken out of the program."""
        line = function.spot.line
        if function.is_lambda or function.owner is not None:
            self.say("decision", "program_lambda", text("code_in.lambda"), line, text("code_in.lambda.remedy"))
            return ""
        if not self.definitions.is_function(function.name, function.node):
            return self._inner(function)
        if function.name not in self._sources:
            taken = self.definitions.take(function.name)
            for missing in taken.missing:
                self.say("decision", "program_missing", text("code_in.missing", function=function.name, name=missing), line)
            self._sources[function.name] = taken.source
        return self._sources[function.name]

    def _inner(self, function: Function) -> str:
        """The source of a function within another one, with the values that it takes from there."""
        constants: dict[str, str] = {}
        for name in sorted(free_names(function.source) - {function.name}):
            known, value = self._around(function, name)
            if known and is_known(value) and is_small(value) and not _is_endless(value):
                constants[name] = quoted(value) if isinstance(value, str) else repr(value)
            elif known and not isinstance(value, Imported):
                sentence = text("code_in.inner", name=function.name, missing=name)
                self.say("decision", "program_inner", sentence, function.spot.line, text("code_in.lambda.remedy"))
        taken = self.definitions.take_inner(function.name, function.source, constants)
        for missing in taken.missing:
            if not self._around(function, missing)[0]:
                sentence = text("code_in.missing", function=function.name, name=missing)
                self.say("decision", "program_missing", sentence, function.spot.line)
        return taken.source

    def _around(self, function: Function, name: str) -> tuple[bool, Any]:
        """What a name of a function around another one is worth; what the file's top says is taken along as it stands."""
        scope = function.scope
        while scope is not None and scope.around is not None:
            if name in scope.names:
                return True, scope.names[name]
            scope = scope.around
        return False, None

    def data(self, value: Any, what: str, line: int) -> Any:
        """A value as JSON holds it; NOTHING, with a finding, where only running would tell."""
        if isinstance(value, Setting):
            sentence = text("code_in.setting", name=value.name, what=what)
            self.say("decision", "program_setting", sentence, line, text("code_in.setting.remedy"), value.name)
            return value.default if isinstance(value.default, str | int | float | bool) else NOTHING
        if isinstance(value, Text) and value.holes:
            self.say("decision", "program_text", text("code_in.text", what=what), line)
            return str(value)
        if not is_small(value):
            self.unsure(value, what, line)
            return NOTHING
        return self._json(value, what, line)

    def _json(self, value: Any, what: str, line: int) -> Any:
        if isinstance(value, float) and not math.isfinite(value):
            self._unsure = Unsure(
                text("code_in.number", what=what, number=str(value)), text("code_in.number.left_out", what=what, number=str(value))
            )
            self.say("decision", "program_number", self._unsure.stays, line)
            return NOTHING
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return str(value)
        if isinstance(value, list | tuple):
            found = [self._json(each, what, line) for each in value]
            return NOTHING if any(each is NOTHING for each in found) else found
        if isinstance(value, set):
            return sorted(map(str, value)) if is_known(value) else self.unsure(value, what, line)
        if isinstance(value, dict):
            pairs = {str(key): self._json(each, what, line) for key, each in value.items()}
            return NOTHING if any(each is NOTHING for each in pairs.values()) else pairs
        if isinstance(value, Record) and (model := _model_of(value)) is not None:
            self.seen.add(id(value))
            pairs = {name: self._json(each, what, line) for name, each in value.kwargs.items()}
            if value.args or value.rest or any(each is NOTHING for each in pairs.values()):
                return self.unsure(value, what, line)
            return {"kind": model.kind, **pairs} if issubclass(model, Component) else pairs
        if isinstance(value, Function) and (source := self.source(value)):
            return source
        return self.unsure(value, what, line)

    def unsure(self, value: Any, what: str, line: int) -> Any:
        """Says of a field that only running would tell what it holds."""
        written = self._written(value)
        self._unsure = Unsure(text("code_in.unsure", what=what, source=written), text("code_in.unsure.left_out", what=what, source=written))
        self.say("decision", "program_unsure", self._unsure.stays, line, text("code_in.unsure.remedy"))
        return NOTHING

    def left_out(self, value: Any, what: str, line: int) -> None:
        """Says of one of several that only running would tell what it is."""
        sentence = text("code_in.unsure.left_out", what=what, source=self._written(value))
        self.say("decision", "program_unsure", sentence, line, text("code_in.unsure.remedy"))

    def _written(self, value: Any) -> str:
        if isinstance(value, Imported):
            return value.path[:80]
        spot = getattr(value, "spot", None)
        piece = self.script.source.text[spot.start : spot.end] if spot is not None else str(value)
        return " ".join(piece.split())[:80]


def _is_endless(value: Any) -> bool:
    return any(isinstance(each, float) and not math.isfinite(each) for each in walk(value))


def class_of(record: Record) -> type[Component] | None:
    """The engine's class that a call makes one of: by its public name, or by the module of a kind that is installed."""
    name = engine_name(record)
    if name in studio.engine.__all__:
        found = getattr(studio.engine, name)
        is_component = isinstance(found, type) and issubclass(found, Component) and found.kind
        return found if is_component and (drawn_class(found.kind) is not None or issubclass(found, TalkingTool)) else None
    module, _, last = record.callee.rpartition(".")
    return next((cls for cls in kinds().values() if cls.__name__ == last and cls.__module__ == module and drawn_class(cls.kind)), None)


def _model_of(record: Record) -> type[Any] | None:
    """The class of a value that is a part of a component's field: a nested component, an arrow, what somebody hears."""
    name = engine_name(record)
    if name in studio.engine.__all__:
        found = getattr(studio.engine, name)
        return found if isinstance(found, type) and issubclass(found, BaseModel) else None
    module, _, last = record.callee.rpartition(".")
    return next((cls for cls in kinds().values() if cls.__name__ == last and cls.__module__ == module), None)


def engine_name(record: Record) -> str:
    """The name of what is called, as `studio.engine` offers it; "" for what is elsewhere."""
    return record.callee.removeprefix(f"{ENGINE}.") if record.callee.startswith(f"{ENGINE}.") else ""
