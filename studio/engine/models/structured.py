"""Answers that must have a form: what a server is asked for, and the data in what it answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from studio.engine.models.base import ModelRequest
from studio.engine.models.quirks import Quirks
from studio.engine.patterns import MAX_MATCHED, checked
from studio.texts import text

MOST_MISTAKES = 5
"""Mistakes of one answer that are told."""

CHOSEN = "answer"
"""The property that holds the choice where a server is held to one of several answers."""

MOST_TRIES = 200
"""Brackets of one answer at which its data may begin. A text of nothing but brackets would take seconds otherwise."""

_VALUES = ("enum", "const", "default", "examples")
"""Words of a schema that hold values, not schemas."""

_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
"""Words of a schema that hold schemas by names of somebody's own."""

_FENCED = re.compile(r"```[\w-]*[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)


def structured(answer: str, schema: Mapping[str, Any]) -> tuple[Any, str | None]:
    """The data in an answer, and what is wrong with it by a JSON schema: sentences that a model can repair it by, None when it fits.

    A fence around the data, or words before and after it, are passed over. Patterns that could take very long are not tried, and
    none is on data with long texts: a schema may come from a stranger.
    """
    found, data = _data_in(answer)
    if not found:
        return None, text("engine.answer_form.no_json")
    mistakes = " ".join(_mistakes(data, schema))
    return (None, mistakes) if mistakes else (data, None)


def response_format(request: ModelRequest, quirks: Quirks) -> dict[str, Any] | None:
    """What a server is sent to hold its answer to a form, None when there is no form or it cannot be held to one."""
    if request.schema is not None and quirks.schemas != "words":
        if quirks.schemas == "object":
            return {"type": "json_object"}
        return _format("answer", request.schema, _is_strict(request.schema))
    if request.choices and not request.tools and quirks.schemas == "schema":
        chosen = {"type": "string", "enum": list(request.choices)}
        schema = {"type": "object", "properties": {CHOSEN: chosen}, "required": [CHOSEN], "additionalProperties": False}
        return _format("choice", schema, True)
    return None


def in_words(request: ModelRequest, quirks: Quirks) -> tuple[str, ...]:
    """What a server that is not held to a schema is told instead, as a user's text."""
    if request.schema is None or quirks.schemas == "schema":
        return ()
    return (f"Answer in JSON only, without any other words, by this JSON schema:\n{json.dumps(dict(request.schema), ensure_ascii=False)}",)


def unwrapped(answer: str) -> str:
    """The choice in an answer that was held to one; any other answer as it is."""
    found, data = _data_in(answer)
    chosen = data.get(CHOSEN) if found and isinstance(data, dict) else None
    return chosen if isinstance(chosen, str) else answer


def object_in(answer: str, field: str) -> Any:
    """The JSON object with this field in an answer, or whatever JSON comes first in it; None where there is none."""
    first: Any = None
    for data in _all_data_in(answer):
        if isinstance(data, dict) and field in data:
            return data
        first = data if first is None else first
    return first


def _format(name: str, schema: Mapping[str, Any], strict: bool) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": name, "schema": dict(schema), "strict": strict}}


def _data_in(answer: str) -> tuple[bool, Any]:
    return next(((True, data) for data in _all_data_in(answer)), (False, None))


def _all_data_in(answer: str) -> Iterator[Any]:
    """Everything in an answer that is JSON, the likeliest first."""
    for candidate in (answer, *(match[1] for match in _FENCED.finditer(answer))):
        try:
            yield json.loads(candidate)
        except (ValueError, RecursionError):
            continue
    decoder = json.JSONDecoder()
    for match in islice(re.finditer(r"[{\[]", answer[:1_000_000]), MOST_TRIES):
        try:
            data, end = decoder.raw_decode(answer, match.start())
        except (ValueError, RecursionError):
            continue
        # A bracketed word in a sentence is JSON by accident; what a model meant is the rest of its answer.
        if end - match.start() > 2:
            yield data


def _mistakes(data: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    import jsonschema
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        tried = _without_patterns(schema, all_of_them=_longest(data) > MAX_MATCHED)
        # An empty registry: a reference to another document is a mistake of the schema, never fetched.
        validator = jsonschema.Draft202012Validator(tried, registry=Registry())
        for number, error in enumerate(validator.iter_errors(data)):
            if number == MOST_MISTAKES:
                yield text("engine.answer_form.more_mistakes")
                return
            place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path).lstrip(".")
            what = error.message[:300]
            yield text("engine.answer_form.misfit", place=place, what=what) if place else text("engine.answer_form.misfit.whole", what=what)
    except Unresolvable as error:
        yield text("engine.answer_form.schema_dangles", what=error)
    except (jsonschema.SchemaError, jsonschema.exceptions.UnknownType, re.error, RecursionError) as error:
        yield text("engine.answer_form.schema_unusable", why=str(error)[:300])


def _without_patterns(schema: Any, all_of_them: bool) -> Any:
    """A schema without the patterns that are not to be tried."""
    if isinstance(schema, list | tuple):
        return [_without_patterns(each, all_of_them) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    tame: dict[str, Any] = {}
    for name, value in schema.items():
        if name == "pattern" and isinstance(value, str):
            if not (all_of_them or _takes_long(value)):
                tame[name] = value
        elif name in _NAMED and isinstance(value, Mapping):
            tried = [key for key in value if name != "patternProperties" or not (all_of_them or _takes_long(key))]
            tame[name] = {key: _without_patterns(value[key], all_of_them) for key in tried}
        else:
            tame[name] = value if name in _VALUES else _without_patterns(value, all_of_them)
    return tame


def _takes_long(pattern: str) -> bool:
    """Whether a pattern could take very long, or is none."""
    try:
        checked(pattern)
    except ValueError:
        return True
    return False


def _longest(data: Any) -> int:
    """Characters of the longest text in data, names of fields included."""
    match data:
        case str():
            return len(data)
        case dict():
            return max((max(len(name), _longest(value)) for name, value in data.items()), default=0)
        case list():
            return max(map(_longest, data), default=0)
        case _:
            return 0


def _is_strict(schema: Any) -> bool:
    """Whether servers take a schema in their strict way: every object names all its properties as required and admits no others."""
    if isinstance(schema, list | tuple):
        return all(map(_is_strict, schema))
    if not isinstance(schema, Mapping):
        return True
    properties = schema.get("properties")
    closed = schema.get("additionalProperties") is False and set(schema.get("required", ())) == set(properties or ())
    if not closed and (schema.get("type") == "object" or isinstance(properties, Mapping)):
        return False
    return all(map(_is_strict, schema.values()))
