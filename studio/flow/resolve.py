"""From the drawing to the team that runs: wires and membership become the components' own fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic import ValidationError

from studio.engine.agents.agent import Agent
from studio.engine.component import Component
from studio.engine.conditions.combined import AnyOf
from studio.engine.conditions.condition import Condition
from studio.engine.errors import FlowError
from studio.engine.models.base import Model
from studio.engine.teams.graph import Graph, GraphEdge
from studio.engine.teams.team import Team
from studio.engine.tools.base import Tool
from studio.engine.tools.team_tool import AgentTool, TeamTool
from studio.flow.catalogue.titles import field_title
from studio.flow.catalogue.validation import validate_config
from studio.flow.catalogue.wire_forms import TOOL_WIRE
from studio.flow.document import FlowDocument, Node
from studio.flow.held import nested_class
from studio.flow.kinds import drawn_class, parts
from studio.flow.ports import label, port
from studio.flow.wires import Drawing
from studio.texts import text


def resolve(document: FlowDocument) -> Team:
    """The one team of a drawing. Raises FlowError, which names the node and says what to do.

    An agent alone on a canvas without a team is a team of one: it answers once, unless stop rules lie beside it.
    """
    return resolve_with_ids(document)[0]


def resolve_with_ids(document: FlowDocument) -> tuple[Team, dict[str, str]]:
    """The team, and the node id of every participant's name. Raises FlowError."""
    drawing = Drawing(document)
    build = _Builder(drawing)
    if drawing.alone is not None:
        return build.team_of_one(drawing.alone), build.participants
    team = build.team(_the_team(drawing))
    return team, build.participants


def _the_team(drawing: Drawing) -> Node:
    if len(drawing.main_teams) == 1:
        return drawing.main_teams[0]
    if drawing.main_teams:
        names = [label(team) for team in drawing.main_teams]
        raise FlowError(names[1], text("resolve.two_teams", first=names[0]), text("resolve.two_teams.remedy"))
    if drawing.loose_agents:
        where = label(drawing.loose_agents[0])
        raise FlowError(where, text("resolve.no_team", count=len(drawing.loose_agents)), text("resolve.no_team.remedy"))
    raise FlowError(drawing.document.name or "flow", text("resolve.nobody"), text("resolve.nobody.remedy"))


class _Builder:
    """Builds components from nodes, each once, so that what is shared in the drawing is shared in the team."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.built: dict[str, Component] = {}
        self.open: list[str] = []
        self.participants: dict[str, str] = {}

    def team(self, node: Node) -> Team:
        if node.id in self.built:
            return cast(Team, self.built[node.id])
        if node.id in self.open:
            raise FlowError(label(node), text("resolve.team_loop"), text("resolve.team_loop.remedy"))
        self.open.append(node.id)
        built = self._team(node)
        self.open.remove(node.id)
        self.built[node.id] = built
        return built

    def _team(self, node: Node) -> Team:
        members = self.drawing.agents_in(node)
        self._refuse_strangers(node)
        if not members:
            raise FlowError(label(node), text("resolve.empty_team"), text("resolve.empty_team.remedy"))
        self._refuse_names(members)
        pairs = self.drawing.speaks(node)
        model = self.drawing.team_model(node)
        given: dict[str, Any] = {
            "name": node.name.strip() or "team",
            "participants": tuple(self.member(member) for member in members),
        }
        if (stop := self.stop(self.drawing.stops_of(node))) is not None:
            given["stop"] = stop
        if model is not None:
            given["model"] = self.model(model)
        chosen = nested_class(node, "selection")
        if chosen is Graph:
            given["selection"] = self._graph(node, pairs)
        elif pairs:
            given["transitions"] = _transitions(pairs)
        return cast(Team, self.component(node, given))

    def member(self, node: Node) -> Agent:
        """An agent, or a team within a team."""
        return self.team(node) if self.drawing.categories[node.id] == "team" else self.agent(node)

    def _graph(self, team: Node, pairs: tuple[tuple[Node, Node], ...]) -> Graph:
        said = {(edge.source, edge.target): edge.config for edge in self.drawing.document.edges if edge.kind == "speaks"}
        own = team.config.get("selection")
        values = {name: value for name, value in own.items() if name != "kind"} if isinstance(own, Mapping) else {}
        try:
            edges = tuple(
                GraphEdge(source=before.name.strip(), target=after.name.strip(), **said.get((before.id, after.id), {}))
                for before, after in pairs
            )
            return Graph(**{**values, "edges": edges})
        except (ValidationError, TypeError) as error:
            first = error.errors(include_url=False)[0]["msg"] if isinstance(error, ValidationError) else str(error)
            raise FlowError(label(team), text("resolve.arrow", sentence=first), text("resolve.field.remedy")) from None

    def team_of_one(self, node: Node) -> Team:
        self._refuse_names((node,))
        stop = self.stop(self.drawing.loose_stops)
        model = self.drawing.model_for(node)
        given: dict[str, Any] = {"participants": (self.agent(node),)}
        if model is not None and self.drawing.own_model(node) is None:
            given["model"] = self.model(model)
        given |= {"stop": stop} if stop is not None else {"max_turns": 1}
        return Team(**given)

    def agent(self, node: Node) -> Agent:
        given: dict[str, Any] = {"name": node.name.strip()}
        if own := self.drawing.own_model(node):
            given["model"] = self.model(own)
        if tools := self.drawing.tools_of(node):
            given["tools"] = tuple(self.tool(tool, node) for tool in tools)
        if memories := self.drawing.into(node, "memory"):
            given["memory"] = tuple(self.shared(memory) for memory in memories)
        return cast(Agent, self.component(node, given))

    def tool(self, node: Node, caller: Node) -> Tool:
        """A tool; a team, or an agent, that is wired as one is a tool that talks."""
        match self.drawing.categories[node.id]:
            case "team":
                return TeamTool(team=self.team(node))
            case "agent":
                agent, wire = self.called(node), self.drawing.wire("tool", node, caller)
                config = wire.config if wire is not None else {}
                for field, sentence in TOOL_WIRE.mistakes(config).items():
                    raise FlowError(label(node), text("resolve.field", field=field, sentence=sentence), text("resolve.field.remedy"))
                return AgentTool(agent=agent, **config)
            case _:
                return cast(Tool, self.shared(node))

    def called(self, node: Node) -> Agent:
        """An agent that is a tool, the same one for all that call it."""
        if node.id in self.open:
            raise FlowError(label(node), text("resolve.agent_loop"), text("resolve.agent_loop.remedy"))
        if node.id not in self.built:
            self._refuse_names((node,))
            self.open.append(node.id)
            self.built[node.id] = self.agent(node)
            self.open.pop()
        return cast(Agent, self.built[node.id])

    def model(self, node: Node) -> Model:
        """A model with the models that it asks."""
        if port(node.kind, "model") is None or node.id in self.built:
            return cast(Model, self.shared(node))
        if node.id in self.open:
            raise FlowError(label(node), text("resolve.model_loop"), text("resolve.model_loop.remedy"))
        self.open.append(node.id)
        models = tuple(self.model(inner) for inner in self.drawing.into(node, "model"))
        self.open.pop()
        if not models:
            raise FlowError(label(node), text("resolve.no_models"), text("resolve.no_models.remedy"))
        self.built[node.id] = self.component(node, {"models": models})
        return cast(Model, self.built[node.id])

    def stop(self, rules: tuple[Node, ...]) -> Condition | None:
        """One rule as it is, several as any of them."""
        built = tuple(self.condition(rule) for rule in rules)
        return AnyOf(conditions=built) if len(built) > 1 else built[0] if built else None

    def condition(self, node: Node) -> Condition:
        if node.id in self.open:
            raise FlowError(label(node), text("resolve.loop"), text("resolve.loop.remedy"))
        if node.id in self.built:
            return cast(Condition, self.built[node.id])
        given: dict[str, Any] = {}
        if port(node.kind, "stop") is not None:
            self.open.append(node.id)
            rules = tuple(self.condition(rule) for rule in self.drawing.into(node, "stop"))
            self.open.pop()
            if not rules:
                raise FlowError(label(node), text("resolve.no_rules"), text("resolve.no_rules.remedy"))
            given["conditions"] = rules
        self.built[node.id] = self.component(node, given)
        return cast(Condition, self.built[node.id])

    def shared(self, node: Node) -> Component:
        if node.id not in self.built:
            self.built[node.id] = self.component(node, {})
        return self.built[node.id]

    def component(self, node: Node, given: Mapping[str, Any]) -> Component:
        """The component of a node with its own fields and those that the drawing gives. Raises FlowError."""
        found = drawn_class(node.kind)
        if found is None:
            code = "resolve.kept_source" if isinstance(node.config.get("original"), str) else "resolve.unknown_kind"
            raise FlowError(label(node), text(code, kind=node.kind), text(f"{code}.remedy"))
        mistakes = validate_config(node.kind, node.config)
        for path, sentence in mistakes.items():
            part = parts(found).get(path.partition(".")[0])
            title = field_title(found, part) if part is not None else path
            raise FlowError(label(node), text("resolve.field", field=title or path, sentence=sentence), text("resolve.field.remedy"))
        own = {name: value for name, value in node.config.items() if parts(found)[name].role in ("plain", "nested")}
        try:
            return found(**{**own, **given})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            sentence = first["msg"].removeprefix("Value error, ").rstrip(".")
            field = ".".join(str(item) for item in first["loc"])
            what = text("resolve.field", field=field, sentence=f"{sentence}.") if field else f"{sentence}."
            raise FlowError(label(node), what, text("resolve.field.remedy")) from None

    def _refuse_strangers(self, team: Node) -> None:
        for node in self.drawing.inside(team):
            if self.drawing.categories[node.id] == "unknown":
                self.component(node, {})

    def _refuse_names(self, members: tuple[Node, ...]) -> None:
        """Names must be one of a kind in all of a flow: what is said within teams stands in one transcript."""
        for member in members:
            name = member.name.strip()
            if not name:
                raise FlowError(label(member), text("resolve.no_name"), text("resolve.no_name.remedy"))
            if name in self.participants:
                raise FlowError(name, text("resolve.name_twice"), text("resolve.name_twice.remedy"))
            self.participants[name] = member.id


def _transitions(pairs: tuple[tuple[Node, Node], ...]) -> dict[str, tuple[str, ...]]:
    """Who may speak after whom by names; agents without an arrow are left out, after them the conversation ends."""
    after: dict[str, tuple[str, ...]] = {}
    for before, next_one in pairs:
        after[before.name.strip()] = (*after.get(before.name.strip(), ()), next_one.name.strip())
    return after
