"""The drawn graph says who speaks: branches run at the same time, joins wait, conditions choose the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from studio.engine.agents.agent import Agent, StopRun
from studio.engine.component import Widget
from studio.engine.events import ConversationClosed, Event, HandedOff, MessageSaid, SpeakerChosen
from studio.engine.expressions import ExpressionError, holds, parse
from studio.engine.patterns import checked, found_in
from studio.engine.teams.selection import Candidates, Choice, Selection
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.teams.team import Team

How = Literal["contains", "equals", "regex", "expression", "otherwise"]


class GraphEdge(BaseModel):
    """An arrow: after `source` comes `target`, when `condition` holds for what source said; an empty one always holds.

    `otherwise` holds when no other condition of its source does. `join` says whether the target waits for all arrows of the same
    `group` that end there, or begins with any of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    source: str
    target: str
    condition: Annotated[str, Field(title="When", description="Empty: always.", max_length=1_000)] = ""
    how: Annotated[
        How,
        Field(
            title="Which means",
            description="The message contains it, equals it, matches the pattern; a condition over variables; or no other holds.",
        ),
    ] = "contains"
    join: Annotated[
        Literal["all", "any"], Field(title="Where several arrows meet", description="Wait for all of them, or begin with any.")
    ] = "all"
    group: Annotated[
        str, Field(title="Group", description="Arrows that wait for each other; empty: all that end there.", max_length=64)
    ] = ""
    test: Annotated[Callable[[str], bool] | None, Field(exclude=True)] = None

    @model_validator(mode="after")
    def _condition_can_be_read(self) -> Self:
        if self.condition and self.how == "regex":
            checked(self.condition)
        elif self.condition and self.how == "expression":
            try:
                parse(self.condition)
            except ExpressionError as mistake:
                raise ValueError(str(mistake)) from None
        return self

    @property
    def conditional(self) -> bool:
        return bool(self.condition) or self.how == "otherwise" or self.test is not None

    def fits(self, said: str, speaker: str, variables: Mapping[str, Any]) -> bool:
        """Whether its own condition holds; `otherwise` is left to the graph. Raises ExpressionError."""
        if self.test is not None:
            return bool(self.test(said))
        match self.how:
            case "contains":
                return self.condition in said
            case "equals":
                return self.condition.strip().casefold() == said.strip().casefold()
            case "regex":
                return found_in(said, self.condition)
            case "expression":
                return holds(self.condition, variables, last=said, speaker=speaker)
            case "otherwise":
                return False


@dataclass(frozen=True, slots=True)
class _Tokens:
    """Which arrows were taken and wait at their target, by (target, group), and who is to speak, with the reason.

    `speaking` are at it now. `called` are the joins, by (target, group), whose target is to speak once for each, in order, and `late`
    who was still at it when such a target began, by (source, target, group): at a join of any they come too late to begin it again.
    """

    waiting: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    ready: tuple[tuple[str, str], ...] = ()
    began: bool = False
    speaking: frozenset[str] = frozenset()
    called: tuple[tuple[str, str], ...] = ()
    late: frozenset[tuple[str, str, str]] = frozenset()

    def chosen(self, speaker: str) -> _Tokens:
        """The tokens once `speaker` has begun."""
        begun = next((join for join in self.called if join[0] == speaker), None)
        late = frozenset((source, *begun) for source in self.speaking - {speaker}) if begun is not None else frozenset()
        place = next((index for index, (name, _) in enumerate(self.ready) if name == speaker), len(self.ready))
        return _Tokens(
            waiting=self.waiting,
            ready=self.ready[:place] + self.ready[place + 1 :],
            began=True,
            speaking=self.speaking | {speaker},
            called=tuple(join for join in self.called if join is not begun),
            late=self.late | late,
        )


class Graph(Selection):
    """AutoGen's GraphFlow with tokens: an arrow that is taken puts a token at its target, which speaks when its join is complete.

    Joins count anew each time; whoever was still speaking when a join of any began does not begin it again. An arrow that comes back
    to where it is reachable from, or from a node to itself, is waited for by nobody unless it has a group: a loop begins before it can
    come round (AutoGen issues 6710, 6716, 6643, 6985). The conversation ends when nobody speaks and nobody is ready.
    """

    kind: ClassVar[str] = "graph"
    title: ClassVar[str] = "Graph"
    summary: ClassVar[str] = "The arrows, their conditions and joins say who speaks, branches at the same time"
    parallel: ClassVar[bool] = True
    eager: ClassVar[bool] = True
    remembers: ClassVar[bool] = True

    edges: Annotated[tuple[GraphEdge, ...], Field(title="Arrows"), Widget("hidden")] = ()
    start: Annotated[
        tuple[str, ...], Field(title="Begins with", description="Names; empty means everybody whom no arrow leads to."), Widget("lines")
    ] = ()

    def choose(self, candidates: Candidates) -> tuple[Choice, ...] | StopRun:
        memory: _Tokens = candidates.memory or _Tokens()
        names = {agent.name for agent in candidates.agents}
        ready = memory.ready if memory.began else tuple((name, text("engine.graph.begins")) for name in self._entries(candidates.agents))
        first = dict(reversed(ready))
        choices = tuple(
            Choice(name, first[name], self.kind)
            for name in dict.fromkeys(name for name, _ in ready)
            if name in names and name not in candidates.active
        )
        if not choices and not candidates.active:
            return StopRun(text("engine.graph.no_way"), self.kind)
        return choices

    def may_begin(self, team: Team) -> tuple[str, ...]:
        return self._entries(team.participants)

    def _entries(self, agents: Sequence[Agent]) -> tuple[str, ...]:
        names = tuple(agent.name for agent in agents)
        if self.start:
            return tuple(name for name in self.start if name in names)
        reached = {edge.target for edge in self.edges if edge.source != edge.target}
        return tuple(name for name in names if name not in reached) or names[:1]

    def observe(self, event: Event, memory: Any, team: Team, variables: Mapping[str, Any]) -> Any:
        tokens: _Tokens = memory or _Tokens()
        match event:
            case SpeakerChosen():
                return tokens.chosen(event.speaker)
            case MessageSaid(role="agent" | "human" | "code") | HandedOff():
                return self._after(tokens, event.source, event.text, variables)
            case ConversationClosed(call=None) if team.hears_all_of(event.source):
                return self._after(tokens, event.source, event.text, variables)
            case _:
                return tokens

    def _after(self, tokens: _Tokens, source: str, said: str, variables: Mapping[str, Any]) -> _Tokens:
        """The tokens after `source` has spoken."""
        leaving = [edge for edge in self.edges if edge.source == source]
        met = [edge for edge in leaving if edge.conditional and edge.fits(said, source, variables)]
        taken = [edge for edge in leaving if not edge.conditional]
        taken += met or [edge for edge in leaving if edge.how == "otherwise" and edge.test is None]
        waiting, ready, called = dict(tokens.waiting), list(tokens.ready), list(tokens.called)
        for edge in taken:
            place, awaited = (edge.target, edge.group), self.awaited(edge)
            arrived = waiting.get(place, frozenset()) | {source}
            if edge.join == "any" and (source, *place) in tokens.late:
                continue
            if edge.join == "any" or arrived >= awaited:
                waiting.pop(place, None)
                if place not in called:
                    called.append(place)
                    ready.append((edge.target, self._why(edge, arrived)))
            else:
                waiting[place] = arrived
        return replace(
            tokens,
            waiting=waiting,
            ready=tuple(ready),
            speaking=tokens.speaking - {source},
            called=tuple(called),
            late=frozenset(way for way in tokens.late if way[0] != source),
        )

    def awaited(self, edge: GraphEdge) -> set[str]:
        """Those without whom an arrow's target does not begin."""
        back = _coming_back(tuple((each.source, each.target) for each in self.edges))
        if not edge.group and (edge.source, edge.target) in back:
            return {edge.source}
        meeting = (each for each in self.edges if each.target == edge.target and each.group == edge.group)
        return {each.source for each in meeting if each.group or (each.source, each.target) not in back}

    def _why(self, edge: GraphEdge, arrived: frozenset[str]) -> str:
        if len(arrived) > 1:
            return text("engine.graph.joined", names=", ".join(sorted(arrived)))
        if not edge.condition:
            return text("engine.graph.after", agent=edge.source)
        return text("engine.graph.after_since", agent=edge.source, condition=edge.condition)


@lru_cache(maxsize=256)
def _coming_back(arrows: tuple[tuple[str, str], ...]) -> frozenset[tuple[str, str]]:
    """The arrows whose source can be reached from their target."""
    after: dict[str, set[str]] = {}
    for source, target in arrows:
        after.setdefault(source, set()).add(target)
    return frozenset((source, target) for source, target in arrows if source in _reached(target, after))


def _reached(begin: str, after: Mapping[str, set[str]]) -> set[str]:
    seen, open_ends = {begin}, [begin]
    while open_ends:
        for name in after.get(open_ends.pop(), ()):
            if name not in seen:
                seen.add(name)
                open_ends.append(name)
    return seen
