"""Events as a log keeps them: numbered copies, texts that every store takes, and one line of JSON each."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from operator import is_
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from studio.engine.events import CodeBlock, DurableEvent, Event, ToolCall
from studio.engine.usage import Usage

EventT = TypeVar("EventT", bound=Event)


@cache
def _durable() -> TypeAdapter[Any]:
    return TypeAdapter(DurableEvent)


def event_from_json(data: str | bytes | dict[str, Any]) -> Any:
    """The durable event of a stored row. Raises pydantic.ValidationError."""
    return _durable().validate_python(data) if isinstance(data, dict) else _durable().validate_json(data)


def event_to_json(event: Event) -> str:
    """One line of JSON, without the fields that are None."""
    try:
        return event.model_dump_json(exclude_none=True)
    except PydanticSerializationError:
        return storable(event).model_dump_json(exclude_none=True)


def stamped(event: EventT, stamps: dict[str, Any]) -> EventT:
    """A copy with other values in some fields: what `model_copy` makes, in a third of its time, for what every event goes through."""
    kind = type(event)
    copy = kind.__new__(kind)
    _put(copy, "__dict__", event.__dict__ | stamps)
    _put(copy, "__pydantic_fields_set__", event.__pydantic_fields_set__ | stamps.keys())
    _put(copy, "__pydantic_extra__", event.__pydantic_extra__)
    _put(copy, "__pydantic_private__", event.__pydantic_private__)
    return copy


_put = object.__setattr__


def storable(event: EventT) -> EventT:
    """The event with a question mark for every half of a surrogate pair: models and tools write such, and no store takes them."""
    values = event.__dict__
    changed: dict[str, Any] | None = None
    for name in _with_text(type(event)):
        value = values.get(name)
        if value and not (type(value) is str and value.isascii()) and (whole := _whole(value)) is not value:
            changed = {name: whole} if changed is None else changed | {name: whole}
    return event if changed is None else event.model_copy(update=changed)


@cache
def _with_text(kind: type[Event]) -> tuple[str, ...]:
    """The fields of a class in which half of a surrogate pair may stand."""
    return tuple(name for name, field in kind.model_fields.items() if not _without_text(field.annotation))


def _without_text(annotation: Any) -> bool:
    """Whether a field holds nothing but numbers, moments, usage, or words of ours."""
    if get_origin(annotation) is Literal or annotation in (int, float, bool, datetime, Usage, NoneType):
        return True
    return get_origin(annotation) in (Union, UnionType) and all(map(_without_text, get_args(annotation)))


def _whole(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        if value.isascii():
            return value
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\ufffd", "?")
        return value
    if kind is tuple or kind is list:
        parts = [_whole(part) for part in value]
        return value if all(map(is_, parts, value)) else kind(parts)
    if kind is dict:
        pairs = {_whole(name): _whole(part) for name, part in value.items()}
        return value if all(map(is_, pairs, value)) and all(map(is_, pairs.values(), value.values())) else pairs
    if kind is ToolCall or kind is CodeBlock:
        changed = {name: whole for name, part in value.__dict__.items() if (whole := _whole(part)) is not part}
        return value.model_copy(update=changed) if changed else value
    return value
