"""The fields of a small model: the columns of a table in a form, and what an arrow of a graph says."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from studio.engine.component import Component, Widget
from studio.texts import catalogue

TYPES: Mapping[type, str] = {bool: "bool", int: "integer", float: "number"}


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The small model of which a field holds a tuple; None for every other field."""
    if get_origin(annotation) not in (tuple, list):
        return None
    item = get_args(annotation)[0] if get_args(annotation) else None
    if get_origin(item) is Annotated:
        item = get_args(item)[0]
    small = isinstance(item, type) and issubclass(item, BaseModel) and not issubclass(item, Component)
    return item if small and isinstance(item, type) else None


def columns(model: type[BaseModel], owner: str, names: tuple[str, ...] = (), leave_out: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The fields of a model: {name, title, help, type, default, choices, nullable, names, placeholder, max_length}.

    `owner` is the prefix of their words in the catalogue (`filter.hears`), `names` are the fields that name a participant.
    """
    fields = {name: info for name, info in model.model_fields.items() if name not in leave_out and not info.exclude}
    return [_column(_words_of(model, owner, name), name, info, name in names) for name, info in fields.items()]


def _words_of(model: type[BaseModel], owner: str, name: str) -> str:
    """The prefix of a column's words: the field's own, else that of its rows, which several kinds may have."""
    own = f"field.{owner}.{name}."
    return owner if any(key.startswith(own) for key in catalogue()) else model.__name__.lower()


def _column(owner: str, name: str, info: FieldInfo, names: bool) -> dict[str, Any]:
    bare, nullable = _bare(info.annotation)
    literals = tuple(str(item) for item in get_args(bare)) if get_origin(bare) is Literal else ()
    widget = next((item for item in info.metadata if isinstance(item, Widget)), Widget(""))
    words = catalogue()
    length = next((found for item in info.metadata if isinstance(found := getattr(item, "max_length", None), int)), None)
    return {
        "name": name,
        "title": words.get(f"field.{owner}.{name}.title", info.title or name.replace("_", " ")),
        "help": words.get(f"field.{owner}.{name}.help", info.description or ""),
        "type": "choice" if literals else TYPES.get(bare, "line"),
        "default": None if info.default is PydanticUndefined else info.default,
        "choices": [{"value": value, "title": words.get(f"field.{owner}.{name}.choice.{value}", value), "help": ""} for value in literals],
        "nullable": nullable,
        "names": names,
        "placeholder": words.get(f"field.{owner}.{name}.placeholder", widget.placeholder),
        "max_length": length,
    }


def _bare(annotation: Any) -> tuple[Any, bool]:
    """The type without None, and whether None fits."""
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [item for item in get_args(annotation) if item is not type(None)]
        return (rest[0] if rest else str), len(rest) < len(get_args(annotation))
    return annotation, False
