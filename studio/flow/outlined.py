"""The drawing of a team that was outlined: agents, arrows, tools and stop rules with their places, and what there is to say about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from studio.engine.outlines.outline import Outline, OutlinedAgent, Speaking
from studio.engine.outlines.words import arrow_config, system_message
from studio.flow.checks import check
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.findings import Finding, Findings, Imported, ImportReport
from studio.flow.layout import place
from studio.flow.names import default_name
from studio.texts import text

TEAM = "n_team"
MODEL = "n_model"
WORD = "n_word"
TURNS = "n_turns"

_TOLD = ("error", "warning")
"""Levels of problems that stand in the report; hints stand with the other problems of the drawing."""


@dataclass(frozen=True, slots=True)
class ModelWanted:
    """The model that speaks for the agents: the account's default one where `model` is ""."""

    account: str
    model: str = ""


_SIMPLER: tuple[Speaking, ...] = ("model_choice", "round_robin")


def draw_outline(outline: Outline, model: ModelWanted, changes: Sequence[str] = (), drawn_by: str = "") -> Imported:
    """The flow of an outline, laid out, and its report. `changes` are sentences about what the model had written otherwise.

    Where the arrows make a drawing that cannot run, it is drawn in a simpler way: a model chooses along them, or everybody speaks
    in turn.
    """
    told = Findings()
    document = _drawn(outline, model)
    for simpler in _SIMPLER:
        if not any(problem.level == "error" for problem in check(document)):
            break
        told.add(Finding("approximated", "outline_simpler", text(f"draw.report.simpler.{simpler}"), nodes=(TEAM,)))
        document = _drawn(_simpler(outline, simpler), model)
    for finding in _findings(outline, document, changes):
        told.add(finding)
    return Imported(place(document), ImportReport(drawn_by, told.sorted()))


def _simpler(outline: Outline, way: Speaking) -> Outline:
    if way == "model_choice":
        return replace(outline, speaking="model_choice", arrows=tuple(replace(arrow, when="") for arrow in outline.arrows))
    return replace(outline, speaking="round_robin", arrows=())


def _drawn(outline: Outline, model: ModelWanted) -> FlowDocument:
    ids = {agent.name: f"n_agent_{number}" for number, agent in enumerate(outline.agents, 1)}
    tools = {tool: f"n_{tool}" for agent in outline.agents for tool in agent.tools}
    named = {"account": model.account} | ({"model": model.model} if model.model else {})
    nodes = [
        Node(id=TEAM, kind="team", name=default_name("team"), config=_team(outline)),
        *(member(agent, ids[agent.name], outline, TEAM) for agent in outline.agents),
        Node(id=WORD, kind="text_mention", name=default_name("text_mention"), config=_word(outline), parent=TEAM),
        Node(id=TURNS, kind="max_turns", name=default_name("max_turns"), config={"max_turns": outline.turns}, parent=TEAM),
        Node(id=MODEL, kind="openai", name=default_name("openai"), config=named),
        *(Node(id=key, kind=tool, name=default_name(tool)) for tool, key in tools.items()),
    ]
    edges = [Edge(id="e_model", kind="model", source=MODEL, target=TEAM)]
    for number, arrow in enumerate(outline.arrows, 1):
        config = arrow_config(arrow, outline)
        edges.append(Edge(id=f"e_arrow_{number}", kind="speaks", source=ids[arrow.source], target=ids[arrow.target], config=config))
    for agent in outline.agents:
        edges += [
            Edge(id=f"e_{tool}_{ids[agent.name][2:]}", kind="tool", source=tools[tool], target=ids[agent.name]) for tool in agent.tools
        ]
    return FlowDocument(
        name=outline.name,
        description=outline.description,
        sample_tasks=outline.tasks,
        nodes=tuple(nodes),
        edges=tuple(edges),
    )


def _team(outline: Outline) -> dict[str, Any]:
    selection: dict[str, Any] = {"kind": outline.speaking}
    if outline.speaking == "model_choice" and outline.how_to_choose:
        selection["instruction"] = outline.how_to_choose
    return {"selection": selection}


def member(agent: OutlinedAgent, key: str, outline: Outline, team: str) -> Node:
    """The node of an agent in a team, without a place."""
    return Node(id=key, kind=agent.role, name=agent.name, config=_config(agent, outline), parent=team)


def _config(agent: OutlinedAgent, outline: Outline) -> dict[str, Any]:
    config: dict[str, Any] = {"description": agent.description} if agent.description else {}
    if agent.role == "code_runner":
        # A model's wish is no yes of a person: code runs in a container or not at all.
        return config | {"executor": {"kind": "docker"}}
    if agent.role == "human":
        return config
    return config | {"system_message": system_message(agent, outline)}


def _word(outline: Outline) -> dict[str, Any]:
    return {"text": outline.stop_word} | ({"sources": [outline.ends]} if outline.ends else {})


def _findings(outline: Outline, document: FlowDocument, changes: Sequence[str]) -> Iterator[Finding]:
    for problem in check(document):
        if problem.level in _TOLD:
            yield Finding("decision", f"problem_{problem.code}", problem.text, problem.hint, problem.nodes)
    ids = {node.name: node.id for node in document.nodes if node.parent == TEAM}
    if outline.runs_code:
        runners = tuple(ids[agent.name] for agent in outline.agents if agent.role == "code_runner")
        yield Finding("decision", "outline_code", text("draw.report.code"), text("draw.report.code.remedy"), runners)
    web = tuple(node.id for node in document.nodes if node.kind in ("web_search", "web_page"))
    if web:
        yield Finding("decision", "outline_web", text("draw.report.web"), text("draw.report.web.remedy"), web)
    for change in changes:
        yield Finding("approximated", "outline_changed", change)
    for agent in outline.agents:
        words = text(f"draw.report.{agent.role}", name=agent.name)
        yield Finding("exact", "outline_agent", f"{words}{agent.description and ': ' + agent.description}", nodes=(ids[agent.name],))
    end = text("draw.report.end", word=outline.stop_word, agent=outline.ends, turns=outline.turns)
    yield Finding("exact", "outline_end", end, nodes=(WORD, TURNS))
