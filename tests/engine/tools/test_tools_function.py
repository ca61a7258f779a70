"""Functions of the program as tools: what comes out, mistakes, time limits, and what they cannot be."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import threading
import time
from typing import Any

import pytest
from patience import within
from pydantic import BaseModel, Field, ValidationError
from tool_place import nowhere

from studio.engine import Assistant, FunctionTool, PythonTool
from studio.engine.errors import FlowError
from studio.engine.tools.function import as_tool

place: contextvars.ContextVar[str] = contextvars.ContextVar("place", default="nowhere")


def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


async def slow(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "done"


class Person(BaseModel):
    name: str
    age: int = Field(ge=0, description="Years.")


class Family(BaseModel):
    members: list[Person]


class Doubler:
    """Doubles."""

    def __call__(self, n: int) -> int:
        """Double a number."""
        return n * 2

    def method(self, n: int) -> int:
        return n * 3


async def test_a_function_is_called_with_fitted_arguments() -> None:
    result = await FunctionTool.of(add).call("", '{"a": "2", "b": 3.0}', nowhere())
    assert (result.output, result.is_error) == ("5", False)


async def test_an_async_function_is_awaited_and_sees_the_context() -> None:
    async def where() -> str:
        return place.get()

    place.set("here")
    assert (await FunctionTool.of(where).call("", "{}", nowhere())).output == "here"
    assert (await FunctionTool.of(lambda_named(place.get)).call("", "{}", nowhere())).output == "here"


def lambda_named(inner: Any) -> Any:
    def reader() -> Any:
        return inner()

    return reader


async def test_a_function_that_is_not_async_does_not_hold_the_others_up() -> None:
    def sleep() -> str:
        time.sleep(0.3)
        return threading.current_thread().name

    began = time.monotonic()
    results = await asyncio.gather(*(FunctionTool.of(sleep).call("", "{}", nowhere()) for _ in range(5)))
    assert time.monotonic() - began < within(1.2)
    assert all("Main" not in result.output for result in results)


@pytest.mark.parametrize("function", [slow, lambda seconds: time.sleep(seconds)])
async def test_a_call_that_takes_too_long_is_given_up(function: Any) -> None:
    began = time.monotonic()
    result = await FunctionTool.of(function, name="wait", timeout=0.2).call("", '{"seconds": 3}', nowhere())
    assert (result.output, result.is_error) == ("Timed out: it took longer than 0.2 s and was stopped.", True)
    assert time.monotonic() - began < within(1)


async def test_a_time_out_of_the_functions_own_is_its_error() -> None:
    async def own() -> None:
        raise TimeoutError("the server was slow")

    result = await FunctionTool.of(own).call("", "{}", nowhere())
    assert result.output.startswith("TimeoutError: the server was slow (line ")


@pytest.mark.parametrize("function", [slow, lambda seconds: time.sleep(seconds)])
async def test_cancelling_a_call_ends_the_waiting(function: Any) -> None:
    task = asyncio.create_task(FunctionTool.of(function, name="wait").call("", '{"seconds": 2}', nowhere()))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < within(0.5)


async def test_what_ends_programs_ends_only_the_call() -> None:
    def leave() -> None:
        raise SystemExit(4)

    async def leave_later() -> None:
        raise SystemExit(5)

    def next_one() -> None:
        raise StopIteration

    for function, said in ((leave, "SystemExit: 4"), (leave_later, "SystemExit: 5"), (next_one, "StopIteration")):
        result = await FunctionTool.of(function).call("", "{}", nowhere())
        assert result.is_error
        assert result.output.startswith(said)


async def test_pydantic_models_are_taken_as_arguments_and_results() -> None:
    def oldest(family: Family, extra: Person | None = None) -> Person:
        """Find the oldest."""
        return max([*family.members, *([extra] if extra else [])], key=lambda person: person.age)

    tool = FunctionTool.of(oldest)
    parameters = tool.schema_for_model().parameters
    assert set(parameters["$defs"]) == {"Person"}
    assert parameters["properties"]["family"]["properties"]["members"]["items"] == {"$ref": "#/$defs/Person"}
    good = await tool.call("", '{"family": {"members": [{"name": "Ann", "age": 3}]}, "extra": {"name": "Bob", "age": 9}}', nowhere())
    assert good.output == '{"name": "Bob", "age": 9}'
    bad = await tool.call("", '{"family": {"members": [{"name": "Ann", "age": -1}]}}', nowhere())
    assert bad.is_error
    assert bad.output == "The argument 'family.members.0.age' does not fit: Input should be greater than or equal to 0."


async def test_everything_that_can_be_called_can_be_a_tool() -> None:
    partial = functools.partial(add, b=10)
    callables: list[tuple[Any, str, str]] = [
        (Doubler(), "Doubler", "8"),
        (Doubler().method, "method", "12"),
        (functools.partial(Doubler().method), "method", "12"),
    ]
    for function, name, output in callables:
        tool = FunctionTool.of(function)
        assert tool.schema_for_model().name == name
        assert tool.schema_for_model().parameters["properties"]["n"] == {"type": "integer"}
        assert (await tool.call("", '{"n": "4"}', nowhere())).output == output
    assert (await FunctionTool.of(partial).call("", '{"a": 1}', nowhere())).output == "11"
    assert FunctionTool.of(Doubler()).schema_for_model().description == "Double a number."

    @functools.wraps(add)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return add(*args, **kwargs) * 100

    assert (await FunctionTool.of(wrapped).call("", '{"a": "1"}', nowhere())).output == "200"


def test_a_function_that_a_model_cannot_call_is_refused() -> None:
    def starred(*names: str) -> None: ...

    with pytest.raises(FlowError, match=r"'\*names' cannot be shown to a model"):
        FunctionTool.of(starred)
    with pytest.raises(FlowError, match="A model cannot call a tool '<lambda>'"):
        FunctionTool.of(lambda: 1)
    assert FunctionTool.of(lambda: 1, name="one").schema_for_model().name == "one"


def test_a_function_tool_is_neither_written_nor_read() -> None:
    tool = FunctionTool.of(add)
    for write in (tool.model_dump, tool.model_dump_json):
        with pytest.raises(Exception, match=r"add: a function of a program cannot be written to a file\. Use a PythonTool"):
            write()
    with pytest.raises(ValidationError, match="a function tool exists only in code"):
        Assistant.model_validate({"kind": "assistant", "name": "a", "tools": [{"kind": "function_tool", "function": "os.system"}]})


def test_an_assistant_takes_plain_functions() -> None:
    python = PythonTool()
    assistant = Assistant(name="a", tools=(add, python, FunctionTool.of(slow)))
    assert [tool.schema_for_model().name for tool in assistant.tools] == ["add", "tool", "slow"]
    assert assistant.tools[1] is python


def test_only_functions_are_made_tools() -> None:
    python = PythonTool()
    assert as_tool(python) is python
    assert as_tool({"kind": "python_tool"}) == {"kind": "python_tool"}
    assert isinstance(as_tool(add), FunctionTool)


def test_approval_is_as_asked() -> None:
    assert not FunctionTool.of(add).needs_approval("add", "{}")
    assert FunctionTool.of(add, approval="always").needs_approval("add", "{}")
    assert FunctionTool.of(add).runs_in is None
    assert FunctionTool.of(add) == FunctionTool.of(add)
