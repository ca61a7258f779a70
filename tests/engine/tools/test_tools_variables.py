"""What functions take from the conversation and give back to it, the classes that they may name, and strict schemas."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import pathlib
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, TypedDict

import pytest
from pydantic import BaseModel, ValidationError
from tool_place import nowhere

from studio.engine import FunctionTool, LocalExecutor, PythonTool
from studio.engine.code.base import FunctionResult, Sandbox
from studio.engine.code.session import CALLING_SOURCE
from studio.engine.tools.schema import check_source
from studio.engine.tools.variables import ToolReply, Variables


async def called(function: Any, arguments: dict[str, Any], variables: dict[str, Any] | None = None, **options: Any) -> FunctionResult:
    return await FunctionTool.of(function, **options).call("", json.dumps(arguments), nowhere(variables=variables or {}))


def note(text: str, variables: Variables) -> str:
    """Write a note.

    Args:
        text: What to write.
    """
    variables.setdefault("notes", []).append(text)
    variables.pop("draft", None)
    return f"{len(variables['notes'])} notes"


# Context variables ----------------------------------------------------------------------------------------------------


def test_a_parameter_for_the_variables_is_not_shown_to_the_model() -> None:
    parameters = FunctionTool.of(note).schema_for_model().parameters
    assert list(parameters["properties"]) == ["text"]
    assert parameters["required"] == ["text"]


async def test_a_function_reads_and_changes_the_variables() -> None:
    before = {"notes": ["a"], "draft": "b", "other": 1}
    result = await called(note, {"text": "c"}, before)
    assert result.output == "2 notes"
    assert result.variables == {"notes": ["a", "c"], "draft": None}
    assert before == {"notes": ["a"], "draft": "b", "other": 1}, "only the log changes the conversation's own"


async def test_a_model_cannot_send_the_variables_itself() -> None:
    result = await called(note, {"text": "c", "variables": {"notes": []}})
    assert (result.is_error, result.variables) == (True, None)
    assert result.output == "There is no argument 'variables'."


async def test_a_function_that_fails_sets_nothing() -> None:
    def fail(variables: Variables) -> str:
        variables["a"] = 1
        raise ValueError("no")

    result = await called(fail, {})
    assert (result.is_error, result.variables) == (True, None)


async def test_a_reply_may_hand_over_and_set_variables() -> None:
    async def route(topic: str, variables: Annotated[Variables, "context"]) -> ToolReply:
        variables["seen"] = True
        return ToolReply(f"about {topic}", target="lawyer", variables={"topic": topic})

    result = await called(route, {"topic": "rent"}, {"seen": False})
    assert (result.output, result.target) == ("about rent", "lawyer")
    assert result.variables == {"seen": True, "topic": "rent"}


async def test_a_plain_function_sets_nothing() -> None:
    result = await called(lambda: {"a": 1}, {}, name="plain")
    assert (result.output, result.variables, result.target) == ('{"a": 1}', None, "")


# Classes as hints -----------------------------------------------------------------------------------------------------


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


@dataclasses.dataclass
class Address:
    street: str
    number: int = 1


class Order(TypedDict):
    item: str
    size: Size


CLASSES = '''
import dataclasses
import enum
from typing import Annotated, TypedDict


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


@dataclasses.dataclass
class Address:
    street: str
    number: int = 1


class Order(TypedDict):
    item: str
    size: Size


def send(order: Order, to: Annotated[Address, "Where."], sizes: list[Size] = []) -> str:
    """Send."""
    return ""
'''


def send(order: Order, to: Annotated[Address, "Where."], sizes: list[Size] = []) -> str:  # noqa: B006
    """Send."""
    assert isinstance(to, Address)
    assert isinstance(order["size"], Size)
    return f"{order['item']} {order['size'].name} to {to.street} {to.number} {[size.value for size in sizes]}"


def test_enumerations_dataclasses_and_typed_dicts_are_described_from_source_and_from_the_function_alike() -> None:
    schema = FunctionTool.of(send).schema_for_model()
    assert schema == PythonTool(source=CLASSES).schema_for_model()
    size = {"enum": ["s", "l"], "type": "string"}
    assert schema.parameters["properties"]["order"] == {
        "type": "object",
        "properties": {"item": {"type": "string"}, "size": size},
        "required": ["item", "size"],
        "additionalProperties": False,
    }
    assert schema.parameters["properties"]["to"]["description"] == "Where."
    assert schema.parameters["properties"]["to"]["required"] == ["street"]
    assert schema.parameters["properties"]["sizes"]["items"] == size


async def test_arguments_become_the_classes_that_the_function_names() -> None:
    result = await called(send, {"order": {"item": "tea", "size": "l"}, "to": {"street": "High St", "number": "4"}, "sizes": ["s"]})
    assert result.output == "tea LARGE to High St 4 ['s']"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"order": {"item": "tea", "size": "xl"}, "to": {"street": "a"}}, '\'order.size\' must be one of "s", "l"'),
        ({"order": {"item": "tea"}, "to": {"street": "a"}}, "'order.size' is missing"),
        ({"order": {"item": "tea", "size": "s"}, "to": {"street": "a", "door": 1}}, "'to' has no field 'door'"),
        ({"order": {"item": "tea", "size": "s"}, "to": {}}, "'to.street' is missing"),
        ({"order": [], "to": {}}, "'order' must be an object"),
    ],
)
async def test_what_does_not_fit_a_class_is_named(arguments: dict[str, Any], words: str) -> None:
    result = await called(send, arguments)
    assert result.is_error
    assert words in result.output


async def test_dates_decimals_paths_and_uuids_are_texts() -> None:
    def when(at: datetime.datetime, day: datetime.date, cost: decimal.Decimal, where: pathlib.Path, who: uuid.UUID) -> list[str]:
        return [type(each).__name__.replace("Posix", "").replace("Windows", "") for each in (at, day, cost, where, who)]

    properties = FunctionTool.of(when, name="when").schema_for_model().parameters["properties"]
    assert [each.get("format") for each in properties.values()] == ["date-time", "date", None, None, "uuid"]
    good = {"at": "2026-05-01T09:30:00Z", "day": "2026-05-01", "cost": 1.5, "where": "a/b", "who": str(uuid.UUID(int=1))}
    assert json.loads((await called(when, good)).output) == ["datetime", "date", "Decimal", "Path", "UUID"]
    for name, bad in {"at": "soon", "day": "2026-13-01", "cost": "much", "who": "me"}.items():
        result = await called(when, good | {name: bad})
        assert result.is_error
        assert f"'{name}'" in result.output


# Strict ---------------------------------------------------------------------------------------------------------------


class Person(BaseModel):
    name: str
    pets: list[str] = []


async def test_a_strict_schema_asks_for_everything_and_null_means_the_default() -> None:
    def find(words: str, limit: int = 5, where: Optional[Literal["a", "b"]] = None) -> str:  # noqa: UP045
        return f"{words} {limit} {where}"

    schema = FunctionTool.of(find, strict=True).schema_for_model()
    assert schema.strict
    assert schema.parameters["required"] == ["words", "limit", "where"]
    assert schema.parameters["properties"]["limit"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    result = await called(find, {"words": "x", "limit": None, "where": None}, strict=True)
    assert result.output == "x 5 None"
    assert (await called(find, {"words": None, "limit": 1}, strict=True)).is_error


def test_a_strict_schema_closes_every_object_within() -> None:
    def meet(people: list[Person]) -> str:
        return ""

    parameters = FunctionTool.of(meet, strict=True).schema_for_model().parameters
    person = parameters["properties"]["people"]["items"]
    assert person["required"] == ["name", "pets"]
    assert person["additionalProperties"] is False
    assert not FunctionTool.of(meet).schema_for_model().strict


def test_what_cannot_be_strict_is_refused() -> None:
    def free(data: dict[str, Any]) -> str:
        return ""

    with pytest.raises(ValidationError, match="cannot be held to a schema"):
        FunctionTool(function=free, strict=True)


# The same for tools that are drawn -----------------------------------------------------------------------------------------

DRAWN = '''
from studio.engine import ToolReply, Variables


def route(topic: str, context: Variables, urgent: bool = False) -> ToolReply:
    """Find who knows about a topic."""
    context["seen"] = [*context.get("seen", []), topic]
    context.pop("draft", None)
    return ToolReply(f"about {topic}{'!' if urgent else ''}", target="lawyer", variables={"topic": topic})
'''


def drawn(**more: Any) -> PythonTool:
    return PythonTool(source=DRAWN, executor=LocalExecutor(), **more)


def test_a_drawn_tool_shows_no_parameter_for_the_variables_either() -> None:
    assert list(drawn().schema_for_model().parameters["properties"]) == ["topic", "urgent"]
    assert check_source(DRAWN) == []
    own = 'class Variables(dict):\n    pass\n\n\ndef use(variables: Variables) -> str:\n    """Use."""\n    return \'\'\n'
    assert list(PythonTool(source=own).schema_for_model().parameters["properties"]) == ["variables"], "a class of the source's own"


async def test_a_drawn_tool_reads_and_sets_variables_and_hands_over_from_its_sandbox(tmp_path: Path) -> None:
    session = LocalExecutor().open(Sandbox("variables", tmp_path))
    place = nowhere(variables={"seen": ["a"], "draft": 1, "kept": 2}, session=session)
    try:
        result = await drawn().call("route", '{"topic": "rent", "urgent": true}', place)
        assert (result.output, result.is_error, result.target) == ("about rent!", False, "lawyer")
        assert result.variables == {"seen": ["a", "rent"], "draft": None, "topic": "rent"}
        refused = await drawn().call("route", '{"topic": "rent", "context": {}}', place)
        assert (refused.output, refused.is_error) == ("There is no argument 'context'.", True)
        strict = await drawn(strict=True).call("route", '{"topic": "rent", "urgent": null}', place)
        assert strict.output == "about rent"
        missing = await PythonTool(source="from studio.engine import Martian\n\n\ndef use() -> str:\n    return ''\n").call(
            "use", "{}", place
        )
        assert "cannot import name 'Martian'" in missing.output
    finally:
        await session.close()


def test_a_drawn_tool_can_be_strict() -> None:
    schema = drawn(strict=True).schema_for_model()
    assert schema.strict
    assert schema.parameters["required"] == ["topic", "urgent"]
    assert schema.parameters["properties"]["urgent"]["anyOf"] == [{"type": "boolean"}, {"type": "null"}]
    assert not drawn().schema_for_model().strict


def test_a_sandbox_without_the_engine_has_what_tools_import_of_it(tmp_path: Path) -> None:
    order = {"source": DRAWN, "function": "route", "arguments": {"topic": "rent", "context": {"draft": 1}}, "limit": 1_000}
    told = tmp_path / "result"
    without_packages = [sys.executable, "-I", "-S", "-c", CALLING_SOURCE]
    subprocess.run(without_packages, input=json.dumps(order), env={"CONVENE_RESULT": str(told)}, text=True, timeout=30, check=True)
    assert json.loads(told.read_text("utf-8")) == {
        "output": "about rent",
        "is_error": False,
        "is_text": True,
        "variables": {"seen": ["rent"], "draft": None, "topic": "rent"},
        "target": "lawyer",
    }


OWN_CLASSES = '''
from studio.engine import ToolReply, Variables


class Shared(Variables):
    def set(self, key, value):
        self[key] = value


class Reply(ToolReply):
    def __init__(self, message):
        super().__init__(message, "boss", {"told": True})


def tell(word: str, shared: Shared) -> Reply:
    """Tell."""
    shared.set("word", word)
    return Reply(f"told {word}")
'''


async def test_classes_of_a_source_may_inherit_from_what_it_is_given(tmp_path: Path) -> None:
    tool = PythonTool(source=OWN_CLASSES, executor=LocalExecutor())
    assert list(tool.schema_for_model().parameters["properties"]) == ["word"]
    session = LocalExecutor().open(Sandbox("classes", tmp_path))
    try:
        result = await tool.call("tell", '{"word": "a"}', nowhere(session=session))
    finally:
        await session.close()
    assert (result.output, result.target, result.variables) == ("told a", "boss", {"word": "a", "told": True})
