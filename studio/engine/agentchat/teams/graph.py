"""AgentChat's team that follows a graph, and what such graphs are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from studio.engine.agentchat.messages import TextMessage
from studio.engine.agentchat.teams.base import BaseGroupChat
from studio.engine.errors import FlowError
from studio.engine.events import Event, RunFinished
from studio.engine.fold import fold
from studio.engine.teams.graph import Graph, GraphEdge, _Tokens
from studio.engine.teams.selection import Candidates, Selection
from studio.engine.teams.team import Team
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.agentchat.running import Run

DONE = "Digraph execution is complete"
"""AgentChat's reason when every way has come to its end."""

Activation = Literal["all", "any"]


class DiGraphEdge(BaseModel):
    """`condition` is a text that the last message must contain, or a function of the message; None always holds."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    target: str
    condition: str | Callable[..., bool] | None = None
    activation_group: str = ""
    activation_condition: Activation = "all"

    def model_post_init(self, context: Any) -> None:
        self.activation_group = self.activation_group or self.target


class DiGraphNode(BaseModel):
    name: str
    edges: list[DiGraphEdge] = []
    activation: Activation = "all"


class DiGraph(BaseModel):
    nodes: dict[str, DiGraphNode]
    default_start_node: str | None = None

    def get_parents(self) -> dict[str, list[str]]:
        """Whom an arrow comes from, by whom it leads to."""
        found: dict[str, list[str]] = {name: [] for name in self.nodes}
        for node in self.nodes.values():
            for edge in node.edges:
                found.setdefault(edge.target, []).append(node.name)
        return found

    def get_start_nodes(self) -> set[str]:
        if self.default_start_node:
            return {self.default_start_node}
        return {name for name, parents in self.get_parents().items() if not parents}

    def get_leaf_nodes(self) -> set[str]:
        return {name for name, node in self.nodes.items() if not node.edges}

    def has_cycles_with_exit(self) -> bool:
        """Whether there are cycles. Raises ValueError for one without a conditional arrow: nothing could leave it."""
        unconditional = {name: [edge.target for edge in node.edges if edge.condition is None] for name, node in self.nodes.items()}
        if _has_cycle(unconditional):
            raise ValueError("Cycle detected without exit condition.")
        return _has_cycle({name: [edge.target for edge in node.edges] for name, node in self.nodes.items()})

    def graph_validate(self) -> None:
        """Raises ValueError for a graph that cannot be followed."""
        if not self.nodes:
            raise ValueError("Graph has no nodes.")
        strange = {edge.target for node in self.nodes.values() for edge in node.edges} - set(self.nodes)
        if strange:
            raise ValueError(f"Graph has arrows to unknown nodes: {sorted(strange)}.")
        if not self.get_start_nodes():
            raise ValueError("Graph must have at least one start node")
        self.has_cycles_with_exit()
        if not self.get_leaf_nodes() and not any(edge.condition is not None for node in self.nodes.values() for edge in node.edges):
            raise ValueError("Graph must have at least one leaf node")
        for node in self.nodes.values():
            if len({edge.condition is None for edge in node.edges}) > 1:
                raise ValueError(f"Node '{node.name}' has a mix of conditional and unconditional edges.")
        ways: dict[tuple[str, str], set[str]] = {}
        for node in self.nodes.values():
            for edge in node.edges:
                ways.setdefault((edge.target, edge.activation_group), set()).add(edge.activation_condition)
        for (target, group), conditions in ways.items():
            if len(conditions) > 1:
                raise ValueError(f"Conflicting activation conditions for target '{target}' group '{group}': {sorted(conditions)}")


def _has_cycle(after: Mapping[str, Sequence[str]]) -> bool:
    done: set[str] = set()
    for begin in after:
        path: list[tuple[str, list[str]]] = [(begin, list(after.get(begin, ())))]
        open_names = {begin}
        while path and begin not in done:
            name, rest = path[-1]
            if not rest:
                path.pop()
                open_names.discard(name)
                done.add(name)
                continue
            target = rest.pop()
            if target in open_names:
                return True
            if target not in done:
                open_names.add(target)
                path.append((target, list(after.get(target, ()))))
    return False


class DiGraphBuilder:
    """Builds a graph of agents step by step."""

    def __init__(self) -> None:
        self.nodes: dict[str, DiGraphNode] = {}
        self.agents: dict[str, Any] = {}
        self._start: str | None = None

    def add_node(self, agent: Any, activation: Activation = "all") -> Self:
        self.nodes.setdefault(agent.name, DiGraphNode(name=agent.name, activation=activation))
        self.agents[agent.name] = agent
        return self

    def add_edge(
        self,
        source: Any,
        target: Any,
        condition: str | Callable[..., bool] | None = None,
        activation_group: str | None = None,
        activation_condition: Activation | None = None,
    ) -> Self:
        """Raises ValueError for agents that were not added."""
        before, after = _name(source), _name(target)
        for name in (before, after):
            if name not in self.nodes:
                raise ValueError(f"Node '{name}' must be added before adding an edge.")
        how = activation_condition or ("all" if activation_group else self.nodes[after].activation)
        edge = DiGraphEdge(target=after, condition=condition, activation_group=activation_group or after, activation_condition=how)
        self.nodes[before].edges.append(edge)
        return self

    def add_conditional_edges(self, source: Any, condition_to_target: Mapping[str, Any]) -> Self:
        for condition, target in condition_to_target.items():
            self.add_edge(source, target, condition)
        return self

    def set_entry_point(self, name: Any) -> Self:
        """Raises ValueError for an agent that was not added."""
        if _name(name) not in self.nodes:
            raise ValueError(f"Start node '{_name(name)}' must be added before setting as entry point.")
        self._start = _name(name)
        return self

    def build(self) -> DiGraph:
        """Raises ValueError for a graph that cannot be followed."""
        graph = DiGraph(nodes=self.nodes, default_start_node=self._start)
        graph.graph_validate()
        return graph

    def get_participants(self) -> list[Any]:
        return list(self.agents.values())


def _name(agent: Any) -> str:
    return agent if isinstance(agent, str) else str(agent.name)


class GraphFlow(BaseGroupChat):
    """Branches speak at the same time, joins wait. A run that was broken off goes on where the graph stood."""

    NAME: ClassVar[str] = "GraphFlow"

    def __init__(
        self,
        participants: Sequence[Any],
        graph: DiGraph,
        *,
        termination_condition: Any = None,
        max_turns: int | None = None,
        **options: Any,
    ) -> None:
        """Raises ValueError for a graph that cannot be followed, or that could go round for ever."""
        super().__init__(participants, termination_condition=termination_condition, max_turns=max_turns, **options)
        graph.graph_validate()
        if graph.has_cycles_with_exit() and termination_condition is None and max_turns is None:
            raise ValueError("A termination condition is required for cyclic graphs without a maximum turn limit.")
        names = {participant.name for participant in self._participants}
        if strange := set(graph.nodes) - names:
            raise ValueError(f"Graph names nobody of the team: {sorted(strange)}.")
        self._graph = graph

    def _fresh(self) -> None:
        super()._fresh()
        self._tokens: _Tokens | None = None

    def _edges(self) -> tuple[GraphEdge, ...]:
        return tuple(_arrow(node, edge) for node in self._graph.nodes.values() for edge in node.edges)

    def selection(self, run: Run | None) -> Selection:
        """Raises FlowError for conditions that are functions, when it is to be written."""
        start = tuple(name for name in self._graph.nodes if name in self._graph.get_start_nodes())
        if run is not None:
            return _Flow(edges=self._edges(), start=start, kept=self._tokens)
        if any(edge.test is not None for edge in self._edges()):
            raise FlowError(self.name, text("engine.agentchat.own_conditions"), text("engine.agentchat.own_conditions.remedy"))
        return Graph(edges=self._edges(), start=start)

    def remember(self, run: Run) -> None:
        finished = run.finished
        ended = finished is not None and finished.by == Graph.kind
        if ended or not run.speakers:
            self._tokens = None if ended else self._tokens
            return
        held: _Tokens | None = fold(self._played, run.log).main.selection_memory
        if held is None:
            return
        done = {event.source for event in run.new}
        begun = [name for name in run.speakers if name not in done]  # broken off: they speak again
        ready = tuple((name, "was broken off") for name in dict.fromkeys(begun) if name not in {each for each, _ in held.ready})
        self._tokens = _Tokens(held.waiting, (*held.ready, *ready), bool(held.ready or ready or held.waiting))

    def playing(self, run: Run, within: str | None = None) -> Team:
        self._played = super().playing(run, within)
        return self._played

    def own_reason(self, finished: RunFinished, run: Run) -> str:
        return DONE if finished.by == Graph.kind else finished.stop_reason

    def arrows(self) -> Sequence[tuple[str, str, str]]:
        return [(edge.source, edge.target, edge.group) for edge in self._edges()]

    def saved_selection(self) -> Any:
        if self._tokens is None:
            return None
        waiting = [[target, group, sorted(arrived)] for (target, group), arrived in self._tokens.waiting.items()]
        return {"waiting": waiting, "ready": [list(each) for each in self._tokens.ready], "began": self._tokens.began}

    def load_selection(self, saved: Any) -> None:
        if isinstance(saved, Mapping):
            waiting = {(target, group): frozenset(arrived) for target, group, arrived in saved["waiting"]}
            self._tokens = _Tokens(waiting, tuple((name, why) for name, why in saved["ready"]), bool(saved["began"]))


def _arrow(node: DiGraphNode, edge: DiGraphEdge) -> GraphEdge:
    given: dict[str, Any] = {"source": node.name, "target": edge.target, "join": edge.activation_condition}
    if edge.activation_group != edge.target:
        given["group"] = edge.activation_group
    if isinstance(edge.condition, str):
        given["condition"] = edge.condition
    elif edge.condition is not None:
        condition = edge.condition
        given["test"] = lambda text: bool(condition(TextMessage(content=text, source=node.name)))
    return GraphEdge(**given)


class _Flow(Graph):
    """A graph that goes on from where it stood before this run."""

    kind: ClassVar[str] = Graph.kind
    drawable: ClassVar[bool] = False
    kept: Annotated[Any, Field(exclude=True, repr=False)] = None

    def choose(self, candidates: Candidates) -> Any:
        if candidates.memory is None and self.kept is not None:
            from dataclasses import replace

            return super().choose(replace(candidates, memory=self.kept))
        return super().choose(candidates)

    def observe(self, event: Event, memory: Any, team: Team, variables: Mapping[str, Any]) -> Any:
        if event.type == "message" and getattr(event, "role", "") == "task":  # type: ignore[attr-defined]
            return memory
        return super().observe(event, memory if memory is not None else self.kept, team, variables)
