"""A model chooses who speaks next."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.agents.agent import CallModel
from studio.engine.component import Widget
from studio.engine.errors import FlowError
from studio.engine.events import Event, SelectionRejected, SpeakerChosen
from studio.engine.models.base import ModelReply, ModelRequest
from studio.engine.teams.answer import speaker_in
from studio.engine.teams.selection import Candidates, Choice, Selection
from studio.texts import counted, text

LOOKS_BACK = 20
"""Thread events that the choosing model reads: it needs to know where the conversation stands, not all of it."""


class ModelChoice(Selection):
    kind: ClassVar[str] = "model_choice"
    title: ClassVar[str] = "Model chooses"
    summary: ClassVar[str] = "A model reads along and names the next speaker"
    excludes: ClassVar[bool] = True

    instruction: Annotated[str, Field(title="How to choose", description="Added to what the choosing model is told."), Widget("text")] = ""
    allow_repeat: Annotated[bool, Field(title="Somebody may speak twice in a row")] = False
    max_attempts: Annotated[int, Field(title="Attempts", description="Before it falls back to the next in order.", ge=1, le=10)] = 3

    def choose(self, candidates: Candidates) -> Choice | CallModel:
        names = self._names(candidates)
        if len(names) == 1:
            return Choice(names[0], text("engine.choice.only_besides", speaker=candidates.last), self.kind)
        if len(candidates.rejected) >= self.max_attempts:
            reason = counted("engine.choice.model_named_nobody", self.max_attempts)
            return Choice(candidates.next_in_order(), reason, "fallback")
        if candidates.model is None:
            raise FlowError(candidates.team, text("engine.choice.no_model"), text("engine.choice.no_model.remedy"))
        roles = "\n".join(f"{agent.name}: {_role(agent)}" for agent in candidates.agents if agent.name in names)
        system = f"You follow a conversation and decide who speaks next. You never take part in it.\n\nWho can speak:\n{roles}"
        if self.instruction:
            system += f"\n\n{self.instruction}"
        question = f"Who speaks next? Answer with one of these names and nothing else: {', '.join(names)}"
        corrections = tuple(f"You answered: {answer[:200]}\nThat does not help: {why}" for answer, why in candidates.rejected)
        request = ModelRequest(
            agent=candidates.team,
            system=system,
            thread=tuple(candidates.thread[-LOOKS_BACK:]),
            extra=(*corrections, question),
            choices=names,
            purpose="selection",
            earlier_calls=candidates.earlier_calls,
        )
        return CallModel(candidates.model, request)

    def on_reply(self, candidates: Candidates, reply: ModelReply) -> tuple[Event, ...]:
        names = self._names(candidates)
        chosen, why = speaker_in(reply.text, names)
        if chosen is None:
            return (SelectionRejected(source=candidates.team, answer=reply.text[:2_000], why=why, usage=reply.usage),)
        return (
            SpeakerChosen(
                source=candidates.team,
                speaker=chosen,
                by=self.kind,
                reason=why,
                candidates=names,
                attempts=len(candidates.rejected) + 1,
                usage=reply.usage,
                model=reply.model or None,
            ),
        )

    def _names(self, candidates: Candidates) -> tuple[str, ...]:
        names = tuple(name for name in candidates.names if self.allow_repeat or name != candidates.last)
        return names or candidates.names


def _role(agent: object) -> str:
    said = getattr(agent, "description", "") or getattr(agent, "system_message", "") or getattr(agent, "summary", "")
    return " ".join(str(said).split())[:300]
