"""OpenTelemetry spans of a run in the GenAI semantic conventions: the run, its turns, model calls, tools and code.

A fold over the run's events beside the state's, with the beginnings and ends of model calls, which no event tells. Nothing of
OpenTelemetry is imported here: a program that wants spans has imported it and configured a tracer provider.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from studio.engine.events import (
    YOU,
    CodeFinished,
    CodeStarted,
    CommandGiven,
    ConversationClosed,
    ConversationOpened,
    ErrorHappened,
    HandedOff,
    MessageSaid,
    RunFinished,
    SpeakerChosen,
    ToolFinished,
    ToolsCalled,
    ToolStarted,
)
from studio.engine.usage import Usage

if TYPE_CHECKING:
    from studio.engine.decide import Due
    from studio.engine.models.base import ModelReply, ModelRequest
    from studio.engine.state import RunState

CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
"""The environment variable that lets spans hold what was said: `true` or `span_only`. Otherwise they hold names and numbers."""

LONGEST_CONTENT = 100_000
"""Characters of a content attribute."""

Redact = Callable[[str], str]


def spans_of(state: RunState, run: str, redact: Redact = str) -> Spans | None:
    """What makes the spans of one execution; None where this process has no tracer provider of its own."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return None
    provider = trace.get_tracer_provider()
    if isinstance(provider, trace.ProxyTracerProvider | trace.NoOpTracerProvider):
        return None
    return Spans(trace, provider.get_tracer("studio.engine"), state, run, redact)


def _captures() -> bool:
    return os.environ.get(CAPTURE, "").casefold() in {"true", "1", "yes", "span_only", "span_and_event"}


class Spans:
    """The open spans of one execution, by what they are of."""

    def __init__(self, trace: Any, tracer: Any, state: RunState, run: str, redact: Redact) -> None:
        self._trace, self._tracer, self._state, self._run, self._redact = trace, tracer, state, run, redact
        self._content = _captures()
        self._open: dict[tuple[str, ...], Any] = {}
        self._calls = {call.id: call for talk in state.conversations.values() for call in _calls_of(talk.thread)} if self._content else {}
        self._root = self._start("invoke_agent", state.team.name, None, None)

    # What the shell tells -----------------------------------------------------------------------------------------------

    def asked(self, due: Due, model: Any, request: ModelRequest) -> None:
        """A model call begins."""
        name = getattr(model, "model", "") or ""
        span = self._begin("chat", f"chat {name}".strip(), self._around(due), kind="CLIENT")
        agent = due.source
        self._set(span, {"gen_ai.agent.name": agent, "gen_ai.request.model": name, "gen_ai.provider.name": _provider(type(model).kind)})
        self._set(span, {f"gen_ai.request.{each}": getattr(model, each, None) for each in ("temperature", "max_tokens")})
        self._set(span, {"convene.purpose": request.purpose})
        if self._content:
            said = [_message(event) for event in request.thread]
            self._say(span, "gen_ai.system_instructions", [{"type": "text", "content": request.system}])
            self._say(span, "gen_ai.input.messages", [*said, *({"role": "user", "parts": _text(text)} for text in request.extra)])
        self._open["chat", *map(str, due.key)] = span

    def answered(self, due: Due, reply: ModelReply) -> None:
        """The model call ended well."""
        span = self._open.pop(("chat", *map(str, due.key)), None)
        if span is None:
            return
        self._set(span, {"gen_ai.response.model": reply.model, "gen_ai.response.finish_reasons": [reply.finish]} | _tokens(reply.usage))
        if self._content:
            calls = [{"type": "tool_call", "id": call.id, "name": call.name, "arguments": call.arguments} for call in reply.calls]
            said = {"role": "assistant", "parts": [*_text(reply.text), *calls], "finish_reason": reply.finish}
            self._say(span, "gen_ai.output.messages", [said])
        span.end()

    def failed(self, due: Due, mistake: BaseException) -> None:
        """The model call failed, or was broken off."""
        span = self._open.pop(("chat", *map(str, due.key)), None)
        if span is not None:
            self._fail(span, getattr(mistake, "code", None) or type(mistake).__name__)
            span.end()

    def event(self, event: Any) -> None:
        """Take in an event that was written."""
        scope = str(event.scope)
        match event:
            case SpeakerChosen():
                self._turn(event.scope, event.speaker, event.time)
            case MessageSaid() if event.role != "task" and event.source != YOU:
                self._end(("turn", scope, event.source), event.time)
            case HandedOff():
                self._end(("turn", scope, event.source), event.time)
            case CommandGiven(instead_of=name, speaker=speaker) if name and name != speaker:
                self._end(("turn", scope, name), event.time)
            case ToolsCalled():
                if self._content:
                    self._calls |= {call.id: call for call in event.calls}
            case ToolStarted():
                span = self._begin("execute_tool", f"execute_tool {event.name}", self._of(event), event.time)
                self._set(span, {"gen_ai.tool.name": event.name, "gen_ai.tool.call.id": event.call, "gen_ai.tool.type": "function"})
                if (call := self._calls.get(event.call)) is not None:
                    self._set(span, {"gen_ai.tool.call.arguments": self._shown(call.arguments)})
                self._open["tool", event.call] = span
            case ToolFinished():
                span = self._open.get(("tool", event.call))
                if span is not None and self._content:
                    self._set(span, {"gen_ai.tool.call.result": self._shown(event.output)})
                self._end(("tool", event.call), event.time, "tool_error" if event.is_error else "")
            case CodeStarted():
                span = self._begin("execute_tool", "execute_tool code", self._of(event), event.time)
                self._set(span, {"gen_ai.tool.name": "code", "gen_ai.tool.type": "extension", "convene.where": event.where})
                self._open["code", scope, event.source] = span
            case CodeFinished():
                self._end(("code", scope, event.source), event.time, f"exit_code_{event.exit_code}" if event.exit_code else "")
            case ConversationOpened():
                self._open["talk", event.id] = self._start("invoke_agent", event.team, self._of(event), event.time)
            case ConversationClosed():
                self._end(("talk", event.id), event.time)
                self._end(("turn", scope, event.source), event.time)
            case ErrorHappened():
                self._fail(self._root, event.code)
            case RunFinished():
                self._set(self._root, {"convene.status": event.status, "convene.stop_reason": event.by} | _tokens(event.usage))
            case _:
                pass

    def close(self, status: str) -> None:
        """The execution is over; spans of what goes on in the next one end here."""
        for key in list(reversed(self._open)):
            self._open.pop(key).end()
        self._set(self._root, {"convene.rest": status})
        self._root.end()

    # Spans --------------------------------------------------------------------------------------------------------------

    def _begin(self, operation: str, name: str, parent: Any, at: datetime | None = None, kind: str = "INTERNAL") -> Any:
        context = self._trace.set_span_in_context(parent) if parent is not None else None
        facts = {"gen_ai.operation.name": operation, "gen_ai.conversation.id": self._run}
        return self._tracer.start_span(
            name, context=context, kind=getattr(self._trace.SpanKind, kind), attributes=facts, start_time=_nanoseconds(at)
        )

    def _start(self, operation: str, agent: str, parent: Any, at: datetime | None) -> Any:
        span = self._begin(operation, f"{operation} {agent}", parent, at)
        self._set(span, {"gen_ai.agent.name": agent, "gen_ai.provider.name": "convene"})
        return span

    def _talk(self, scope: str | None) -> Any:
        """The span of a conversation. One that was opened in an earlier execution has its own in each of them."""
        if scope is None:
            return self._root
        if ("talk", scope) not in self._open:
            talk = self._state.conversations.get(scope)
            around = talk.around.scope if talk is not None and talk.around is not None else None
            name = talk.team.name if talk is not None else scope
            self._open["talk", scope] = self._start("invoke_agent", name, self._talk(around), None)
        return self._open["talk", scope]

    def _turn(self, scope: str | None, speaker: str, at: datetime | None = None) -> Any:
        key = ("turn", str(scope), speaker)
        if key not in self._open:
            self._open[key] = self._start("invoke_agent", speaker, self._talk(scope), at)
        return self._open[key]

    def _of(self, event: Any) -> Any:
        return self._turn(event.scope, event.source)

    def _around(self, due: Due) -> Any:
        return self._turn(due.talk.scope, due.speaker) if due.speaker is not None else self._talk(due.talk.scope)

    def _end(self, key: tuple[str, ...], at: datetime, error: str = "") -> None:
        if (span := self._open.pop(key, None)) is not None:
            if error:
                self._fail(span, error)
            span.end(_nanoseconds(at))

    def _fail(self, span: Any, error: str) -> None:
        span.set_attribute("error.type", error)
        span.set_status(self._trace.StatusCode.ERROR)

    def _set(self, span: Any, facts: Mapping[str, Any]) -> None:
        span.set_attributes({name: value for name, value in facts.items() if value not in ("", None)})

    def _say(self, span: Any, name: str, messages: list[Any]) -> None:
        self._set(span, {name: self._shown(json.dumps(messages, ensure_ascii=False, default=str))})

    def _shown(self, text: str) -> str:
        return self._redact(text)[:LONGEST_CONTENT]


def _provider(kind: str) -> str:
    """What the conventions call the provider of a kind of models."""
    return {"gemini": "gcp.gemini"}.get(kind, kind)


def _calls_of(thread: Any) -> list[Any]:
    return [call for event in thread if event.type == "tool_calls" for call in event.calls]


def _nanoseconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp() * 1e9)


def _tokens(usage: Usage) -> dict[str, Any]:
    if not usage.calls:
        return {}
    return {
        "gen_ai.usage.input_tokens": usage.prompt_tokens,
        "gen_ai.usage.output_tokens": usage.completion_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens or None,
        "convene.cost": usage.cost,
        "convene.calls_without_price": usage.without_price or None,
    }


def _text(text: str) -> list[dict[str, str]]:
    return [{"type": "text", "content": text}] if text else []


def _message(event: Any) -> dict[str, Any]:
    match event:
        case ToolFinished():
            return {
                "role": "tool",
                "name": event.source,
                "parts": [{"type": "tool_call_response", "id": event.call, "result": event.output}],
            }
        case ToolsCalled():
            calls = [{"type": "tool_call", "id": call.id, "name": call.name, "arguments": call.arguments} for call in event.calls]
            return {"role": "assistant", "name": event.source, "parts": [*_text(event.text), *calls]}
        case _:
            return {"role": "user" if event.source == YOU else "assistant", "name": event.source, "parts": _text(event.text)}
