"""Agents of one team, or of those that it calls, whose names others cannot tell apart."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.checks.problem import Level, Problem, problem
from studio.flow.checks.repairs import agent_names
from studio.flow.document import Node
from studio.flow.edits.model import Rename, Several
from studio.flow.names import unique_name
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    # What lies within a team, or is called by somebody in it, is looked at together: in a flow's transcript all names stand together.
    for team in (*drawing.main_teams, *((drawing.alone,) if drawing.alone is not None else ())):
        called: dict[str, list[Node]] = {}
        for agent in (*_all_in(drawing, team), team, *_called(drawing)):
            if agent.name.strip():
                called.setdefault(agent.name.strip().casefold(), []).append(agent)
        for nodes in called.values():
            agents = [node.name.strip() for node in nodes if node is not team]
            if len(nodes) > 1:
                level: Level = "error" if len(set(agents)) < len(agents) else "warning"
                key = "name_twice" if len(agents) > 1 else "name_twice.team"
                facts = {"name": label(nodes[0]), "team": label(team)}
                yield problem(key, level, nodes, field="name", repair=_repair(drawing, nodes), **facts)


def _called(drawing: Drawing) -> Iterator[Node]:
    """Who is a tool, and who lies in a team that is one."""
    yield from drawing.called_agents
    for team in drawing.teams:
        if drawing.out_of(team, "tool"):
            yield team
            yield from _all_in(drawing, team)


def _all_in(drawing: Drawing, team: Node) -> Iterator[Node]:
    for member in drawing.agents_in(team):
        yield member
        yield from _all_in(drawing, member)


def _repair(drawing: Drawing, nodes: list[Node]) -> Several:
    """All but the first get a number."""
    taken = agent_names(drawing)
    edits = []
    for node in nodes[1:]:
        name = unique_name(node.name.strip(), taken)
        taken.append(name)
        edits.append(Rename(id=node.id, name=name))
    return Several(edits=tuple(edits[:1000]))
