"""Spans of a run in the GenAI conventions, read from OpenTelemetry's exporter in memory; a configured provider is all that is needed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asking import OneAccount
from gemini_server import GeminiServer
from misbehaving import Hangs, Log, ScriptedModel, calls, place
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.util._once import Once

from studio.engine.advance import advance
from studio.engine.agents.assistant import Assistant
from studio.engine.agents.human import Human
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.errors import ModelUnavailable
from studio.engine.events import YOU, QuestionAnswered, RunStarted
from studio.engine.fold import fold
from studio.engine.models.gemini_model import GeminiModel
from studio.engine.teams.team import Team
from studio.engine.telemetry import CAPTURE, spans_of
from studio.engine.telemetry_export import export_spans
from studio.engine.tools.function import FunctionTool


def _forget_provider() -> None:
    trace._TRACER_PROVIDER = None
    trace._TRACER_PROVIDER_SET_ONCE = Once()


@pytest.fixture
def exported() -> Iterator[InMemorySpanExporter]:
    """What a program gets that has configured a tracer provider."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    _forget_provider()
    trace.set_tracer_provider(provider)
    yield exporter
    _forget_provider()


def look(where: str) -> str:
    """Look somewhere."""
    if where == "nowhere":
        raise LookupError(where)
    return f"a secret-key-0123 {where}"


def saying(*said: Any) -> ScriptedModel:
    return ScriptedModel(say=lambda request: said[min(request.earlier_calls, len(said) - 1)])


def team(*said: Any) -> Team:
    ann = Assistant(name="ann", model=saying(*said), tools=(FunctionTool.of(look),))
    inner = Team(name="inner", participants=(Assistant(name="bob", model=saying("hello from bob")),), max_turns=1)
    return Team(name="outer", participants=(ann, inner), stop=MaxMessages(max_messages=2))


async def run(drawn: Team, folder: Path, **more: Any) -> Log:
    log = Log(RunStarted(seq=1, source=YOU, task="find it"))
    await advance(drawn, log.events, log, place(folder, run="r1", **more))
    return log


def named(exported: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exported.get_finished_spans()}


def parents(exported: InMemorySpanExporter) -> set[tuple[str, str]]:
    by_id = {span.context.span_id: span.name for span in exported.get_finished_spans()}
    return {(by_id[span.parent.span_id] if span.parent else "", span.name) for span in exported.get_finished_spans()}


async def test_a_run_its_turns_calls_and_tools_are_spans_within_each_other(exported: InMemorySpanExporter, tmp_path: Path) -> None:
    await run(team(calls(("look", '{"where": "up"}')), "found"), tmp_path)
    assert parents(exported) == {
        ("", "invoke_agent outer"),
        ("invoke_agent outer", "invoke_agent ann"),
        ("invoke_agent ann", "chat"),
        ("invoke_agent ann", "execute_tool look"),
        ("invoke_agent outer", "invoke_agent inner"),
        ("invoke_agent inner", "invoke_agent inner"),
        ("invoke_agent inner", "invoke_agent bob"),
        ("invoke_agent bob", "chat"),
    }
    spans = named(exported)
    assert {span.attributes["gen_ai.conversation.id"] for span in spans.values()} == {"r1"}
    chat = spans["chat"].attributes
    assert (chat["gen_ai.operation.name"], chat["gen_ai.response.model"]) == ("chat", "scripted")
    assert (chat["gen_ai.usage.input_tokens"], chat["gen_ai.usage.output_tokens"]) == (10, 2)
    assert chat["gen_ai.response.finish_reasons"] == ("stop",)
    assert spans["chat"].kind is trace.SpanKind.CLIENT
    tool = spans["execute_tool look"].attributes
    assert (tool["gen_ai.operation.name"], tool["gen_ai.tool.name"], tool["gen_ai.tool.type"]) == ("execute_tool", "look", "function")
    outer = spans["invoke_agent outer"].attributes
    assert (outer["convene.status"], outer["gen_ai.usage.input_tokens"]) == ("done", 30)
    assert all(span.end_time is not None and span.start_time <= span.end_time for span in spans.values())


async def test_a_model_is_named_as_the_conventions_name_its_provider_with_what_was_asked_of_it(
    exported: InMemorySpanExporter, tmp_path: Path
) -> None:
    with GeminiServer() as server:
        server.reply = "hello"
        model = GeminiModel(model="gemini-2.5-flash", account="lab", temperature=0.5, max_tokens=40)
        drawn = Team(participants=(Assistant(name="ann", model=model),), max_turns=1)
        accounts = OneAccount(server.base_url)
        log = Log(RunStarted(seq=1, source=YOU, task="find it"))
        await advance(drawn, log.events, log, replace(place(tmp_path, run="r1"), accounts=accounts))
    chat = named(exported)["chat gemini-2.5-flash"].attributes
    assert chat["gen_ai.provider.name"] == "gcp.gemini"
    assert (chat["gen_ai.request.temperature"], chat["gen_ai.request.max_tokens"]) == (0.5, 40)


async def test_what_was_said_is_in_no_span_unless_it_is_asked_for(
    exported: InMemorySpanExporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = team(calls(("look", '{"where": "up"}')), "found it")
    monkeypatch.delenv(CAPTURE, raising=False)
    await run(drawn, tmp_path)
    told = "".join(span.to_json() for span in exported.get_finished_spans())
    assert "found it" not in told
    assert "find it" not in told
    assert "up" not in {value for span in exported.get_finished_spans() for value in span.attributes.values()}
    exported.clear()
    monkeypatch.setenv(CAPTURE, "true")
    await run(drawn, tmp_path, redact=lambda text: text.replace("secret-key-0123", "•••"))
    told = "".join(span.to_json() for span in exported.get_finished_spans())
    assert "found it" in told
    assert "find it" in told
    assert named(exported)["execute_tool look"].attributes["gen_ai.tool.call.result"] == "a ••• up"
    assert "secret-key-0123" not in told


async def test_failures_are_told_by_their_kind(exported: InMemorySpanExporter, tmp_path: Path) -> None:
    await run(team(calls(("look", '{"where": "nowhere"}')), ModelUnavailable("nobody answers")), tmp_path)
    failed = {span.name: span.attributes["error.type"] for span in exported.get_finished_spans() if not span.status.is_ok}
    assert failed.pop("execute_tool look") == "tool_error"
    assert failed == {"chat": "model_unavailable", "invoke_agent outer": "model_unavailable"}


async def test_every_span_ends_when_a_run_is_stopped(exported: InMemorySpanExporter, tmp_path: Path) -> None:
    work = asyncio.create_task(run(team(Hangs()), tmp_path))
    await asyncio.sleep(0.05)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    spans = named(exported)
    assert set(spans) == {"invoke_agent outer", "invoke_agent ann", "chat"}
    assert spans["chat"].attributes["error.type"] == "CancelledError"
    assert spans["invoke_agent outer"].attributes["convene.status"] == "stopped"


async def test_a_run_that_goes_on_after_an_answer_has_a_trace_for_each_execution(exported: InMemorySpanExporter, tmp_path: Path) -> None:
    inner = Team(name="inner", participants=(Human(name="eve"),), max_turns=1)
    drawn = Team(name="outer", participants=(inner,), max_turns=1)
    log = await run(drawn, tmp_path)
    question = fold(drawn, log.events).question
    assert question is not None
    assert named(exported)["invoke_agent outer"].attributes["convene.rest"] == "waiting"
    exported.clear()
    log.events.append(QuestionAnswered(seq=question.seq + 1, source=YOU, question=question.id, text="yes"))
    assert await advance(drawn, log.events, log, place(tmp_path, run="r1")) == "done"
    assert named(exported)["invoke_agent outer"].attributes["gen_ai.conversation.id"] == "r1"


def test_without_a_provider_there_is_nothing_and_nothing_is_imported() -> None:
    _forget_provider()
    assert spans_of(fold(team("x"), []), "r") is None
    code = "import sys, asyncio; from studio.engine.telemetry import spans_of; import studio.engine.advance; print('opentelemetry' in str(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "False"


def test_spans_are_exported_where_the_environment_names_a_collector() -> None:
    _forget_provider()
    assert not export_spans({})
    assert not export_spans({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"})
    try:
        assert export_spans({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
        provider = trace.get_tracer_provider()
        assert isinstance(provider, TracerProvider)
        assert provider.resource.attributes["service.name"] == "convene"
        provider.shutdown()
    finally:
        _forget_provider()
