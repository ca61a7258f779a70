"""Asks a model for the outline of a team, and again where its answer cannot be used."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from studio.engine.bill import owe
from studio.engine.errors import ConveneError, ModelAnswerBroken
from studio.engine.events import YOU, MessageSaid, ThreadEvent
from studio.engine.models.base import Delta, ModelClient, ModelReply, ModelRequest, Retrying, Told
from studio.engine.models.openai_answer import CHARACTERS_PER_TOKEN
from studio.engine.models.structured import object_in
from studio.engine.outlines.outline import FORM, MOST_AGENTS, ROLES, USUAL_AGENTS, Outline, Role
from studio.engine.outlines.reading import LONGEST_NAME, Reading, read_outline
from studio.engine.outlines.wording import correction, instruction
from studio.engine.usage import Usage
from studio.texts import counted, text

DESIGNER = "team designer"
"""Whose answers these are, in a log."""

REPAIRS = 2
"""How often a model may answer once more."""

LONGEST_ANSWER = 80_000
"""Characters at which an answer is broken off: a team takes a tenth of it."""

MOST_NAMES = 2 * MOST_AGENTS
"""Names that are shown while an answer is written."""

REPEATED = 20_000
"""Characters of a wrong answer that the model is shown again."""

_NAMES = re.compile(rf'"name"\s*:\s*"([^"\\\n]{{1,{LONGEST_NAME}}})"')


class NoOutline(ConveneError):
    """No answer was a team; `why` is what was wrong with the last one."""

    code = "no_outline"

    def __init__(self, model: str, why: str, answers: int) -> None:
        key = "engine.outline.none" if model else "engine.outline.none.nameless"
        super().__init__(counted(key, answers, model=model, why=why), text("engine.outline.none.remedy"))


class OutlineDeclined(ConveneError):
    code = "outline_declined"

    def __init__(self, model: str, words: str) -> None:
        key = "engine.outline.declined" if model else "engine.outline.declined.nameless"
        super().__init__(text(key, model=model, words=words), text("engine.outline.declined.remedy"))


class OutlineEndless(ConveneError):
    code = "outline_endless"

    def __init__(self, model: str, limit: int) -> None:
        key = "engine.outline.endless" if model else "engine.outline.endless.nameless"
        super().__init__(text(key, model=model, count=f"{limit:,}"), text("engine.outline.endless.remedy"))


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer of the model. One that was broken off is not `whole`: then its usage is reckoned. A model that came to its own
    limit has `cut` it short.
    """

    text: str
    usage: Usage
    model: str
    seconds: float
    whole: bool = True
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Writing:
    """How far an answer has come: its characters, and the names that are in it."""

    characters: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Again:
    """The model is asked once more, after an answer that cannot be used or a failure of its server."""

    why: str


@dataclass(frozen=True, slots=True)
class Outlined:
    """What came of it; `changes` are sentences about what was made otherwise than the model wrote it."""

    outline: Outline
    changes: tuple[str, ...] = ()


Progress = Writing | Again | Outlined


async def ask_for_outline(
    client: ModelClient,
    wish: str,
    answers: list[Answered],
    most: int = USUAL_AGENTS,
    wishes: Sequence[str] = (),
    roles: Collection[Role] = ROLES,
) -> AsyncGenerator[Progress]:
    """How it goes on, then one Outlined. Every answer is appended to `answers`, also one that is broken off: it was paid for.

    At most `most` agents of these `roles` are in it; `wishes` are further rules for the model.

    Raises NoOutline after the last repair, OutlineDeclined, OutlineEndless, and what the client raises.
    """
    thread: list[ThreadEvent] = [_heard(YOU, wish, 1)]
    last = Reading(None)
    for repair in range(REPAIRS + 1):
        request = ModelRequest(agent=DESIGNER, system=instruction(most, *wishes), thread=tuple(thread), schema=FORM, earlier_calls=repair)
        async with contextlib.aclosing(_answer(client, request, answers)) as pieces:
            async for piece in pieces:
                yield piece
        answer = answers[-1].text
        last = read_outline(object_in(answer, "agents"), most, roles)
        if answers[-1].cut and last.outline is None:
            last = Reading(None, (text("engine.outline.cut_short"),))
        if last.outline is not None and not last.mistakes:
            break
        if repair < REPAIRS:
            yield Again(" ".join(last.mistakes))
            thread.append(_heard(DESIGNER, answer[:REPEATED] or "(nothing)", len(thread) + 1))
            thread.append(_heard(YOU, correction(last.mistakes), len(thread) + 1))
    if last.outline is None:
        raise NoOutline(answers[-1].model, " ".join(last.mistakes), len(answers))
    yield Outlined(last.outline, last.changes)


def names_in(written: str) -> tuple[str, ...]:
    """The names of agents in an answer that is still being written, without the team's own."""
    _, found, agents = written.partition('"agents"')
    names = dict.fromkeys(match[1] for match in islice(_NAMES.finditer(agents), MOST_NAMES)) if found else {}
    return tuple(names)


def _heard(source: str, said: str, number: int) -> MessageSaid:
    return MessageSaid(source=source, text=said, role="task" if source == YOU else "agent", id=f"m{number}", seq=number)


async def _answer(client: ModelClient, request: ModelRequest, answers: list[Answered]) -> AsyncGenerator[Progress]:
    """One answer, whole or broken off, at the end of `answers`."""
    began = time.monotonic()
    written: list[str] = []
    characters, shown = 0, 0
    reply: ModelReply | None = None
    discarded: list[Answered] = []
    try:
        async with contextlib.aclosing(client.stream(request)) as pieces:  # type: ignore[type-var]
            async for piece in pieces:
                match piece:
                    case Delta(said, kind):
                        characters += len(said)
                        if kind == "text":
                            written.append(said)
                        if characters > LONGEST_ANSWER:
                            raise OutlineEndless("", LONGEST_ANSWER)
                        if characters - shown >= 64:
                            shown = characters
                            yield Writing(characters, names_in("".join(written)))
                    case Retrying(why=why):
                        written.clear()
                        characters = shown = 0
                        yield Again(why)
                    case Told(usage=usage, model=model):
                        if usage.calls:
                            owe(usage, model, piece)
                            discarded.append(Answered("", usage, model, time.monotonic() - began))
                    case ModelReply():
                        reply = piece
    finally:
        seconds = time.monotonic() - began
        answers.extend(discarded)
        if reply is not None:
            answers.append(Answered(reply.text[:LONGEST_ANSWER], reply.usage, reply.model, seconds, cut=reply.finish == "length"))
            owe(reply.usage, reply.model, reply)
        elif characters:
            answers.append(Answered("".join(written)[:LONGEST_ANSWER], _reckoned(request, characters), "", seconds, whole=False))
    if reply is None:
        raise ModelAnswerBroken(text("engine.outline.no_answer"), text("engine.model.try_again_or_another"))
    if reply.finish in ("refusal", "content_filter"):
        raise OutlineDeclined(reply.model, reply.text[:500] or text("engine.outline.filtered"))
    if len(reply.text) > LONGEST_ANSWER:
        raise OutlineEndless(reply.model, LONGEST_ANSWER)


def _reckoned(request: ModelRequest, characters: int) -> Usage:
    """What an answer that was broken off has cost, roughly: no server tells."""
    asked = len(request.system) + sum(len(event.text) for event in request.thread if event.type == "message")
    tokens = [-(-count // CHARACTERS_PER_TOKEN) for count in (asked, characters)]
    return Usage(prompt_tokens=tokens[0], completion_tokens=tokens[1], calls=1, estimated=True)
