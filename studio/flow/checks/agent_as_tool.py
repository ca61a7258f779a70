"""Agents and teams that are tools: who would call itself, and who hands over where nobody is."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.catalogue.wire_forms import TOOL_WIRE
from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import listed, wire
from studio.flow.edits.model import Configure, Connect, Remove, Several
from studio.flow.names import named_in
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    yield from _loops(drawing)
    for agent in drawing.called_agents:
        if (fields := [field for field, name in named_in(agent) if name]) and agent.kind == "assistant":
            repair = Configure(id=agent.id, values=dict.fromkeys(fields))
            yield problem("called_hands_over", "warning", [agent], field=fields[0], agent=label(agent), repair=repair)
        for caller in drawing.out_of(agent, "tool"):
            drawn = drawing.wire("tool", agent, caller)
            wrong = TOOL_WIRE.mistakes(drawn.config) if drawn is not None else {}
            if drawn is not None and wrong:
                anew = Several(edits=(Remove(edges=(drawn.id,)), Connect(edge=wire(drawing, "tool", agent.id, caller.id))))
                facts = {"agent": label(agent), "caller": label(caller), "why": " ".join(wrong.values())}
                yield problem("tool_wire", "error", [agent, caller], repair=anew, **facts)


def _loops(drawing: Drawing) -> Iterator[Problem]:
    """Circles of who calls whom; whoever calls a team calls its members."""
    speakers = (*drawing.of("agent"), *drawing.teams)
    wires = [(tool, caller) for tool in speakers for caller in drawing.out_of(tool, "tool")]
    if not wires:
        return
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from((tool.id, caller.id) for tool, caller in wires)
    graph.add_edges_from((node.id, team.id) for node in speakers if (team := drawing.team_of(node)) is not None)
    for loop in nx.strongly_connected_components(graph):
        within = [(tool, caller) for tool, caller in wires if tool.id in loop and caller.id in loop]
        if within:
            last = drawing.wire("tool", *within[-1])
            twins = tuple(edge.id for edge in drawing.document.edges if last and (edge.source, edge.target) == (last.source, last.target))
            nodes = [tool for tool in drawing.nodes if any(tool is each for each, _ in within)]
            yield problem("tool_loop", "error", nodes, names=listed(nodes), repair=Remove(edges=twins))
