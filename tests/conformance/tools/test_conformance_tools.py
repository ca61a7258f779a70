"""What every kind of tool keeps: calls end in a result, in time, of a bounded size, whatever a model sends."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from patience import within
from tool_cases import CASES, LIMIT, Bench, Case, made, opened

from studio.engine.code.base import MAX_OUTPUT, FunctionResult
from studio.engine.component import kinds
from studio.engine.tools.base import Tool, by_name, schemas_of

NO_JSON = ("{", "nonsense", "[1]", '"text"', "7", "null", "[" * 100_000, '{"a": NaN}', '{"a": 1}}', "\0", "{'a': 1}")
ELSEWHERE = {"agent_tool", "expert_team", "team_tool"}
"""Kinds whose calls are conversations: their own tests hold them to the same."""


@pytest.fixture(params=sorted(CASES))
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    async with opened(CASES[request.param], tmp_path) as ready:
        yield ready


async def called(bench: Bench, name: str, arguments: str) -> FunctionResult:
    result = await bench.tool.call(name, arguments, bench.place)
    assert isinstance(result, FunctionResult)
    assert isinstance(result.output, str)
    assert len(result.output) <= MAX_OUTPUT + 200
    result.output.encode("utf-8")
    return result


def needs(bench: Bench, part: str) -> Any:
    call = getattr(bench.case, part)
    if call is None:
        pytest.skip(f"this kind has no call that is {part}")
    return call


def test_every_kind_of_tool_is_here() -> None:
    joined = {made(make).tool.kind for make in CASES.values()}
    own = {kind: found for kind, found in kinds().items() if found.__module__.startswith("studio.engine.tools.")}
    known = {kind for kind, found in own.items() if issubclass(found, Tool)}
    assert known <= joined | ELSEWHERE


async def test_its_schemas_can_be_shown_to_any_model(bench: Bench) -> None:
    offered = {bench.tool.key: await bench.tool.list_tools(bench.place)} if bench.tool.must_list else {}
    schemas = schemas_of((bench.tool,), offered)
    assert schemas
    for schema in schemas:
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", schema.name)
        assert len(schema.description) <= 1024
        assert schema.parameters["type"] == "object"
        json.dumps(dict(schema.parameters))
    assert set(by_name((bench.tool,), offered)) == {schema.name for schema in schemas}
    assert bench.case.good.name in {schema.name for schema in schemas}


async def test_a_good_call_answers(bench: Bench) -> None:
    result = await called(bench, bench.case.good.name, bench.case.good.text)
    assert not result.is_error, result.output
    assert bench.case.good.answer in result.output


async def test_arguments_that_are_no_object_are_an_error_for_the_model(bench: Bench) -> None:
    for text in NO_JSON:
        result = await called(bench, bench.case.good.name, text)
        assert result.is_error, text[:40]
        assert result.output.strip()


async def test_small_slips_in_the_json_are_repaired(bench: Bench) -> None:
    text = bench.case.good.text
    for slip in (text[:-1] + ",}", f"```json\n{text}\n```", json.dumps(text)):
        assert bench.case.good.answer in (await called(bench, bench.case.good.name, slip)).output


async def test_arguments_that_do_not_fit_are_an_error_for_the_model(bench: Bench) -> None:
    for arguments in bench.case.misfits:
        result = await called(bench, bench.case.good.name, json.dumps(arguments))
        assert result.is_error, arguments
        assert result.output.strip()


async def test_a_failure_is_a_result_that_says_what_failed(bench: Bench) -> None:
    call = needs(bench, "fails")
    result = await called(bench, call.name, call.text)
    assert result.is_error
    assert call.answer in result.output


async def test_a_call_that_takes_too_long_is_ended(bench: Bench) -> None:
    call = needs(bench, "slow")
    await called(bench, bench.case.good.name, bench.case.good.text)  # whatever must start first has started
    began = time.monotonic()
    result = await called(bench, call.name, call.text)
    assert result.is_error
    assert time.monotonic() - began < within(LIMIT + 1)


async def test_cancelling_a_call_returns_within_a_second(bench: Bench) -> None:
    call = needs(bench, "slow")
    await called(bench, bench.case.good.name, bench.case.good.text)
    task = asyncio.create_task(bench.tool.call(call.name, call.text, bench.place))
    await asyncio.sleep(0.2)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < within(1)


async def test_a_huge_answer_is_shortened(bench: Bench) -> None:
    call = needs(bench, "huge")
    result = await called(bench, call.name, call.text)
    assert len(result.output) > MAX_OUTPUT // 2
    assert "left out" in result.output


async def test_calls_at_the_same_time_do_not_disturb_each_other(bench: Bench) -> None:
    good = bench.case.good
    calls = [called(bench, good.name, good.text), called(bench, good.name, "{"), called(bench, good.name, good.text)]
    first, broken, last = await asyncio.gather(*calls)
    assert good.answer in first.output
    assert broken.is_error
    assert good.answer in last.output


async def test_a_name_that_it_does_not_have_never_raises(bench: Bench) -> None:
    for name in ("", "no_such_tool", "x" * 500, "../etc"):
        await called(bench, name, bench.case.good.text)


@pytest.mark.parametrize("kind", sorted(CASES))
def test_its_approval_and_its_key_are_decided_without_starting_anything(kind: str) -> None:
    case: Case = made(CASES[kind])
    same: Case = made(CASES[kind])
    assert case.tool.key == same.tool.key
    assert case.tool.needs_approval(case.good.name, case.good.text) in (True, False)
    assert case.tool.needs_approval(case.good.name, "no json") in (True, False)
    consent = case.tool.needs_consent()
    assert consent is None or consent.strip()


@pytest.mark.parametrize("kind", ["async_function", "files", "sync_function"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=60)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "path", "content"]), inner, max_size=3),
        max_leaves=6,
    ).map(json.dumps)
)
def test_whatever_a_model_sends_becomes_a_result(kind: str, text: str, tmp_path: Path) -> None:
    async def send() -> None:
        async with opened(CASES[kind], tmp_path) as bench:
            await called(bench, bench.case.good.name, text)

    asyncio.run(send())
