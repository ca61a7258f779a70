"""AgentChat's team in which a model, or a function, chooses who speaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.agentchat.agents.assistant import called
from studio.engine.agentchat.core.model_context import ChatCompletionContext, UnboundedChatCompletionContext
from studio.engine.agentchat.core.models import ChatCompletionClient
from studio.engine.agentchat.model_bridge import ClientModel
from studio.engine.agentchat.teams.base import BaseGroupChat
from studio.engine.agents.agent import CallModel, Perform, Place, Turn
from studio.engine.context.base import size
from studio.engine.errors import FlowError
from studio.engine.events import Event, FunctionReturned, HandedOff, MessageSaid, SelectionRejected, SpeakerChosen
from studio.engine.models.base import ModelReply, ModelRequest
from studio.engine.teams.answer import speaker_in
from studio.engine.teams.model_choice import ModelChoice
from studio.engine.teams.selection import Candidates, Choice, Selection
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.agentchat.running import Run

PROMPT = """You follow a conversation and say who speaks next. These can speak:
{roles}

The conversation so far:

{history}

Who of {participants} speaks next? Answer with the name only.
"""

_SPEAKER, _CANDIDATES = "selector", "candidates"


class SelectorGroupChat(BaseGroupChat):
    """`selector_func` is asked first; `candidate_func` says among whom the model chooses, otherwise all but the one who spoke last."""

    NAME: ClassVar[str] = "SelectorGroupChat"
    needs: ClassVar[int] = 2

    def __init__(
        self,
        participants: Sequence[Any],
        model_client: ChatCompletionClient,
        *,
        termination_condition: Any = None,
        max_turns: int | None = None,
        selector_prompt: str = PROMPT,
        allow_repeated_speaker: bool = False,
        max_selector_attempts: int = 3,
        selector_func: Callable[..., Any] | None = None,
        candidate_func: Callable[..., Any] | None = None,
        model_client_streaming: bool = False,
        model_context: ChatCompletionContext | None = None,
        **options: Any,
    ) -> None:
        super().__init__(participants, termination_condition=termination_condition, max_turns=max_turns, **options)
        self._client, self._prompt, self._repeats, self._attempts = (
            model_client,
            selector_prompt,
            allow_repeated_speaker,
            max_selector_attempts,
        )
        self._chooses, self._narrows, self._streaming = selector_func, candidate_func, model_client_streaming
        self._context = model_context or UnboundedChatCompletionContext()

    def model(self) -> Any:
        model = self._client.component()
        return model.model_copy(update={"streams": True}) if isinstance(model, ClientModel) and self._streaming else model

    def selection(self, run: Run | None) -> Selection:
        """Raises FlowError for functions, which only code can hold, when it is to be written."""
        plain: dict[str, Any] = {"allow_repeat": self._repeats, "max_attempts": max(1, min(self._attempts, 10))}
        if run is not None:
            return _Selector(team=self, run=run, previous=self._previous, **plain)
        if self._chooses is not None or self._narrows is not None:
            raise FlowError(self.name, text("engine.agentchat.own_choice"), text("engine.agentchat.own_choice.remedy"))
        return ModelChoice(instruction="" if self._prompt == PROMPT else self._prompt, **plain)


class _Selector(ModelChoice):
    """A SelectorGroupChat's choice in a run; `previous` spoke last before it."""

    kind: ClassVar[str] = ModelChoice.kind
    drawable: ClassVar[bool] = False
    eager: ClassVar[bool] = True

    team: Annotated[Any, Field(exclude=True, repr=False)]
    run: Annotated[Any, Field(exclude=True, repr=False)]
    previous: str | None = None

    def choose(self, candidates: Candidates) -> Any:
        """Raises FlowError for a function that names somebody who is not there, or nobody."""
        known = [agent.name for agent in candidates.agents]
        asked = {event.purpose: event for event in candidates.so_far if isinstance(event, FunctionReturned)}
        if self.team._chooses is not None:
            if (chosen := asked.get(_SPEAKER)) is None:
                return Perform("choosing", partial(self._ask, _SPEAKER, self.team._chooses, candidates.team))
            if chosen.value is not None:
                self._refuse(candidates, "Selector function", [chosen.value], known)
                return Choice(str(chosen.value), f"{chosen.name} chose", "function_choice")
        if self.team._narrows is not None and _CANDIDATES not in asked:
            return Perform("choosing", partial(self._ask, _CANDIDATES, self.team._narrows, candidates.team))
        names = self._names(candidates)
        if len(names) == 1:
            return Choice(names[0], text("engine.agentchat.only_one"), self.kind)
        if len(candidates.rejected) >= self.max_attempts:
            last = candidates.last or self.previous
            again = last if last in known and last is not None else names[0]
            return Choice(again, text("engine.agentchat.model_named_nobody", count=self.max_attempts), "fallback")
        if candidates.model is None:
            raise FlowError(candidates.team, text("engine.choice.no_model"), text("engine.choice.no_model.remedy"))
        return CallModel(candidates.model, self._request(candidates, names))

    def on_reply(self, candidates: Candidates, reply: ModelReply) -> tuple[Event, ...]:
        names, known = self._names(candidates), tuple(agent.name for agent in candidates.agents)
        chosen, why = speaker_in(reply.text, known)
        if chosen is not None and chosen not in names:
            chosen, why = None, text("engine.agentchat.may_not_speak", speaker=chosen)
        if chosen is None:
            return (SelectionRejected(source=candidates.team, answer=reply.text[:2_000], why=why, usage=reply.usage),)
        facts = {"candidates": names, "attempts": len(candidates.rejected) + 1, "usage": reply.usage, "model": reply.model or None}
        return (SpeakerChosen(source=candidates.team, speaker=chosen, by=self.kind, reason=why, **facts),)

    def _names(self, candidates: Candidates) -> tuple[str, ...]:
        known = tuple(agent.name for agent in candidates.agents)
        narrowed = next(
            (event for event in candidates.so_far if isinstance(event, FunctionReturned) and event.purpose == _CANDIDATES), None
        )
        if narrowed is not None:
            value = narrowed.value if isinstance(narrowed.value, list) else []
            self._refuse(candidates, "Candidate function", value, known)
            return tuple(str(name) for name in value)
        last = candidates.last or self.previous
        return tuple(name for name in known if self.allow_repeat or name != last) or known

    def _refuse(self, candidates: Candidates, what: str, named: Sequence[Any], known: Sequence[str]) -> None:
        if not named:
            raise FlowError(candidates.team, text("engine.agentchat.function_named_nobody", function=what))
        if strange := [name for name in named if name not in known]:
            sentence = text("engine.agentchat.function_named_stranger", function=what, name=strange[0])
            raise FlowError(candidates.team, sentence, text("engine.agentchat.function_named_stranger.remedy", known=list(known)))

    async def _ask(self, purpose: str, function: Callable[..., Any], source: str, place: Place) -> Sequence[Event]:
        """Raises FlowError for whatever the function raises."""
        name = getattr(function, "__name__", purpose)
        try:
            value = await called(function, list(self.run.said))
        except Exception as mistake:
            raise FlowError(name, f"{type(mistake).__name__}: {mistake}", text("engine.function.remedy")) from mistake
        kept = [str(each) for each in value] if isinstance(value, list | tuple) else value if value is None else str(value)
        return (FunctionReturned(source=source, purpose=purpose, name=name, value=kept),)

    def _request(self, candidates: Candidates, names: Sequence[str]) -> ModelRequest:
        roles = "\n".join(" ".join(f"{agent.name}: {agent.description}".split()) for agent in candidates.agents)
        view = self.team._context.component().view(
            Turn(0, candidates.thread, (), None, tuple(names), characters=sum(size(event) for event in candidates.thread))
        )
        said = [f"{event.source}: {event.text}".rstrip() + "\n\n" for event in view if isinstance(event, MessageSaid | HandedOff)]
        prompt = self.team._prompt.format(roles=roles, participants=str(list(names)), history="\n".join(said))
        corrections = tuple(f"You answered: {answer[:200]}\nThat does not help: {why}" for answer, why in candidates.rejected)
        return ModelRequest(
            agent=candidates.team,
            system=prompt,
            extra=corrections,
            choices=tuple(names),
            purpose="selection",
            earlier_calls=candidates.earlier_calls,
        )
