"""The base of everything that can be drawn: a frozen specification that is its own form, its own JSON and its own constructor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, model_serializer, model_validator
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from studio.engine.errors import UnknownKind
from studio.texts import text


@dataclass(frozen=True, slots=True)
class Widget:
    """How a field wants to be edited, as metadata of its annotation.

    `name` is one of: line, text (several lines), code (Python), lines (one item a line), rows (name and value pairs),
    money, seconds, choice, choices (boxes to tick, see `Component.choices_of`), document (a text that lies in a file), documents
    (files that are dropped in), hidden.
    Without a `Widget` the form chooses by type.
    """

    name: str
    advanced: bool = False
    placeholder: str = ""


_kinds: dict[str, type[Component]] = {}


def kinds() -> dict[str, type[Component]]:
    """All concrete component classes by their kind: those of this engine, then whatever else was imported."""
    import studio.engine.vocabulary  # noqa: F401 - importing the classes registers their kinds

    return _kinds


def component_class(kind: str) -> type[Component]:
    """The class of `kind`. Raises UnknownKind."""
    try:
        return kinds()[kind]
    except KeyError:
        raise UnknownKind(kind, tuple(_kinds)) from None


class Component(BaseModel):
    """A frozen specification. Its fields are the constructor's arguments, the form, the JSON and the exported call.

    A concrete class sets `kind`; an abstract one (Agent, Model, Condition …) sets `category` and is used as a field's
    type wherever any of its kinds fits: JSON is then dispatched by its "kind". `drawable` is False for kinds that only
    code can hold, such as a tool around a function that exists in memory.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False, defer_build=True)

    kind: ClassVar[str] = ""
    category: ClassVar[str] = ""
    title: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    version: ClassVar[int] = 1
    drawable: ClassVar[bool] = True

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        if "kind" in cls.__dict__:
            _kinds.setdefault(cls.kind, cls)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        if "kind" in cls.__dict__:
            return handler(source)
        return core_schema.no_info_plain_validator_function(
            cls._dispatch,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value.model_dump(mode="json")),
        )

    @classmethod
    def _dispatch(cls, value: Any) -> Component:
        if isinstance(value, cls):
            return value
        if not isinstance(value, dict):
            raise PydanticCustomError("component", text("engine.component.not_of_category", category=cls.category))
        concrete = kinds().get(str(value.get("kind")))
        if concrete is None or not issubclass(concrete, cls):
            raise PydanticCustomError("component", text("engine.component.no_kind_of", kind=value.get("kind"), category=cls.category))
        return concrete.model_validate(value)

    @model_validator(mode="before")
    @classmethod
    def _without_kind(cls, value: Any) -> Any:
        if isinstance(value, dict) and "kind" in value:
            if value["kind"] != cls.kind:
                raise PydanticCustomError("component", text("engine.component.other_kind", kind=value["kind"], expected=cls.kind))
            return {name: part for name, part in value.items() if name != "kind"}
        return value

    @model_serializer(mode="wrap")
    def _with_kind(self, handler: Any) -> dict[str, Any]:
        return {"kind": self.kind, **handler(self)}

    @classmethod
    def choices_of(cls, field: str, config: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """(value, what it is) of everything that a field with the widget `choices` may hold, by what the other fields hold."""
        return ()

    @classmethod
    def stand_in(cls, field: str, config: Mapping[str, Any]) -> Any:
        """What a form shows of a field that holds its default, where another field says what then holds; None for the default itself."""
        return None

    def replace(self, **changes: Any) -> Self:
        """A copy with other values, validated. Raises pydantic.ValidationError."""
        values = {name: getattr(self, name) for name in self.model_fields_set} | changes
        return type(self)(**values)
