"""What the fields of AutoGen's components hold in a script: plain values, and the small records that are no components themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from studio.flow.findings import Level
from studio.formats.autogen_components.source import below
from studio.formats.autogen_python.signatures import SIGNATURES
from studio.formats.foreign_script.reading import ScriptPiece
from studio.formats.foreign_script.shapes import shape_of
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Class, Function, Imported, Member, Record, Setting, Symbol, Text, Unknown, is_known, plain

QUIET = frozenset(("api_key", "model_info", "model_capabilities", "runtime", "cancellation_token", "response_format"))
"""Fields of which nothing is said when they are not known: keys are asked for anyway."""


_PYTHON = "python"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say about a value at a pointer, once its node is drawn."""

    level: Level
    code: str
    pointer: str
    spot: Spot
    remedy: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


class Fields:
    """Reads fields, and remembers where each value stands and what there is to say about it."""

    def __init__(self, script: Script, piece: ScriptPiece) -> None:
        self.script = script
        self.piece = piece
        self.remarks: list[Remark] = []
        self.taken: set[int] = set()

    def remark(self, level: Level, code: str, pointer: str, spot: Spot, *, remedy: bool = False, **facts: Any) -> None:
        self.remarks.append(Remark(level, code, pointer, spot, remedy, facts))

    def around(self, pointer: str) -> Spot | None:
        """Where the argument stands that a value is part of, for values that know no place of their own."""
        while pointer:
            pointer = pointer.rpartition("/")[0]
            if (spot := self.piece.places.get(pointer)) is not None:
                return spot
        return None

    def arguments(self, record: Record, name: str) -> dict[str, tuple[Any, Spot]]:
        """The arguments of a call by the names of its parameters, each with its place."""
        record.take(*range(min(len(record.args), len(SIGNATURES.get(name, ())))), *record.kwargs)
        found = {
            parameter: (value, record.spots.get(index, record.spot))
            for index, (parameter, value) in enumerate(zip(SIGNATURES.get(name, ()), record.args, strict=False))
        }
        return found | {parameter: (value, record.spots.get(parameter, record.spot)) for parameter, value in record.kwargs.items()}

    def plain(self, value: Any, field: str, at: str, spot: Spot, *, quiet: bool = False) -> Any:
        """A value of a plain field; what is not known of it is told."""
        if isinstance(value, Record) and value.method in ("Path", "PurePath") and value.args:
            value = value.args[0]
        if isinstance(value, Class) and field == "response_format":
            return {"type": "json_schema", "json_schema": {"name": value.name, "schema": shape_of(self.script, value)}}
        if isinstance(value, Setting):
            if value.default is None or not is_known(value.default):
                if not quiet:
                    self.remark("decision", "setting", at, spot, remedy=True, field=field, name=value.name)
                return None
            if not quiet:
                self.remark("approximated", "setting_default", at, spot, field=field, name=value.name, value=str(value.default)[:80])
            return plain(value.default)
        if isinstance(value, Text) and value.holes:
            self.remark("decision", "partly", at, spot, remedy=True, field=field)
            return str(value)
        if field == "args" and isinstance(value, list) and not is_known(value):
            self.remark("decision", "partly", at, spot, remedy=True, field=field)
            return [plain(each) if is_known(each) else "{" + named(each) + "}" for each in value]
        if not is_known(value):
            if not quiet:
                self.remark("decision", "value_unknown", at, spot, remedy=True, field=field, source=excerpt(self.script.source.text, spot))
            return None if isinstance(value, Symbol) else plain(value)
        return plain(value)

    def handoff(self, value: Any, at: str, spot: Spot) -> Any:
        if isinstance(value, Record):
            self.taken.add(id(value))
            self.piece.places[at] = value.spot
            return {name: plain(each) for name, (each, _) in self.arguments(value, "Handoff").items()}
        if isinstance(value, Member) and value.name == "name" and isinstance(value.of, Record):
            return plain(value.of.get("name", 0))
        return self.plain(value, "handoffs", at, spot)

    def server(self, value: Any, at: str, spot: Spot) -> Any:
        if not isinstance(value, Record):
            return self.plain(value, "server_params", at, spot)
        self.taken.add(id(value))
        for name, (_, place) in self.arguments(value, "").items():
            self.piece.places[below(at, name)] = place
        given = {
            name: self._interpreter(place, at)
            if isinstance(each, Imported) and each.path == "sys.executable"
            else self.plain(each, name, at, place, quiet=name in ("env", "headers"))
            for name, (each, place) in self.arguments(value, "").items()
        }
        return {**{name: each for name, each in given.items() if each is not None}, "type": value.method}

    def _interpreter(self, spot: Spot, at: str) -> str:
        """The Python that runs the script, as a command."""
        self.remark("approximated", "interpreter", at, spot, command=_PYTHON)
        return _PYTHON

    def filter(self, value: Any) -> Any:
        if not isinstance(value, Record):
            return plain(value)
        self.taken.add(id(value))
        sources = self.arguments(value, "MessageFilterConfig").get("per_source", ([], value.spot))[0]
        listed = sources if isinstance(sources, list | tuple) else []
        return {
            "per_source": [
                {name: plain(inner) for name, (inner, _) in self.arguments(each, "PerSourceFilter").items()}
                if isinstance(each, Record)
                else plain(each)
                for each in listed
            ]
        }

    def memories(self, record: Record, at: str) -> list[dict[str, Any]]:
        """What a list of facts holds: what it is made with, and what is added to it."""
        held = record.get("memory_contents", 1)
        items = list(held) if isinstance(held, list | tuple) else []
        items += [call.get("content", 0) for call in record.chained() if call.method == "add"]
        found = []
        for each in items:
            if isinstance(each, Record):
                self.taken.add(id(each))
                content = each.get("content", 0)
                if not isinstance(content, str):
                    self.remark(
                        "approximated",
                        "left_out",
                        at,
                        each.spot,
                        field="content",
                        what=each.method,
                        source=excerpt(self.script.source.text, each.spot),
                    )
            else:
                content = each.get("content") if isinstance(each, dict) else each
            found.append({"content": str(content) if isinstance(content, str) else None})
        return found


def named(value: Any) -> str:
    """What to call a value that is no component."""
    if isinstance(value, Imported):
        return value.path
    if isinstance(value, Function | Class):
        return value.name or "function"
    if isinstance(value, Record):
        return value.callee
    if isinstance(value, Unknown):
        return " ".join(value.source.split())[:60].replace(".", "_") or "value"
    if isinstance(value, Member):
        return value.name
    return "value"


def excerpt(source: str, spot: Spot) -> str:
    return " ".join(source[spot.start : spot.end].split())[:120]
