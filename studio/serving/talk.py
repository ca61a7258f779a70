"""One turn of a guest who chats: their words go in, what the team says on the way comes aside, and one answer comes back."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

from studio.engine.agents.assistant import Assistant
from studio.engine.errors import ConveneError
from studio.engine.events import YOU, MessageSaid, ThreadEvent
from studio.engine.teams.team import Team
from studio.flow.document import FlowDocument
from studio.flow.resolve import resolve
from studio.serving.door import Door
from studio.serving.errors import GuestRefused
from studio.serving.reception import Reached, Reception, asks
from studio.serving.told import AT_REST, Outcome
from studio.store.ids import new_id
from studio.texts import text

MOST_SAID = 500
"""Messages that a guest's program may tell of the conversation before."""

MOST_HISTORY = 500_000
"""Characters of them together."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message as clients of OpenAI's protocol send it."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the answer, or of what is said aside, while it comes; `outcome` is set on the last one, which is the end."""

    text: str = ""
    aside: bool = False
    outcome: Outcome | None = None


def model_name(document: FlowDocument) -> str:
    """What the flow is called as a model: its name in plain letters."""
    return re.sub(r"[^a-z0-9]+", "-", document.name.casefold()).strip("-")[:60] or "flow"


def voice_of(document: FlowDocument) -> str:
    """Who said what a guest's program calls the answers of the model: the one assistant of a flow, or the flow as a whole."""
    try:
        members = resolve(document).participants
    except ConveneError:  # which is told when the flow is to run
        return model_name(document)
    return members[0].name if len(members) == 1 else model_name(document)


def check_model(document: FlowDocument, asked: str, flow_id: str) -> None:
    """Raises GuestRefused for a model that is not this flow."""
    if asked not in (model_name(document), document.name, flow_id):
        raise GuestRefused("no_such_model", model=asked[:100], served=model_name(document))


def history_of(said: Sequence[Said], name: str) -> tuple[ThreadEvent, ...]:
    """What was said before, as a guest's program tells it; `name` is whose the answers are. Raises GuestRefused when it is too much."""
    if len(said) > MOST_SAID or sum(len(each.text) for each in said) > MOST_HISTORY:
        raise GuestRefused(
            "input", where="messages", what=text("guest.input.too_much_history", messages=MOST_SAID, characters=f"{MOST_HISTORY:,}")
        )
    return tuple(
        MessageSaid(
            id=f"h{new_id()}",
            source=name if each.role == "assistant" else YOU,
            role="agent" if each.role == "assistant" else "human",
            text=each.text,
        )
        for each in said
        if each.text.strip()
    )


def reply_of(outcome: Outcome, after: int = 0) -> str:
    """The one answer to what a guest said: what came of it, or why nothing did, and the question that is open.

    Raises GuestRefused for a run that failed.
    """
    if outcome.status in ("failed", "interrupted"):
        raise GuestRefused("unfinished")
    if outcome.question is None:
        return outcome.answer or outcome.reason
    said = [each["text"] for each in outcome.messages if each["role"] in ("agent", "code") and each["seq"] > after]
    return "\n\n".join(part for part in (*said[-1:], asks(outcome.question)) if part)


def asides_of(outcome: Outcome, after: int = 0) -> str:
    """What was said on the way to the answer, each with its speaker."""
    said = [each for each in outcome.messages if each["role"] in ("agent", "code") and each["seq"] > after]
    return "\n\n".join(f"{each['source']}: {each['text']}" for each in said) if len(said) > 1 else ""


def answers_at_once(team: Team) -> bool:
    """Whether all that is said is the answer: one assistant, one turn, and nothing that it does before."""
    alone = team.participants[0] if len(team.participants) == 1 and team.max_turns == 1 else None
    return isinstance(alone, Assistant) and not (alone.tools or alone.handoffs or alone.may_end)


async def pieces(desk: Reception, door: Door, reached: Reached) -> AsyncGenerator[Piece]:
    """What is said after a guest's words, as it is said, up to the answer. Raises GuestRefused for a run that fails."""
    at_once = answers_at_once(desk.team(reached.run))
    speaker, streamed, answered = "", "", ""
    async with aclosing(desk.hear(door, reached.run, reached.after)) as heard:
        async for told in heard:
            match told:
                case {"type": "status", "status": status} if status in AT_REST:
                    break
                case {"type": "delta", "source": str(source), "text": str(text)}:
                    streamed += text
                    if at_once:
                        answered += text
                    yield Piece(text if at_once else _headed(source, speaker, text), aside=not at_once)
                    speaker = source
                case {"type": "message", "role": "agent" | "code", "source": str(source), "text": str(text)}:
                    if not at_once and not streamed.endswith(text):
                        yield Piece(_headed(source, speaker, text), aside=True)
                    speaker, streamed = "", ""
                case {"type": "void"}:
                    streamed = ""
                case _:
                    pass
    outcome = await desk.outcome(reached.run, reached.after)
    reply = reply_of(outcome, reached.after)
    if rest := reply.removeprefix(answered) if reply.startswith(answered) else f"\n\n{reply}":
        yield Piece(rest)
    yield Piece(outcome=outcome)


def _headed(source: str, speaker: str, text: str) -> str:
    """A piece of what somebody says, with their name where they begin."""
    return text if source == speaker else f"\n\n{source}: {text}"
