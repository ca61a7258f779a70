"""Agents around others: a team that speaks as one, and an agent that hears only part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

from studio.engine.agentchat.agents.chat_agent import BaseChatAgent, EngineAgent, played
from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.core.model_context import ChatCompletionContext
from studio.engine.agentchat.core.models import ChatCompletionClient
from studio.engine.agentchat.messages import BaseChatMessage
from studio.engine.agents.agent import Agent
from studio.engine.teams.filter import Filter, Hears
from studio.engine.teams.society import Society
from studio.engine.teams.team import Team

if TYPE_CHECKING:
    from studio.engine.agentchat.running import Run


class SocietyOfMindAgent(EngineAgent):
    """The inner team talks about what was said and begins anew at each turn; then a model answers for it."""

    DEFAULT_INSTRUCTION = str(Society.model_fields["instruction"].default)
    DEFAULT_RESPONSE_PROMPT = str(Society.model_fields["response_prompt"].default)
    DEFAULT_DESCRIPTION = "An agent that uses an inner team of agents to generate responses."

    def __init__(
        self,
        name: str,
        team: Any,
        model_client: ChatCompletionClient,
        *,
        description: str = DEFAULT_DESCRIPTION,
        instruction: str = DEFAULT_INSTRUCTION,
        response_prompt: str = DEFAULT_RESPONSE_PROMPT,
        model_context: ChatCompletionContext | None = None,
    ) -> None:
        super().__init__(name, description)
        self._team, self._client = team, model_client
        self._instruction, self._prompt = instruction, response_prompt

    def nested(self) -> Mapping[str, BaseChatAgent]:
        return {self.name: self, **self._team.nested()}

    def _society(self, inner: Team) -> Society:
        return Society(
            name=self.name,
            description=self.description,
            participants=inner.participants,
            selection=inner.selection,
            stop=inner.stop,
            max_turns=inner.max_turns,
            model=self._client.component(),
            instruction=self._instruction,
            response_prompt=self._prompt,
        )

    def playing(self, run: Run) -> Agent:
        return self._society(self._team.playing(run, self.name))

    def component(self) -> Society:
        return self._society(self._team.component())


class PerSourceFilter(BaseModel):
    """What is heard of one source: its first or last `count` messages, or all of them."""

    source: str
    position: Literal["first", "last"] | None = None
    count: int | None = None


class MessageFilterConfig(BaseModel):
    per_source: list[PerSourceFilter]


class MessageFilterAgent(EngineAgent):
    """Who is not listed is not heard."""

    def __init__(self, name: str, wrapped_agent: BaseChatAgent, filter: MessageFilterConfig) -> None:
        super().__init__(name, f"{wrapped_agent.description} (with message filtering)")
        self._wrapped, self._filter = wrapped_agent, filter

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        return self._wrapped.produced_message_types

    def nested(self) -> Mapping[str, BaseChatAgent]:
        inner = self._wrapped.nested() if isinstance(self._wrapped, EngineAgent) else {self._wrapped.name: self._wrapped}
        return {self.name: self, **inner}

    def _around(self, inner: Agent) -> Filter:
        hears = tuple(
            Hears(source=each.source, position=each.position or "last", count=each.count if each.position is not None else None)
            for each in self._filter.per_source
        )
        return Filter(name=self.name, description=self.description, participants=(inner,), hears=hears, hears_task=False)

    def playing(self, run: Run) -> Agent:
        return self._around(played(self._wrapped, run))

    def component(self) -> Filter:
        return self._around(self._wrapped.component())

    async def on_reset(self, cancellation_token: CancellationToken) -> None:
        await super().on_reset(cancellation_token)
        await self._wrapped.on_reset(cancellation_token)
