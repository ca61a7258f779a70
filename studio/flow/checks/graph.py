"""The graph of who can come after whom in a team, for the rules about ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.flow.document import Node
from studio.flow.held import nested_class
from studio.flow.names import named_in
from studio.flow.wires import Drawing

if TYPE_CHECKING:
    import networkx as nx

MOST_EXCLUDING = 200
"""Members of a team whose arrows exclude, up to which its ways are looked at: there are as many as pairs."""


def ways(drawing: Drawing, team: Node) -> nx.DiGraph[str] | None:
    """Agents' ids with an edge from each to whoever may follow by arrow or hand-over; None when no arrow is drawn.

    None also for a large team in which arrows say who may not follow: nearly everybody reaches everybody.
    """
    members = drawing.agents_in(team)
    if drawing.excludes(team) and len(members) > MOST_EXCLUDING:
        return None
    pairs = drawing.followers(team)
    if not drawing.speaks(team):
        return None
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(agent.id for agent in members)
    graph.add_edges_from((before.id, after.id) for before, after in pairs)
    by_name = {agent.name.strip(): agent.id for agent in members}
    for agent in members:
        for name in (name for _, name in named_in(agent) if agent.kind == "assistant"):
            if name in by_name:
                graph.add_edge(agent.id, by_name[name])
    return graph


def first_speakers(drawing: Drawing, team: Node) -> tuple[Node, ...]:
    """Who can be the first: those to whom no arrow leads, or the first member; strategies that go by order take one of them.

    Arrows that exclude keep nobody from beginning.
    """
    members = drawing.agents_in(team)
    reached = {after.id for _, after in drawing.speaks(team)} if not drawing.excludes(team) else set()
    entries = tuple(agent for agent in members if agent.id not in reached) or members[:1]
    chosen = nested_class(team, "selection")
    in_order = chosen is not None and chosen.kind in ("round_robin", "follow_edges")
    return entries[:1] if in_order else entries
