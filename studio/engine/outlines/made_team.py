"""The team of an outline, made within the engine: nothing that a model wrote can reach more than it is lent here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from studio.engine.agents.agent import Agent
from studio.engine.agents.assistant import Assistant
from studio.engine.agents.code_runner import CodeRunner
from studio.engine.agents.human import Human
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.conditions.combined import AnyOf
from studio.engine.conditions.text_mention import TextMention
from studio.engine.conditions.time_limit import TimeLimit
from studio.engine.models.base import Model
from studio.engine.outlines.outline import Outline, OutlinedAgent, SafeTool
from studio.engine.outlines.words import arrow_config, system_message
from studio.engine.teams.graph import Graph, GraphEdge
from studio.engine.teams.model_choice import ModelChoice
from studio.engine.teams.round_robin import RoundRobin
from studio.engine.teams.selection import Selection
from studio.engine.teams.team import Team
from studio.engine.tools.base import Tool


@dataclass(frozen=True, slots=True)
class Lent:
    """What the members of a team get: a model, tools by their kinds, the system messages of those who are known by name, how long
    they may talk (turns, seconds).
    """

    model: Model | None
    turns: int
    seconds: float
    tools: Mapping[SafeTool, Tool] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)


def team_of(outline: Outline, name: str, lent: Lent) -> Team:
    """The team that an outline describes. Its code runs in Docker only: a model's wish is no yes of a person."""
    word = TextMention(text=outline.stop_word, sources=(outline.ends,) if outline.ends else ())
    return Team(
        name=name,
        description=outline.description,
        participants=tuple(_member(agent, outline, lent) for agent in outline.agents),
        selection=_selection(outline),
        transitions=_transitions(outline),
        stop=AnyOf(conditions=(word, TimeLimit(seconds=lent.seconds))),
        model=lent.model,
        max_turns=min(outline.turns, lent.turns),
    )


def _member(agent: OutlinedAgent, outline: Outline, lent: Lent) -> Agent:
    match agent.role:
        case "code_runner":
            return CodeRunner(name=agent.name, description=agent.description, executor=DockerExecutor())
        case "human":
            return Human(name=agent.name, description=agent.description)
        case "assistant":
            known = OutlinedAgent(agent.name, "assistant", system_message=lent.known.get(agent.name, agent.system_message))
            tools = tuple(lent.tools[tool] for tool in agent.tools if tool in lent.tools)
            return Assistant(name=agent.name, description=agent.description, system_message=system_message(known, outline), tools=tools)


def _selection(outline: Outline) -> Selection:
    match outline.speaking:
        case "round_robin":
            return RoundRobin()
        case "model_choice":
            return ModelChoice(instruction=outline.how_to_choose, allow_repeat=len(outline.assistants) > 1)
        case "graph":
            arrows = outline.arrows
            return Graph(edges=tuple(GraphEdge(source=each.source, target=each.target, **arrow_config(each, outline)) for each in arrows))


def _transitions(outline: Outline) -> dict[str, tuple[str, ...]] | None:
    """Along the arrows, where a model chooses and there are any."""
    if outline.speaking != "model_choice" or not outline.arrows:
        return None
    after: dict[str, tuple[str, ...]] = {}
    for arrow in outline.arrows:
        after[arrow.source] = (*after.get(arrow.source, ()), arrow.target)
    return after
