"""Putting an answer of the OpenAI protocol together from its pieces, whatever shape the server gives them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from studio.engine.events import ToolCall
from studio.engine.models.base import Delta, ModelReply
from studio.engine.usage import Usage
from studio.texts import text

LONGEST_TEXT = 4_000_000
"""Characters of one answer, reasoning and arguments included, before it is taken for a model that ran away."""

MOST_CALLS = 128
"""Tool calls in one answer."""

CHARACTERS_PER_TOKEN = 4
"""The rule of thumb by which tokens are reckoned where a server does not count them."""

_SPOKEN = frozenset(("role", "content"))
"""What a piece of an answer holds that is only spoken, as most are."""


class Unusable(Exception):
    """An answer that cannot be used. Its text says why, as it follows "answered, but"; `status` is what the server called it, if it did."""

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    arguments: str = ""

    def whole(self) -> bool:
        try:
            json.loads(self.arguments or "{}")
        except (ValueError, RecursionError):
            return False
        return True


@dataclass(slots=True)
class Answer:
    """Takes chunks of a stream (or one whole completion) as plain JSON values; unknown fields and odd types are passed over."""

    finish: str | None = None
    model: str = ""
    _text: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)
    _calls: list[_Call] = field(default_factory=list)
    _at: dict[int, _Call] = field(default_factory=dict)
    _usage: dict[str, Any] = field(default_factory=dict)
    _length: int = 0
    _chosen: bool = False
    _refused: bool = False
    _thoughts: _Thoughts = field(default_factory=lambda: _Thoughts())

    @property
    def counted(self) -> bool:
        """Whether the server told its usage."""
        return bool(self._usage)

    @property
    def told_cost(self) -> float | None:
        """What the server says that the answer cost, in its own currency."""
        cost = self._usage.get("cost")
        return float(cost) if isinstance(cost, int | float) and not isinstance(cost, bool) and 0 <= cost < 1e6 else None

    def take(self, chunk: Any) -> Iterator[Delta]:
        """The pieces of text in a chunk. Raises Unusable for an error that came instead of one."""
        if not isinstance(chunk, dict):
            raise Unusable(text("engine.model_answer.no_answer"))
        if chunk.get("error"):
            raise _told(chunk["error"])
        if isinstance(chunk.get("model"), str):
            self.model = chunk["model"]
        if isinstance(chunk.get("usage"), dict):
            self._usage = chunk["usage"]
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and choice.get("index") in (0, None):
                yield from self._choice(choice)

    def close(self, *, whole: bool = False) -> Iterator[Delta]:
        """What was held back. A whole completion needs no word that it is finished; a stream does. Raises Unusable."""
        for delta in self._thoughts.end():
            yield self._keep(delta)
        if not self._chosen:
            raise Unusable(text("engine.model_answer.no_choices"))
        if self.finish is None:
            if not whole:
                raise Unusable(text("engine.model_answer.unfinished"))
            self.finish = "tool_calls" if self._calls else "stop"

    def reply(self, agent: str, number: int, taken: Collection[str]) -> ModelReply:
        """The whole answer to the agent's call `number`; ids that are missing, doubled or `taken` are replaced."""
        return ModelReply(
            text="".join(self._text),
            reasoning="".join(self._reasoning).strip(),
            calls=tuple(self._repaired(agent, number, taken)) if self._calls else (),
            finish="refusal" if self._refused else self.finish or "stop",
            usage=_usage(self._usage),
            model=self.model,
        )

    def _repaired(self, agent: str, number: int, taken: Collection[str]) -> Iterator[ToolCall]:
        used: set[str] = set()
        base = f"call_{re.sub(r'[^a-zA-Z0-9]+', '_', agent)}_{number}"
        for position, call in enumerate(self._calls):
            identifier, more = call.id, 0
            while not identifier or identifier in used or identifier in taken:
                identifier = f"{base}_{position}" + (f"_{more}" if more else "")
                more += 1
            used.add(identifier)
            yield ToolCall(id=identifier, name=call.name, arguments=call.arguments.strip() or "{}")

    def _choice(self, choice: dict[str, Any]) -> Iterator[Delta]:
        self._chosen = True
        if choice.get("error"):
            raise _told(choice["error"])
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, dict) and delta.keys() <= _SPOKEN:
            yield from self._content(delta.get("content"))
        elif isinstance(delta, dict):
            for kind in ("reasoning_content", "reasoning", "thinking"):
                if thought := _plain(delta.get(kind)):
                    yield self._keep(Delta(thought, "reasoning"))
                    break
            yield from self._content(delta.get("content"))
            if refusal := _plain(delta.get("refusal")):
                self._refused = True
                yield self._keep(Delta(refusal))
            calls = delta.get("tool_calls")
            for position, call in enumerate(calls if isinstance(calls, list) else ()):
                self._call(position, call)
            if isinstance(delta.get("function_call"), dict):
                self._call(0, {"function": delta["function_call"]})
        if isinstance(choice.get("finish_reason"), str) and choice["finish_reason"]:
            self.finish = choice["finish_reason"]
            if self.finish == "error":
                raise Unusable(text("engine.model_answer.ended_with_error"))

    def _content(self, content: Any) -> Iterator[Delta]:
        if isinstance(content, str):
            if content:
                for delta in self._thoughts.take(content):
                    yield self._keep(delta)
        elif isinstance(content, list):
            for part in content:
                if isinstance(part, dict) and part.get("type") in ("thinking", "reasoning"):
                    if thought := _plain(part.get("thinking") or part.get("text")):
                        yield self._keep(Delta(thought, "reasoning"))
                elif said := _plain(part):
                    yield self._keep(Delta(said))

    def _keep(self, delta: Delta) -> Delta:
        (self._text if delta.kind == "text" else self._reasoning).append(delta.text)
        self._grow(len(delta.text))
        return delta

    def _grow(self, by: int) -> None:
        self._length += by
        if self._length > LONGEST_TEXT:
            raise Unusable(text("engine.model_answer.too_long", count=f"{LONGEST_TEXT:,}"))

    def _call(self, position: int, piece: Any) -> None:
        if not isinstance(piece, dict):
            return
        function = piece.get("function") if isinstance(piece.get("function"), dict) else piece
        assert isinstance(function, dict)
        index = piece["index"] if isinstance(piece.get("index"), int) else position
        identifier = str(piece.get("id") or "")
        name = str(function.get("name") or "")
        call = self._at.get(index)
        if call is None or _begins_another(call, identifier, name):
            if len(self._calls) >= MOST_CALLS:
                raise Unusable(text("engine.model_answer.too_many_calls", count=MOST_CALLS))
            call = self._at[index] = _Call()
            self._calls.append(call)
        call.id = call.id or identifier
        if name and name != call.name:
            call.name += name
        arguments = function.get("arguments")
        written = arguments if isinstance(arguments, str) else "" if arguments is None else json.dumps(arguments, ensure_ascii=False)
        call.arguments += written
        self._grow(len(written) + len(name))


def _begins_another(call: _Call, identifier: str, name: str) -> bool:
    """Some servers give every parallel call the same index (or none): a new id, or a name after whole arguments, tells them apart."""
    if identifier and call.id:
        return identifier != call.id
    return bool(name and call.name and call.arguments and call.whole())


class _Thoughts:
    """Takes a leading <think>…</think> out of the text: local servers leave reasoning in it."""

    __slots__ = ("_held", "_state")

    def __init__(self) -> None:
        self._held = ""
        self._state = "start"

    def take(self, piece: str) -> Iterator[Delta]:
        if self._state == "after" and (piece := piece.lstrip()):
            self._state = "text"
        if self._state in ("after", "text"):
            if piece:
                yield Delta(piece)
            return
        self._held += piece
        if self._state == "start":
            begin = self._held.lstrip()
            if begin.startswith("<think>"):
                self._held, self._state = begin[len("<think>") :], "thinking"
            elif not "<think>".startswith(begin):
                held, self._held, self._state = self._held, "", "text"
                yield Delta(held)
        if self._state == "thinking":
            thought, ended, rest = self._held.partition("</think>")
            if ended:
                self._held, self._state = "", "after"
                if thought:
                    yield Delta(thought, "reasoning")
                yield from self.take(rest)
                return
            keep = next((n for n in range(min(7, len(thought)), 0, -1) if "</think>".startswith(thought[-n:])), 0)
            self._held = thought[len(thought) - keep :]
            if thought := thought[: len(thought) - keep]:
                yield Delta(thought, "reasoning")

    def end(self) -> Iterator[Delta]:
        if self._held:
            yield Delta(self._held, "reasoning" if self._state == "thinking" else "text")
        self._held, self._state = "", "text"


def _plain(value: Any) -> str:
    """The text in a value that should be one: a string, a part with a text, a list of such parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return _plain(value.get("text") or value.get("content"))
    if isinstance(value, list):
        return "".join(_plain(part) for part in value)
    return ""


def _told(error: Any) -> Unusable:
    """An error that a server put into an answer."""
    message, status = error, None
    if isinstance(error, dict):
        message = error.get("message") or error.get("type")
        code = error.get("code") or error.get("status")
        if isinstance(code, int) or (isinstance(code, str) and code.isdigit()):
            status = int(code)
    return Unusable(text("engine.model_answer.error", words=message) if message else text("engine.model_answer.error.wordless"), status)


def reckoned(length: int, reply: ModelReply) -> Usage:
    """The usage of a call of so many characters that the server did not count."""
    said = len(reply.text) + len(reply.reasoning) + sum(len(call.name) + len(call.arguments) for call in reply.calls)
    return Usage(
        prompt_tokens=-(-length // CHARACTERS_PER_TOKEN), completion_tokens=-(-said // CHARACTERS_PER_TOKEN), calls=1, estimated=True
    )


def _usage(told: dict[str, Any]) -> Usage:
    details = told.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return Usage(
        prompt_tokens=_count(told.get("prompt_tokens")),
        completion_tokens=_count(told.get("completion_tokens")),
        cached_tokens=_count(cached if cached is not None else told.get("prompt_cache_hit_tokens")),
        calls=1,
    )


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value < 1e12 else 0
