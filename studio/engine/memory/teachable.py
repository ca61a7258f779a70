"""A memory of people: after an answer a model decides what of a person is worth remembering, and later conversations begin with it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.agents.agent import Perform
from studio.engine.bill import owe
from studio.engine.component import Widget
from studio.engine.errors import ConveneError, FlowError, ModelAnswerBroken
from studio.engine.events import YOU, Event, MessageSaid, Noticed, Recalled, Remembered
from studio.engine.memory.base import Memory
from studio.engine.memory.embedding import Embedding, LocalEmbedding
from studio.engine.memory.store import PERSON, Found, MemoryFile
from studio.engine.memory.vector_memory import MAX_QUERY, STRANGERS, most_alike
from studio.engine.models.base import ModelReply, ModelRequest, Retrying, Told
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.agents.agent import Place, Turn
    from studio.engine.models.base import Model

USER = "user"
"""The context variable that says who the person is, where it is set."""

PEOPLE = "people"
"""The folder of these memories among the others."""

RECENT = 6
"""Messages that the model reads to decide what is worth remembering."""

MOST_AT_ONCE = 10
LONGEST = 1_000
"""Characters of one thing that is remembered."""

MOST_KNOWN = 100
"""Things known already that the model is shown, so that it neither repeats nor contradicts them."""

PROMPT = (
    "You keep notes about a person, which later conversations begin with. From what the person said last, note what will still be true and"
    " useful another day: names, preferences, facts about the person and their work, how they want to be answered, corrections that they"
    " made. Leave out greetings, the task of the day, and what only the assistant said. Write each note as one short sentence that can be"
    " understood by itself, in the person's language. When nothing is worth it, note nothing."
)

SHAPE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "remember": {"type": "array", "items": {"type": "string"}, "description": "New notes."},
        "forget": {"type": "array", "items": {"type": "integer"}, "description": "Numbers of notes that are no longer true."},
    },
    "required": ["remember", "forget"],
    "additionalProperties": False,
}


class TeachableMemory(Memory):
    """Each person has notes of their own. Who it is says the run itself where strangers use one flow, else `person`, the context
    variable `user`, or the name under which they speak.
    """

    kind: ClassVar[str] = "teachable"
    title: ClassVar[str] = "Notes about people"
    summary: ClassVar[str] = "Learns what people want it to know, for later conversations"
    learns: ClassVar[bool] = True

    person: Annotated[
        str,
        Field(title="About whom", description="A name; empty: whoever speaks, or the context variable user.", max_length=200),
        Widget("line"),
    ] = ""
    top_k: Annotated[int, Field(title="At most", description="Notes that are told at once.", ge=1, le=50)] = 8
    instructions: Annotated[
        str, Field(title="What is worth noting", description="Told to the agent's model.", max_length=10_000), Widget("text", advanced=True)
    ] = PROMPT
    store: Annotated[
        str,
        Field(
            title="Name of the memory",
            description="Agents with the same one share their notes.",
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$",
        ),
        Widget("line", advanced=True),
    ] = "notes"
    embedding: Annotated[Embedding, Field(title="How notes are compared"), Widget("", advanced=True)] = LocalEmbedding()

    def recall(self, turn: Turn, agent: str) -> Perform | None:
        said = _last_said(turn)
        return Perform("memory", partial(self._look_up, said.text, self._whose(turn), agent)) if said is not None else None

    def learn(self, turn: Turn, agent: str, said: str) -> Perform | None:
        """Once for each thing that a person says, by whichever of its agents answers first with this memory."""
        heard = _last_said(turn)
        if heard is None or turn.model is None:
            return None
        messages = [event for event in turn.thread if isinstance(event, MessageSaid)]
        since = messages[max(at for at, event in enumerate(messages) if event is heard) + 1 :]
        if sum(event.source == agent for event in since) > 1:
            return None
        return Perform(
            "remembering", partial(self._note, tuple(messages[-RECENT:]), self._whose(turn), agent, turn.model, turn.model_calls)
        )

    def told(self, recalled: Recalled) -> str:
        if not recalled.entries:
            return ""
        whose = next((str(entry["source"]) for entry in recalled.entries if entry.get("source")), "the person")
        notes = "\n".join(f"- {entry.get('text', '')}" for entry in recalled.entries)
        return f"What you noted about {whose} in earlier conversations:\n{notes}"

    def _whose(self, turn: Turn) -> str:
        named = self.person.strip() or turn.variables.get(USER)
        said = _last_said(turn)
        return str(named).strip()[:200] if isinstance(named, str) and named.strip() else said.source if said is not None else YOU

    async def _look_up(self, query: str, person: str, agent: str, place: Place) -> Sequence[Event]:
        person = place.person or person
        file, origin = self._file(place, agent), origin_of(person)
        wanted = (query[:MAX_QUERY], origin, self.top_k, 0.0, ())
        if isinstance(self.embedding, LocalEmbedding):
            found, compared = await asyncio.to_thread(file.query, *wanted), None
        else:
            found, compared = await most_alike(file, self.embedding, place, *wanted)
        # Much of what is known about somebody shares no word with what they ask: the newest notes fill up what is left.
        newest = reversed(await asyncio.to_thread(file.texts, origin))
        others = [each for each in newest if each.text not in {one.text for one in found}]
        notes = (*found, *others)[: self.top_k]
        entries = tuple({"text": each.text, "source": person} | ({"score": each.score} if each.score else {}) for each in notes)
        if compared is None:
            return (Recalled(source=agent, memory=self.key, query=query[:MAX_QUERY], entries=entries),)
        recalled = Recalled(
            source=agent, memory=self.key, query=query[:MAX_QUERY], entries=entries, usage=compared.usage, model=compared.model or None
        )
        return (*compared.told(agent), recalled)

    async def _note(
        self, messages: Sequence[MessageSaid], person: str, agent: str, model: Model, answers: int, place: Place
    ) -> Sequence[Event]:
        """The answer has been given: what goes wrong here is a notice, and ends nothing."""
        person = place.person or person
        nothing = Remembered(source=agent, memory=self.key, text="", person=person)
        try:
            file, origin = self._file(place, agent), origin_of(person)
            known = (await asyncio.to_thread(file.texts, origin))[-MOST_KNOWN:]
            request = ModelRequest(
                agent=agent,
                system=self.instructions,
                thread=tuple(messages),
                extra=(_question(person, known),),
                schema=SHAPE,
                purpose="memory",
                earlier_calls=max(0, answers - 1),
            )
            reply, notices = await _asked(place, model, request)
            cost = {"usage": reply.usage, "model": reply.model or None, "practice": reply.practice}
            notes, gone = _read(reply)
            await asyncio.to_thread(file.remove, origin, [known[number - 1].text for number in gone if 0 < number <= len(known)])
            added = await asyncio.to_thread(file.add, notes, origin, person)
        except ConveneError as mistake:
            sentence = text("engine.memory.not_noted", agent=agent, mistake=mistake.sentence)
            return (Noticed(source=agent, code="not_remembered", text=sentence), nothing)
        told = [Noticed(source=agent, code=code, text=words) for code, words in notices]
        remembered = [nothing.model_copy(update={"text": note}) for note in added] or [nothing]
        return (*told, remembered[0].model_copy(update=cost), *remembered[1:])

    def _file(self, place: Place, agent: str) -> MemoryFile:
        if place.memories is None:
            raise FlowError(agent, text("engine.memory.no_place_for_notes"), text("engine.memory.no_place_for_notes.remedy"))
        # However much strangers say, it pushes nothing out of what is known of others.
        strangers = place.memories / STRANGERS / f"{PEOPLE}.{self.store}.db"
        return MemoryFile(strangers if place.person else place.memories / PEOPLE / f"{self.store}.db")


def origin_of(person: str) -> str:
    """What the notes about a person have as their origin."""
    return PERSON + person


def _last_said(turn: Turn) -> MessageSaid | None:
    """What a person said last, the task included."""
    said = (event for event in reversed(turn.thread) if isinstance(event, MessageSaid) and event.role in ("human", "task"))
    return next((event for event in said if event.text.strip()), None)


def _question(person: str, known: Sequence[Found]) -> str:
    notes = "\n".join(f"{number}. {each.text}" for number, each in enumerate(known, 1)) or "(none)"
    return (
        f"The person is called {person}. Your notes so far:\n{notes}\n\nWhat of the conversation above do you add to them, and which"
        ' of them are no longer true? Answer in JSON: {"remember": ["…"], "forget": [numbers]}.'
    )


def _read(reply: ModelReply) -> tuple[list[str], list[int]]:
    """Raises ModelAnswerBroken."""
    from studio.engine.models.structured import structured

    data, mistake = structured(reply.text, SHAPE | {"required": ["remember"]})
    if mistake:
        raise ModelAnswerBroken(text("engine.memory.misshapen", mistake=mistake))
    notes = [note.strip()[:LONGEST] for note in data["remember"] if note.strip()]
    return notes[:MOST_AT_ONCE], data.get("forget", [])[:MOST_KNOWN]


async def _asked(place: Place, model: Model, request: ModelRequest) -> tuple[ModelReply, list[tuple[str, str]]]:
    """The whole answer, and what a person should know of how it came. Raises ModelError."""
    reply: ModelReply | None = None
    notices: list[tuple[str, str]] = []
    async with contextlib.aclosing(place.client(model).stream(request)) as pieces:  # type: ignore[type-var]
        async for piece in pieces:
            match piece:
                case ModelReply():
                    reply = piece
                    owe(piece.usage, piece.model, piece)
                case Retrying():
                    notices.append(("retry", text("engine.memory.attempt", attempt=piece.attempt, why=piece.why)))
                case Told():
                    notices.append((piece.code, piece.text))
    if reply is None:
        raise ModelAnswerBroken(text("engine.memory.ended"))
    return reply, notices
