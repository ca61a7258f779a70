"""A team that speaks as one agent: it talks among itself, and a model says to the others what came of it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.agents.agent import CallModel, Converse, Say, Step, Turn
from studio.engine.component import Widget
from studio.engine.events import ConversationClosed, Event, MessageSaid
from studio.engine.models.base import ModelReply, ModelRequest
from studio.engine.teams.team import Team
from studio.texts import text


class Society(Team):
    """AutoGen's SocietyOfMindAgent: its members hear the conversation around them and begin anew at each of its turns.

    Without a model it says the last message of its members.
    """

    kind: ClassVar[str] = "society"
    title: ClassVar[str] = "Society"
    summary: ClassVar[str] = "A team that speaks as one"

    instruction: Annotated[
        str, Field(title="What the model is told", description="Before what the members said."), Widget("text", advanced=True)
    ] = "Other people have been working on a request that was made to you. This is what they said."
    response_prompt: Annotated[
        str, Field(title="What it is asked", description="After what the members said."), Widget("text", advanced=True)
    ] = "Answer the original request now, from what was said. Speak for yourself and do not mention the discussion."

    @property
    def is_heard_within(self) -> bool:
        """It answers itself."""
        return False

    def next_step(self, turn: Turn) -> Step:
        closed = next((event for event in turn.so_far if isinstance(event, ConversationClosed)), None)
        if closed is None:
            return Converse(self, hears="all", heard=self.is_heard_within)
        if not closed.text:
            return Say((MessageSaid(source=self.name, text=text("engine.team.no_response")),))
        if turn.model is None:
            return Say((MessageSaid(source=self.name, text=closed.text),))
        request = ModelRequest(
            agent=self.name,
            system=self.instruction,
            thread=tuple(turn.inner.get(closed.id, ())),
            extra=(self.response_prompt,),
            earlier_calls=turn.model_calls,
        )
        return CallModel(turn.model, request)

    def on_reply(self, turn: Turn, reply: ModelReply, seconds: float) -> tuple[Event, ...]:
        said = MessageSaid(
            source=self.name,
            text=reply.text or text("engine.team.no_response"),
            reasoning=reply.reasoning,
            model=reply.model or None,
            usage=reply.usage,
            seconds=seconds,
            practice=reply.practice,
        )
        return (said,)
