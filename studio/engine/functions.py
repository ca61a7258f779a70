"""Python functions of a flow that decide something: who speaks, whether it is over, what is said. Asked outside of the fold, in a sandbox.

A function written as text runs in an executor; one that a script holds in memory is called in its process.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field

from studio.engine.agents.agent import Perform, Place
from studio.engine.code.base import Executor
from studio.engine.code.calling import OBJECT
from studio.engine.code.limited import within
from studio.engine.code.threads import in_thread
from studio.engine.errors import FlowError
from studio.engine.events import Event, FunctionReturned, MessageSaid
from studio.engine.own_class import OwnClass, class_of_source
from studio.engine.tools.schema import schema_of_source
from studio.texts import text

FunctionSource = Annotated[str, Field(max_length=100_000)]

MAX_MESSAGES = 1_000
"""Messages that a function is given at most: the newest."""


class Asked(Protocol):
    """Where a function comes from: its source and where it runs, or the function itself."""

    @property
    def source(self) -> str: ...

    @property
    def executor(self) -> Executor: ...

    @property
    def timeout(self) -> float: ...

    @property
    def function(self) -> Callable[..., Any] | None: ...


def messages_of(thread: Iterable[Any]) -> list[dict[str, str]]:
    """What was said, as functions are told it: {source, text}."""
    return [{"source": event.source, "text": event.text} for event in thread if isinstance(event, MessageSaid)][-MAX_MESSAGES:]


def ask_function(asked: Asked, purpose: str, arguments: Sequence[Any], source: str) -> Perform:
    """The step that asks a function; it ends in one `function_result` of this purpose. A function that fails raises FlowError."""
    if asked.function is not None:
        return Perform("function", partial(_call_here, asked.function, asked.timeout, purpose, tuple(arguments), source))
    return Perform("function", partial(_call_there, asked, purpose, tuple(arguments), source), asked.executor, asked.source)


def ask_object(asked: Asked, own: OwnClass, purpose: str, messages: Sequence[Any], kept: Mapping[str, Any], source: str) -> Perform:
    """The step that asks an object of a class in the source; it ends as `ask_function` does, with what the object keeps."""
    act = partial(_call_object, asked, own, purpose, tuple(messages), dict(kept), source)
    return Perform("function", act, asked.executor, asked.source)


def named(source: str) -> tuple[Literal["class", "function"], str]:
    """What a source holds that is asked, and its name; no name where it cannot be read. Executes nothing."""
    own = class_of_source(source)
    if own is not None:
        return "class", own.name
    try:
        return "function", schema_of_source(source).name
    except FlowError:
        return "function", ""


async def _call_object(
    asked: Asked, own: OwnClass, purpose: str, messages: tuple[Any, ...], kept: dict[str, Any], source: str, place: Place
) -> Sequence[Event]:
    given = {own.takes: messages} if own.takes else {}
    arguments = json.dumps({**given, OBJECT: kept}, ensure_ascii=False)
    result = await place.session(asked.executor).call(asked.source, own.called, arguments, asked.timeout)
    if result.is_error:
        raise FlowError(own.called, result.output, text("engine.function.class.remedy"))
    held, seconds = dict(result.variables or {}), round(result.seconds, 3)
    return (FunctionReturned(source=source, purpose=purpose, name=own.name, value=result.output, kept=held, seconds=seconds),)


async def _call_here(
    function: Callable[..., Any], timeout: float, purpose: str, arguments: tuple[Any, ...], source: str, place: Place
) -> Sequence[Event]:
    name = getattr(function, "__name__", type(function).__name__)
    try:
        value = await within(timeout, _called(function, arguments))
    except TimeoutError:
        sentence, remedy = text("engine.function.too_long", seconds=f"{timeout:g}"), text("engine.function.too_long.remedy")
        raise FlowError(name, sentence, remedy) from None
    except Exception as mistake:
        raise FlowError(name, f"{type(mistake).__name__}: {mistake}", text("engine.function.remedy")) from mistake
    return (FunctionReturned(source=source, purpose=purpose, name=name, value=_plain(value)),)


async def _called(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    value = function(*arguments) if inspect.iscoroutinefunction(function) else await in_thread(lambda: function(*arguments))
    return await value if inspect.isawaitable(value) else value


async def _call_there(asked: Asked, purpose: str, arguments: tuple[Any, ...], source: str, place: Place) -> Sequence[Event]:
    schema = schema_of_source(asked.source)
    wanted = list(schema.parameters.get("properties", {}))[: len(arguments)]
    given = json.dumps(dict(zip(wanted, arguments, strict=False)), ensure_ascii=False)
    result = await place.session(asked.executor).call(asked.source, schema.name, given, asked.timeout)
    if result.is_error:
        raise FlowError(schema.name, result.output, text("engine.function.remedy"))
    value, seconds = result.output if result.is_text else _read(result.output), round(result.seconds, 3)
    return (FunctionReturned(source=source, purpose=purpose, name=schema.name, value=value, seconds=seconds),)


def _read(output: str) -> Any:
    """The value that a result tells in JSON; one that JSON cannot hold, or that is too long, comes as it prints."""
    try:
        return json.loads(output)
    except (ValueError, RecursionError):
        return output


def _plain(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError):
        return str(getattr(value, "name", value))
