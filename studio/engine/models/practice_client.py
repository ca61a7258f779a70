"""Playing a practice model's script: the next reply of whoever asks, word by word."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from studio.engine.events import HandedOff, MessageSaid, ThreadEvent, ToolCall
from studio.engine.models.base import Delta, ModelReply, ModelRequest
from studio.engine.usage import Usage
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.models.practice import PracticeModel

MODEL = "practice"
"""What a reply names as its model."""

REMEMBERS = " remembers"
"""What follows an agent's name in a script, where it says what the agent notes about a person after each of its answers."""

CHARACTERS_PER_TOKEN = 4
"""Practice counts tokens by this rule of thumb, so that limits on tokens can be practised too."""

_PARTS = frozenset({"text", "reasoning", "tool", "arguments"})


class PracticeClient:
    """Holds nothing between requests but how much of each conversation it has measured."""

    def __init__(self, model: PracticeModel) -> None:
        self._model = model
        self._measured: dict[tuple[str, str], tuple[ThreadEvent, int, int]] = {}

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Delta | ModelReply]:
        """The reply whose number is that of the agent's earlier calls, so that a repeated conversation is the same again."""
        said, reasoning, calls = _parts(self._next(request))
        clock = _Clock(self._model.words_per_second)
        for spoken, kind in ((reasoning, "reasoning"), (said, "text")):
            if spoken and not clock.pace:
                await asyncio.sleep(0)
                yield Delta(spoken, "reasoning" if kind == "reasoning" else "text")
                continue
            for word in _words(spoken):
                await clock.tick()
                yield Delta(word, "reasoning" if kind == "reasoning" else "text")
        if calls:
            await clock.tick()
        length = len(said) + len(reasoning) + sum(len(json.dumps(call.get("arguments", {}))) for call in calls)
        yield ModelReply(
            text=said,
            reasoning=reasoning,
            calls=tuple(_call(request, number, call) for number, call in enumerate(calls)),
            finish="tool_calls" if calls else "stop",
            usage=Usage(prompt_tokens=_tokens(self._heard(request)), completion_tokens=_tokens(length), calls=1, cost=0.0),
            model=MODEL,
            practice=True,
        )

    async def close(self) -> None:
        self._measured.clear()

    def _next(self, request: ModelRequest) -> Any:
        if request.purpose == "memory":
            return self._remembered(request)
        if request.purpose == "guard":
            return "no"
        replies = self._model.replies.get(request.agent)
        if replies:
            return replies[request.earlier_calls % len(replies)]
        if request.choices:
            return request.choices[request.earlier_calls % len(request.choices)]
        return _unscripted(request)

    def _remembered(self, request: ModelRequest) -> str:
        """The lines of a script of its own; where there is none, nothing is worth remembering."""
        notes = self._model.replies.get(request.agent + REMEMBERS)
        note = notes[request.earlier_calls % len(notes)] if notes else ""
        lines = note.splitlines() if isinstance(note, str) else []
        return json.dumps({"remember": [line.strip() for line in lines if line.strip()], "forget": []}, ensure_ascii=False)

    def _heard(self, request: ModelRequest) -> int:
        """Characters of what was asked; of a thread that grew only the new part is looked at."""
        thread, place = request.thread, (request.agent, request.purpose)
        last, known, total = self._measured.get(place, (None, 0, 0))
        if not known or len(thread) < known or thread[known - 1] is not last:
            known, total = 0, 0
        total += sum(len(getattr(event, "text", "") or getattr(event, "output", "")) for event in thread[known:])
        if thread:
            self._measured[place] = (thread[-1], len(thread), total)
        return total + len(request.system) + sum(map(len, request.extra))


class _Clock:
    """Keeps the pace over a whole reply: a late word does not make the next ones late."""

    def __init__(self, words_per_second: float) -> None:
        self.pace = 1 / words_per_second if words_per_second else 0.0
        self._due = 0.0

    async def tick(self) -> None:
        now = asyncio.get_running_loop().time()
        self._due = max(self._due, now - 1.0) + self.pace if self._due else now + self.pace
        await asyncio.sleep(max(0.0, self._due - now))


def why_unplayable(reply: Any) -> str | None:
    """Why something is no reply of a script, None when it is one."""
    if isinstance(reply, str):
        return None
    if isinstance(reply, list | tuple):
        problems = (why_unplayable(part) if isinstance(part, dict) else text("engine.practice.no_call_in_list") for part in reply)
        return next((problem for problem in problems if problem), None if reply else text("engine.practice.empty_list"))
    if not isinstance(reply, dict):
        return text("engine.practice.no_reply")
    if unknown := sorted(set(map(str, reply)) - _PARTS):
        return text("engine.practice.unknown_part", part=unknown[0])
    if not reply.keys() & {"text", "tool"}:
        return text("engine.practice.says_nothing")
    for part in ("text", "reasoning", "tool"):
        if not isinstance(reply.get(part, ""), str):
            return text("engine.practice.part_no_text", part=part)
    if "tool" in reply and not reply["tool"].strip():
        return text("engine.practice.nameless_tool")
    if not isinstance(reply.get("arguments", {}), dict | str):
        return text("engine.practice.arguments_no_object")
    return None


def _parts(reply: Any) -> tuple[str, str, list[dict[str, Any]]]:
    """The text, the reasoning and the calls of a reply."""
    if isinstance(reply, str):
        return reply, "", []
    several: Sequence[dict[str, Any]] = [reply] if isinstance(reply, dict) else reply
    said = "".join(part.get("text", "") for part in several)
    reasoning = "".join(part.get("reasoning", "") for part in several)
    return said, reasoning, [part for part in several if "tool" in part]


def _call(request: ModelRequest, number: int, call: dict[str, Any]) -> ToolCall:
    arguments = call.get("arguments", {})
    identifier = f"call_{re.sub(r'[^a-zA-Z0-9]+', '_', request.agent)}_{request.earlier_calls}_{number}"
    written = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return ToolCall(id=identifier, name=call["tool"], arguments=written)


def _unscripted(request: ModelRequest) -> str:
    """A reply that nobody wrote. What begins each of them is not quoted: two without a script would quote each other ever deeper."""
    heard = next((event for event in reversed(request.thread) if isinstance(event, MessageSaid | HandedOff)), None)
    mark, agent = text("engine.practice.mark"), request.agent
    if request.purpose == "summary":
        return text("engine.practice.summary", mark=mark, count=len(request.thread))
    if heard is None:
        return text("engine.practice.unscripted.begins", mark=mark, agent=agent)
    words = " ".join(heard.text.split())
    if words.startswith(mark):
        return text("engine.practice.unscripted.answers", mark=mark, agent=agent, source=heard.source)
    quote = words if len(words) <= 80 else words[:79] + "…"
    return text("engine.practice.unscripted.quotes", mark=mark, agent=agent, source=heard.source, quote=quote)


def _words(spoken: str) -> Iterator[str]:
    return (match.group() for match in re.finditer(r"\s*\S+\s*?(?=\s|$)|\s+", spoken))


def _tokens(characters: int) -> int:
    return -(-characters // CHARACTERS_PER_TOKEN)
