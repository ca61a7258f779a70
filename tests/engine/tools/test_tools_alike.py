"""A Python tool in a sandbox and the same function in this process answer alike: schema, results and errors, text for text."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tool_place import nowhere

from studio.engine import FunctionTool, LocalExecutor, PythonTool
from studio.engine.code.arguments import read_arguments
from studio.engine.code.base import Sandbox
from studio.engine.code.calling import BadArguments, fit, text_of

SOURCES = {
    "weather": '''
from typing import Annotated, Literal


def weather(city: Annotated[str, "Name of the city."], days: int = 3, unit: Literal["c", "f"] = "c") -> str:
    """Tell the weather.

    Args:
        days: How many days.
    """
    if not city:
        raise ValueError("no city")
    return f"{city} {days} {unit}"
''',
    "statistics": '''
from dataclasses import dataclass
from typing import Any, Optional


@dataclass
class Summary:
    mean: float
    tags: list


async def summary(numbers: list[float], tags: Optional[list[str]] = None, options: dict[str, Any] | None = None, exact: bool = False):
    """Summarise numbers."""
    mean = sum(numbers) / len(numbers)
    return Summary(round(mean) if exact else mean, (tags or []) + sorted(options or {}))
''',
    "shapes": '''
def _scaled(value, by):
    return value * by


def area(sides: tuple[float, float], *, scale: float | int = 1, unique: set[int] = frozenset(), note=None):
    """Area of a rectangle."""
    if scale < 0:
        return _scaled(None, object())
    return {"area": _scaled(sides[0] * sides[1], scale), "unique": unique, "note": note}
''',
}
CALLS = {
    "weather": ['{"city": "Oslo"}', '{"city": "Oslo", "days": "5", "unit": "f"}', '{"city": ""}', '{"city": 7}', '{"city": null}',
                '{"city": "a", "unit": "k"}', '{"city": "a", "days": 1.5}', '{"city": "two\nlines"}', "", "[]", "{", '"{\\"city\\": \\"X\\"}"',
                '{"city": "a", "town": 1}', '{"city": ["a"]}', '{"city": true}', '{"city": "\\ud800"}'],
    "statistics": ['{"numbers": [1, "2", 3.5]}', '{"numbers": []}', '{"numbers": "1"}', '{"numbers": [1], "tags": ["a"], "options": {"z": 1, "b": null}}',
                   '{"numbers": [1, 2], "exact": "true"}', '{"numbers": [1], "exact": "maybe"}', '{"numbers": [1], "tags": [1, {}]}', '{"numbers": [NaN]}'],
    "shapes": ['{"sides": [2, 3]}', '{"sides": [2]}', '{"sides": ["2", "3"], "scale": 1.5, "unique": [3, 1, 3]}', '{"sides": [1, 1], "scale": -1}',
               '{"sides": [1, 1], "scale": "x"}', '{"sides": {"a": 1}}', '{"sides": [1, 1], "note": {"deep": [1]}}'],
}  # fmt: skip


def imported(name: str, folder: Path) -> ModuleType:
    """The source as a module of this process, from a file, so that it has the same line numbers."""
    path = folder / f"{name}.py"
    path.write_text(SOURCES[name], encoding="utf-8")
    spec = importlib.util.spec_from_file_location(f"alike_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", SOURCES)
async def test_the_same_function_answers_alike_in_a_sandbox_and_here(name: str, tmp_path: Path) -> None:
    drawn = PythonTool(source=SOURCES[name], executor=LocalExecutor())
    written = FunctionTool.of(getattr(imported(name, tmp_path), drawn.schema_for_model().name))
    assert drawn.schema_for_model() == written.schema_for_model()
    session = LocalExecutor().open(Sandbox("alike", tmp_path / "work"))
    try:
        for arguments in CALLS[name]:
            there, here = await drawn.call(name, arguments, nowhere(session=session)), await written.call(name, arguments, nowhere())
            assert (there.output, there.is_error) == (here.output, here.is_error), arguments
    finally:
        await session.close()


async def test_the_calls_are_as_they_were_written_down(tmp_path: Path) -> None:
    """Golden: what a model reads must not change unnoticed."""
    found = {}
    for name, calls in CALLS.items():
        module = imported(name, tmp_path)
        tool = FunctionTool.of(getattr(module, PythonTool(source=SOURCES[name]).schema_for_model().name))
        found[name] = {arguments: [(result := await tool.call(name, arguments, nowhere())).output, result.is_error] for arguments in calls}
    golden = Path(__file__).with_name("golden_calls.json")
    assert found == json.loads(golden.read_text(encoding="utf-8"))


async def test_a_python_tool_that_cannot_be_read_is_an_error_for_the_model() -> None:
    result = await PythonTool(source="def tool(:").call("tool", "{}", nowhere())
    assert result.is_error
    assert result.output == "Python tool: line 1: This is not Python: invalid syntax."


async def test_a_python_tool_without_a_session_says_so() -> None:
    result = await PythonTool().call("tool", "{}", nowhere())
    assert (result.output, result.is_error) == ("'tool' has nowhere to run.", True)


def test_a_python_tool_asks_and_runs_as_it_is_told() -> None:
    tool = PythonTool(approval="always", executor=LocalExecutor(timeout=3))
    assert tool.needs_approval("tool", "{}")
    assert tool.runs_in == LocalExecutor(timeout=3)
    assert not PythonTool().needs_approval("tool", "{}")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=5))
def test_arguments_are_read_whether_or_not_line_ends_are_escaped(arguments: dict[str, object]) -> None:
    text = json.dumps(arguments)
    assert read_arguments(text) == arguments
    assert read_arguments(json.dumps(text)) == arguments
    assert read_arguments(text.replace("\\n", "\n").replace("\\t", "\t") if "\\\\" not in text else text) == arguments


@given(st.text(max_size=60) | JSON.map(json.dumps))
def test_any_text_of_arguments_is_read_or_refused_with_a_sentence(text: str) -> None:
    said = "a JSON object"
    try:
        assert isinstance(read_arguments(text), dict)
    except BadArguments as mistake:
        said = str(mistake)
    assert "JSON object" in said


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "1" * 10_000, '{"a": ' + "9" * 5_000 + "}", "x" * 1_000_001])
def test_hostile_arguments_are_refused(text: str) -> None:
    with pytest.raises(BadArguments):
        read_arguments(text)


@given(JSON, st.sampled_from([str, int, float, bool, None, list[int], dict[str, float], tuple[int, str], int | None, str | int, set[str]]))
def test_a_fitted_value_fits_again_and_stays_the_same(value: object, hint: object) -> None:
    try:
        once, said = fit(value, hint, "x"), "'x"
    except BadArguments as mistake:
        once, said = None, str(mistake)
    assert "'x" in said
    if once is not None and not isinstance(once, (set, tuple)):
        assert fit(once, hint, "x") == once


@given(JSON)
def test_any_result_becomes_text_that_says_the_same(value: object) -> None:
    text = text_of(value)
    assert text == value if isinstance(value, str) else json.loads(text) == value
