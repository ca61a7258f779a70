"""What the wires and the membership of a drawing mean: who is in which team, who uses which model, tool and stop rule."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from studio.flow.document import Edge, EdgeKind, FlowDocument, Node
from studio.flow.kinds import Category, category
from studio.flow.ports import misfit

_USES: tuple[EdgeKind, ...] = ("model", "tool", "memory", "stop")


class Drawing:
    """A document with its meaning looked up once. Works on any document: what means nothing is left out.

    Where an id occurs twice the first node counts. All answers are in the order of the document's nodes.
    """

    def __init__(self, document: FlowDocument) -> None:
        self.document = document
        self.by_id: dict[str, Node] = {}
        for node in document.nodes:
            self.by_id.setdefault(node.id, node)
        self.nodes: tuple[Node, ...] = tuple(self.by_id.values())
        self.order = {key: index for index, key in enumerate(self.by_id)}
        self.categories: dict[str, Category] = {key: category(node.kind) for key, node in self.by_id.items()}
        self._into: dict[tuple[str, EdgeKind], list[Node]] = defaultdict(list)
        self._out_of: dict[tuple[str, EdgeKind], list[Node]] = defaultdict(list)
        self._seen: dict[tuple[EdgeKind, str, str], Edge] = {}
        self.dangling: list[Edge] = []
        self.misfits: list[tuple[Edge, str]] = []
        for edge in document.edges:
            self._sort_in(edge)
        for ends in (*self._into.values(), *self._out_of.values()):
            ends.sort(key=lambda node: self.order[node.id])
        self._members: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes:
            if (team := self.team_of(node)) is not None:
                self._members[team.id].append(node)

    def _sort_in(self, edge: Edge) -> None:
        source, target = self.by_id.get(edge.source), self.by_id.get(edge.target)
        if source is None or target is None:
            self.dangling.append(edge)
            return
        if "unknown" not in (self.categories[source.id], self.categories[target.id]):
            why = misfit(edge.kind, source, target)
            if why is not None:
                self.misfits.append((edge, why))
                return
        if (edge.kind, source.id, target.id) not in self._seen:
            self._seen[edge.kind, source.id, target.id] = edge
            self._into[target.id, edge.kind].append(source)
            self._out_of[source.id, edge.kind].append(target)

    def of(self, wanted: Category) -> tuple[Node, ...]:
        """All nodes of a category."""
        return self._by_category.get(wanted, ())

    @cached_property
    def _by_category(self) -> dict[Category, tuple[Node, ...]]:
        found: dict[Category, list[Node]] = defaultdict(list)
        for node in self.nodes:
            found[self.categories[node.id]].append(node)
        return {key: tuple(nodes) for key, nodes in found.items()}

    @cached_property
    def teams(self) -> tuple[Node, ...]:
        return self.of("team")

    @cached_property
    def main_teams(self) -> tuple[Node, ...]:
        """The teams that are members of no other one and tools of nobody: a flow has one."""
        return tuple(team for team in self.teams if self.team_of(team) is None and not self.out_of(team, "tool"))

    def depth(self, node: Node) -> int:
        """In how many teams a node lies."""
        depth, at = 0, self.team_of(node)
        while at is not None:
            depth, at = depth + 1, self.team_of(at)
        return depth

    @cached_property
    def loose_agents(self) -> tuple[Node, ...]:
        """Agents that lie in no team and are tools of nobody."""
        return tuple(node for node in self.of("agent") if self.team_of(node) is None and not self.out_of(node, "tool"))

    @cached_property
    def called_agents(self) -> tuple[Node, ...]:
        """Agents that are tools of others."""
        return tuple(node for node in self.of("agent") if self.out_of(node, "tool"))

    def joins_in(self, node: Node) -> bool:
        """Whether a wire that begins at an agent or a team says who speaks after it.

        Outside of every team it makes it a tool, but for agents in a drawing that has no team yet.
        """
        if self.team_of(node) is not None:
            return True
        return self.categories[node.id] == "agent" and not self.main_teams and not self.out_of(node, "tool")

    def team_of(self, node: Node) -> Node | None:
        """The team that a node lies in; None when its parent is none, or lies in the node itself."""
        parent = self.by_id.get(node.parent) if node.parent is not None else None
        if parent is None or self.categories[parent.id] != "team":
            return None
        if self.categories[node.id] == "team" and self._lies_in_itself(node):
            return None
        return parent

    def _lies_in_itself(self, node: Node) -> bool:
        seen, at = {node.id}, node.parent
        while at is not None and at in self.by_id:
            if at in seen:
                return True
            seen.add(at)
            at = self.by_id[at].parent
        return False

    def inside(self, team: Node) -> tuple[Node, ...]:
        """Everything that lies in a team."""
        return tuple(self._members[team.id])

    def agents_in(self, team: Node) -> tuple[Node, ...]:
        """The members of a team that take turns: agents, and teams within it."""
        return self._agents.get(team.id, ())

    @cached_property
    def _agents(self) -> dict[str, tuple[Node, ...]]:
        speaks = ("agent", "team")
        return {key: tuple(node for node in members if self.categories[node.id] in speaks) for key, members in self._members.items()}

    def into(self, node: Node, kind: EdgeKind) -> tuple[Node, ...]:
        """The nodes whose wires of a kind end here."""
        return tuple(self._into.get((node.id, kind), ()))

    def out_of(self, node: Node, kind: EdgeKind) -> tuple[Node, ...]:
        """The nodes where the wires of a kind that begin here end."""
        return tuple(self._out_of.get((node.id, kind), ()))

    def wire(self, kind: EdgeKind, source: Node, target: Node) -> Edge | None:
        """The wire between two nodes that counts."""
        return self._seen.get((kind, source.id, target.id))

    def own_model(self, agent: Node) -> Node | None:
        return next(iter(self.into(agent, "model")), None)

    def team_model(self, team: Node) -> Node | None:
        """The model wired to a team, or else one that lies inside it, rather one that is wired to nobody else."""
        return self._team_models.get(team.id)

    @cached_property
    def _team_models(self) -> dict[str, Node | None]:
        found: dict[str, Node | None] = {}
        for team in self.teams:
            lying = [node for node in self._members[team.id] if self.categories[node.id] == "model"]
            wired = self.into(team, "model")[:1]
            found[team.id] = wired[0] if wired else min(lying, key=lambda node: bool(self.out_of(node, "model")), default=None)
        return found

    def model_for(self, agent: Node) -> Node | None:
        """The model that speaks for an agent: its own, or its team's; alone on the canvas, the only one there is."""
        return self.own_model(agent) or self.model_around(agent)

    def model_around(self, node: Node, seen: frozenset[str] = frozenset()) -> Node | None:
        """The model of the innermost team around a node that has one; around a tool are the teams of all that call it."""
        at = node
        while (team := self.team_of(at)) is not None:
            if (found := self.team_model(team)) is not None:
                return found
            at = team
        if at.id in seen:
            return None
        if callers := self.out_of(at, "tool"):
            around = [self.model_around(caller, seen | {at.id}) for caller in callers]
            return around[0] if all(around) else None
        if self.alone is at and self.own_model(at) is None:
            return next((each for each in self.of("model") if self.is_loose(each)), None)
        return None

    def tools_of(self, agent: Node) -> tuple[Node, ...]:
        return self.into(agent, "tool")

    def stops_of(self, team: Node) -> tuple[Node, ...]:
        """The stop rules of a team: those wired to it, and those that lie inside it and are wired nowhere."""
        wired = {node.id for node in self.into(team, "stop")}
        lying = {node.id for node in self._members[team.id] if self.categories[node.id] == "condition" and not self.out_of(node, "stop")}
        return tuple(node for node in self.nodes if node.id in wired | lying)

    @cached_property
    def alone(self) -> Node | None:
        """The one agent of a drawing whose only teams, if any, are tools: it is a team of one."""
        return self.loose_agents[0] if not self.main_teams and len(self.loose_agents) == 1 else None

    @cached_property
    def loose_stops(self) -> tuple[Node, ...]:
        """The stop rules of an agent who is alone: all that are wired nowhere."""
        return tuple(node for node in self.of("condition") if self.is_loose(node))

    def is_loose(self, node: Node) -> bool:
        """Whether a node lies in no team and is wired to nothing."""
        return self.team_of(node) is None and not any(self.out_of(node, kind) for kind in _USES)

    def speaks(self, team: Node) -> tuple[tuple[Node, Node], ...]:
        """The arrows of a team: who may speak after whom, as pairs (before, after)."""
        return tuple(
            (before, after)
            for before in self.agents_in(team)
            for after in self.out_of(before, "speaks")
            if self.categories[after.id] in ("agent", "team")
        )

    def excludes(self, team: Node) -> bool:
        """Whether the arrows of a team say who may not speak after whom."""
        return team.config.get("transitions_type") == "disallowed"

    def followers(self, team: Node) -> tuple[tuple[Node, Node], ...]:
        """Who may speak after whom by the arrows of a team, whichever way they are read; none where no arrow is drawn."""
        drawn = self.speaks(team)
        if not drawn or not self.excludes(team):
            return drawn
        members, barred = self.agents_in(team), {(before.id, after.id) for before, after in drawn}
        return tuple((before, after) for before in members for after in members if (before.id, after.id) not in barred)

    def is_barred(self, edge: Edge) -> bool:
        """Whether a wire says who may not speak after whom."""
        target = self.by_id.get(edge.target)
        team = self.team_of(target) if target is not None and edge.kind == "speaks" else None
        return team is not None and self.excludes(team)

    def name_scope(self, node: Node) -> tuple[Node, ...]:
        """The agents that a name in this node's fields can mean: those of its team, or of the teams that use it."""
        around = self.teams_around(node)
        teams = [team for team in self.teams if team.id in around]
        return tuple(agent for team in teams for agent in self.agents_in(team)) if teams else self.of("agent")

    def users_of(self, node: Node) -> set[str]:
        """The ids of all that use a node by wires, at first or at second hand."""
        found: set[str] = set()
        open_nodes = [node]
        while open_nodes:
            item = open_nodes.pop()
            users = [user for kind in _USES for user in self.out_of(item, kind) if user.id not in found]
            found |= {user.id for user in users}
            open_nodes += users
        return found

    def teams_around(self, node: Node) -> set[str]:
        """The ids of the teams that a node lies in, or that use it by wires."""
        found: set[str] = set()
        seen: set[str] = set()
        open_nodes = [node]
        while open_nodes:
            item = open_nodes.pop()
            if item.id in seen:
                continue
            seen.add(item.id)
            if self.categories[item.id] == "team":
                found.add(item.id)
            elif (team := self.team_of(item)) is not None:
                found.add(team.id)
            for kind in _USES:
                open_nodes.extend(self.out_of(item, kind))
        return found
