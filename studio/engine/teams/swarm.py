"""Whoever was handed the conversation speaks; when nobody hands over, the rules after work say who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from studio.engine.agents.agent import CallModel, StopRun
from studio.engine.component import Widget
from studio.engine.events import Event, MessageSaid
from studio.engine.expressions import holds
from studio.engine.models.base import ModelReply
from studio.engine.teams.model_choice import ModelChoice
from studio.engine.teams.selection import Candidates, Choice, Selection
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.teams.team import Team

AfterWork = Literal["end", "stay", "first", "back", "model"]
_WORDS: tuple[AfterWork, ...] = ("end", "stay", "first", "back", "model")


class Swarm(Selection):
    """AutoGen's Swarm with AG2's targets after work, without its trap: by default a run ends when nobody hands over (AutoGen issue 5611).

    `rules` are asked in order after every message: a condition over context variables, then who speaks. `after` says, by the one
    who spoke, who goes on when he handed over to nobody: a name or, where nobody is called so, a word of `after_work`, which is for
    everybody else.
    """

    kind: ClassVar[str] = "swarm"
    title: ClassVar[str] = "Hand-offs"
    summary: ClassVar[str] = "Whoever was handed the conversation speaks"
    eager: ClassVar[bool] = True

    after_work: Annotated[
        AfterWork,
        Field(
            title="When nobody hands over",
            description="end: it is over; stay: the same again; first: the first member; back: the one before; model: a model chooses.",
        ),
    ] = "end"
    after: Annotated[
        Mapping[str, str],
        Field(
            title="After somebody's work",
            description="Name of the one who spoke, and of the one who goes on; or one of the words end, stay, first, back, model.",
        ),
        Widget("rows", advanced=True),
    ] = {}
    rules: Annotated[
        Mapping[str, str],
        Field(title="Rules", description="A condition such as visits > 3, and the name of the one who speaks then."),
        Widget("rows", advanced=True),
    ] = {}
    first: Annotated[str, Field(title="Begins", description="Empty: the first member."), Widget("line", advanced=True)] = ""

    def __new__(cls, *args: Any, **fields: Any) -> Any:
        """With participants it is AgentChat's team of that name: `Swarm([alice, bob], termination_condition=…)`."""
        if cls is Swarm and (args or "participants" in fields):
            from studio.engine.agentchat.teams.group_chats import Swarm as Team

            return Team(*args, **fields)
        return super().__new__(cls)

    def choose(self, candidates: Candidates) -> Choice | CallModel | StopRun:
        names = [agent.name for agent in candidates.agents]
        last = candidates.last
        if (ruled := self._by_rule(candidates, names)) is not None:
            return ruled
        if candidates.handed_to in names and candidates.handed_to is not None:
            return Choice(candidates.handed_to, text("engine.choice.handed_over", agent=last), "handoff")
        if last is None:
            return Choice(self._first(names), text("engine.swarm.first"), self.kind)
        if (target := self.after.get(last, "")) in names:
            return Choice(target, text("engine.swarm.after_work", agent=last), self.kind)
        match next((word for word in _WORDS if word == target), self.after_work):
            case "end":
                return StopRun(text("engine.swarm.nobody", agent=last), self.kind)
            case "stay":
                return Choice(last, text("engine.swarm.stay", agent=last), self.kind)
            case "first":
                return Choice(names[0], text("engine.swarm.to_first", agent=last), self.kind)
            case "back":
                before = next((name for name in reversed(candidates.speakers) if name != last), names[0])
                return Choice(before, text("engine.swarm.back", agent=last), self.kind)
            case "model":
                return ModelChoice().choose(candidates)

    def may_begin(self, team: Team) -> tuple[str, ...]:
        return (self._first([agent.name for agent in team.participants]),)

    def on_reply(self, candidates: Candidates, reply: ModelReply) -> tuple[Event, ...]:
        return ModelChoice().on_reply(candidates, reply)

    def _first(self, names: Sequence[str]) -> str:
        return self.first if self.first in names else names[0]

    def _by_rule(self, candidates: Candidates, names: list[str]) -> Choice | None:
        if not self.rules or candidates.last is None:
            return None
        said = next((event for event in reversed(candidates.thread) if isinstance(event, MessageSaid)), None)
        words, speaker = (said.text, said.source) if said is not None else ("", "")
        for condition, name in self.rules.items():
            if name in names and name != candidates.last and holds(condition, candidates.variables, last=words, speaker=speaker):
                return Choice(name, f"{condition}", "rule")
        return None
