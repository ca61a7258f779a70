"""Code of a script that is given to its framework and that no reader has drawn: kept with its source, so that nothing of it is lost."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from studio.formats.foreign_script.bound import code_of
from studio.formats.foreign_script.functions import is_framework
from studio.formats.foreign_script.reading import ScriptReading
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Class, Function, Instance, Record, operands, walk

KEPT_CODE = "kept_code"
"""The code of the finding of such a piece: it speaks of nothing around it."""

MAX_KEPT = 60
"""Pieces of code that are kept this way."""


def keep_given(script: Script, readings: Sequence[ScriptReading]) -> None:
    """Draws each function, class and object of the script that a call of the framework is given and that is in no flow.

    What it is for is told by the call's own line.
    """
    code = on_one_line("\n".join(written for reading in readings for written in _written(reading)))
    spans = [span for reading in readings for span in reading.kept_spans()]
    seen: set[int] = set()
    for record, name, value in _given(script):
        for piece in _pieces(value):
            if id(piece) in seen or piece.taken:
                continue
            seen.add(id(piece))
            if any(start <= piece.spot.start and piece.spot.end <= end for start, end in spans) or _text(piece) in code:
                continue
            called = getattr(piece, "name", "") or "lambda"
            around = _object_of(script, value, piece)
            if around:
                readings[0].piece.beside.setdefault(piece.spot.start, around)
            _reading_of(record, readings).keep(called, piece.spot, what=f"{called} ({name})" if name else called, code=KEPT_CODE)
            piece.taken = True
            if len(seen) > MAX_KEPT:
                return


def _written(reading: ScriptReading) -> Iterator[str]:
    """The texts of a flow in which code of the script may stand."""
    for start, end in reading.kept_spans():
        yield f"{reading.piece.beside.get(start, '')}\n{reading.piece.text[start:end]}"
    for node in reading.nodes:
        yield from (each for each in walk(dict(reading.config_of(node.id))) if isinstance(each, str) and "(" in each)


def _given(script: Script) -> Iterator[tuple[Record, str, Any]]:
    """The calls of the framework with everything that they are given, each by its name; the calls of own classes themselves too."""
    for record in script.records:
        if not is_framework(record.callee):
            continue
        if record.definition is not None:
            yield record, "", record.definition
        for place, value in enumerate(record.args):
            yield record, record.method if place == 0 else f"{record.method}, {place + 1}", value
        yield from ((record, name, value) for name, value in record.kwargs.items())
        yield from ((record, name, value) for name, value in record.fields.items())


def _pieces(value: Any) -> Iterator[Function | Class]:
    """The functions and classes of the script in a value: behind methods, partials and objects, in lists and operators."""
    for each in operands(value):
        if isinstance(each, Instance | Class):
            definition = each.definition if isinstance(each, Instance) else each
            # One without functions only says what it holds.
            if any(isinstance(member, Function) for member in definition.members.values()):
                yield definition
        elif (function := code_of(each)) is not None:
            owner = function.owner.definition if isinstance(function.owner, Instance) else function.owner
            yield owner if isinstance(owner, Class) else function


def _object_of(script: Script, value: Any, piece: Function | Class) -> str:
    """How the object is made, or what a partial is given, that brought a piece of code here."""
    for each in walk(value):
        spot = each.spot if isinstance(each, Instance | Record) else None
        made = each.definition if isinstance(each, Instance) else code_of(each)
        if isinstance(each, Function) and isinstance(each.owner, Instance):
            spot, made = each.owner.spot, each.owner.definition
        if spot is not None and made is piece:
            return script.source.text[spot.start : spot.end]
    return ""


def _text(piece: Function | Class) -> str:
    """The code of a function without what decorates it, or of a class, on one line."""
    if isinstance(piece.node, ast.Lambda):
        return on_one_line(piece.source)
    first = piece.source.find("def ") if isinstance(piece, Function) else 0
    return on_one_line(piece.source[max(first, 0) :])


def on_one_line(code: str) -> str:
    """Code as it is compared, whatever its line breaks and margins."""
    return " ".join(code.split())


def _reading_of(record: Record, readings: Sequence[ScriptReading]) -> ScriptReading:
    """The flow in which something was drawn for a call, or for what its method was called on."""
    while record.of is not None:
        record = record.of
    spot: Spot = record.spot
    for reading in readings:
        if any(start <= spot.start and spot.end <= end for start, end, _ in reading.drawn_at()):
            return reading
    return readings[0]
