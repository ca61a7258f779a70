"""A drawing changed by an outline: what the outline says otherwise becomes a change, everything else stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from studio.engine.errors import ConveneError
from studio.engine.outlines.outline import MOST_AGENTS, ROLES, TOOLS, WAYS, Outline, OutlinedAgent, SafeTool
from studio.engine.outlines.reading import LONGEST_MESSAGE, good_name, read_outline
from studio.engine.outlines.words import arrow_config, system_message
from studio.flow.checks import check
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.held import nested_class, value
from studio.flow.names import default_name
from studio.flow.outlined import member
from studio.flow.unplaced import placed
from studio.flow.wires import Drawing
from studio.texts import text


class Undescribable(ConveneError):
    """A drawing with more to it than an outline can say."""

    code = "undescribable"

    def __init__(self) -> None:
        super().__init__(text("redraw.undescribable"), text("redraw.undescribable.remedy"))


class ChangeUnusable(ConveneError):
    """An outline that would leave a drawing that cannot run; nothing was changed."""

    code = "change_unusable"

    def __init__(self, problem: str) -> None:
        super().__init__(text("redraw.unusable", problem=problem), text("redraw.unusable.remedy"))


@dataclass(frozen=True, slots=True)
class Described:
    """A drawing as an outline. `ids` are its agents by the names that they have in the outline, `team` is the id of their team."""

    outline: Outline
    ids: Mapping[str, str]
    team: str


def described(document: FlowDocument) -> Described:
    """What an outline can say of a drawing. Raises Undescribable for one whose team is more than that."""
    drawing = Drawing(document)
    if len(drawing.main_teams) != 1 or drawing.main_teams[0].kind != "team":
        raise Undescribable
    team = drawing.main_teams[0]
    members, chosen = drawing.agents_in(team), nested_class(team, "selection")
    fits = 0 < len(members) <= MOST_AGENTS and all(each.kind in ROLES for each in members)
    if not fits or chosen is None or chosen.kind not in WAYS or drawing.excludes(team):
        raise Undescribable
    names: dict[str, str] = {}
    for each in members:
        names[each.id] = good_name(each.name, tuple(names.values()))
    reading = read_outline(_form(drawing, team, chosen.kind, names))
    told = [value(each, "system_message") for each in members if each.kind == "assistant"]
    if reading.outline is None or reading.mistakes or any(isinstance(each, str) and len(each) > LONGEST_MESSAGE for each in told):
        raise Undescribable
    return Described(reading.outline, {name: key for key, name in names.items()}, team.id)


def redrawn(document: FlowDocument, was: Described, now: Outline) -> FlowDocument:
    """The drawing with what `now` says otherwise than `was`. Nodes keep their ids, their places and all their other fields.

    Raises ChangeUnusable where that could not run any more.
    """
    changed = placed(_Redrawing(document, was, now).document())
    before = {problem.code for problem in check(document) if problem.level == "error"}
    broken = next((problem for problem in check(changed) if problem.level == "error" and problem.code not in before), None)
    if broken is not None:
        raise ChangeUnusable(broken.text)
    return changed


class _Redrawing:
    def __init__(self, document: FlowDocument, was: Described, now: Outline) -> None:
        self._old, self._was, self._now = document, was, now
        self._drawing = Drawing(document)
        self._taken = {node.id for node in document.nodes} | {edge.id for edge in document.edges}
        self._before = {agent.name: agent for agent in was.outline.agents}
        kept = [agent.name for agent in now.agents if agent.name in self._before]
        self._ids = {name: was.ids[name] for name in kept}
        self._ids |= {agent.name: self._free("n_agent") for agent in now.agents if agent.name not in self._ids}
        self._gone = {key for name, key in was.ids.items() if name not in self._ids}

    def document(self) -> FlowDocument:
        was, now = self._was.outline, self._now
        members = [self._member(agent) for agent in now.agents]
        tools, wires = self._tools()
        edges = [*self._wires(), *wires, *self._models()]
        ours = {*self._was.ids.values()}
        at = next(number for number, node in enumerate(self._old.nodes) if node.id in ours)
        others = [self._other(node) for node in self._old.nodes if node.id not in ours]
        first = sum(node.id not in ours for node in self._old.nodes[:at])
        used = {edge.source for edge in edges if edge.kind == "tool"}
        unused = {node.id for node in others if node.kind in TOOLS and node.id not in used and self._drawing.out_of(node, "tool")}
        nodes = [node for node in (*others[:first], *members, *others[first:], *tools) if node.id not in unused]
        return self._old.model_copy(
            update={
                "name": now.name if now.name != was.name else self._old.name,
                "description": now.description if now.description != was.description else self._old.description,
                "sample_tasks": now.tasks if now.tasks != was.tasks else self._old.sample_tasks,
                "nodes": tuple(nodes),
                "edges": tuple(edge for edge in edges if edge.source not in unused),
            }
        )

    def _member(self, agent: OutlinedAgent) -> Node:
        before = self._before.get(agent.name)
        if before is None:
            return member(agent, self._ids[agent.name], self._now, self._was.team)
        node = self._drawing.by_id[self._ids[agent.name]]
        if before.role != agent.role:
            return member(agent, node.id, self._now, self._was.team).model_copy(update={"name": node.name, "position": node.position})
        config = dict(node.config)
        if agent.description != before.description:
            config["description"] = agent.description
        ends = (self._now.stop_word, self._now.ends) != (self._was.outline.stop_word, self._was.outline.ends)
        if agent.role == "assistant" and (agent.system_message != before.system_message or (ends and agent.name == self._now.ends)):
            config["system_message"] = system_message(agent, self._now)
        return node.model_copy(update={"config": config})

    def _other(self, node: Node) -> Node:
        """The team, the stop rules and what else is no member."""
        was, now, config = self._was.outline, self._now, dict(node.config)
        if node.id == self._was.team:
            if now.speaking != was.speaking:
                config["selection"] = {"kind": now.speaking}
            if now.speaking == "model_choice" and now.how_to_choose != was.how_to_choose:
                held = config.get("selection")
                config["selection"] = {**(held if isinstance(held, Mapping) else {"kind": now.speaking}), "instruction": now.how_to_choose}
        elif node is _rule(self._drawing, self._was.team, "text_mention"):
            if now.stop_word != was.stop_word:
                config["text"] = now.stop_word
            if now.ends != was.ends:
                config["sources"] = [self._name(now.ends)]
        elif node is _rule(self._drawing, self._was.team, "max_turns") and now.turns != was.turns:
            config["max_turns"] = now.turns
        return node.model_copy(update={"config": config})

    def _wires(self) -> Iterator[Edge]:
        """All wires that stay, arrows as they are now, and new ones."""
        now = {(self._ids[each.source], self._ids[each.target]): each for each in self._now.arrows}
        was = {(self._was.ids[each.source], self._was.ids[each.target]): each for each in self._was.outline.arrows}
        there: set[tuple[str, str]] = set()
        for edge in self._old.edges:
            pair = (edge.source, edge.target)
            if self._is_lost(edge) or (edge.kind == "speaks" and pair in was and pair not in now):
                continue
            if edge.kind != "speaks" or pair not in now:
                yield edge
                continue
            there.add(pair)
            same = pair in was and now[pair].when == was[pair].when and self._now.speaking == self._was.outline.speaking
            yield edge if same else edge.model_copy(update={"config": arrow_config(now[pair], self._now)})
        for pair, arrow in now.items():
            if pair not in there:
                config = arrow_config(arrow, self._now)
                yield Edge(id=self._free("e_arrow"), kind="speaks", source=pair[0], target=pair[1], config=config)

    def _is_lost(self, edge: Edge) -> bool:
        """Whether a wire leads from or to somebody who is gone, or from what somebody does not have any more."""
        if self._gone & {edge.source, edge.target}:
            return True
        agent = next((each for each in self._now.agents if self._ids[each.name] == edge.target), None)
        before = self._before.get(agent.name) if agent is not None else None
        if agent is None or before is None or edge.kind not in ("model", "tool", "memory"):
            return False
        kind = self._drawing.by_id[edge.source].kind if edge.source in self._drawing.by_id else ""
        return agent.role != before.role or (kind in before.tools and kind not in agent.tools)

    def _tools(self) -> tuple[list[Node], list[Edge]]:
        """New nodes and wires of tools that somebody has now."""
        nodes: list[Node] = []
        wires: list[Edge] = []
        places = {node.kind: node.id for node in reversed(self._old.nodes) if node.kind in TOOLS}
        for agent in self._now.agents:
            before: tuple[SafeTool, ...] = self._before[agent.name].tools if agent.name in self._before else ()
            for tool in (each for each in agent.tools if each not in before):
                if tool not in places:
                    places[tool] = self._free(f"n_{tool}")
                    nodes.append(Node(id=places[tool], kind=tool, name=default_name(tool)))
                wires.append(Edge(id=self._free("e_tool"), kind="tool", source=places[tool], target=self._ids[agent.name]))
        return nodes, wires

    def _models(self) -> Iterator[Edge]:
        """The model of somebody else for new assistants of a team that has none of its own."""
        if self._drawing.team_model(self._drawing.by_id[self._was.team]) is not None:
            return
        models = (self._drawing.own_model(self._drawing.by_id[key]) for key in self._was.ids.values())
        model = next((each for each in models if each is not None), None)
        for agent in self._now.assistants if model is not None else ():
            if agent.name not in self._before and model is not None:
                yield Edge(id=self._free("e_model"), kind="model", source=model.id, target=self._ids[agent.name])

    def _name(self, name: str) -> str:
        """What somebody of the outline is called on the canvas."""
        key = self._was.ids.get(name)
        return self._drawing.by_id[key].name if key is not None else name

    def _free(self, stem: str) -> str:
        number = 1
        while f"{stem}_{number}" in self._taken:
            number += 1
        self._taken.add(f"{stem}_{number}")
        return f"{stem}_{number}"


def _form(drawing: Drawing, team: Node, way: str, names: Mapping[str, str]) -> dict[str, Any]:
    """A drawing in the form in which a model answers."""
    members = drawing.agents_in(team)
    word, turns = _rule(drawing, team.id, "text_mention"), _rule(drawing, team.id, "max_turns")
    sources = value(word, "sources") if word is not None else ()
    by_name = {each.name: names[each.id] for each in members}
    held = value(team, "selection")
    return {
        "name": drawing.document.name,
        "description": drawing.document.description,
        "agents": [
            {
                "name": names[each.id],
                "role": each.kind,
                "description": value(each, "description"),
                "system_message": value(each, "system_message") if each.kind == "assistant" else "",
                "tools": [tool.kind for tool in drawing.tools_of(each) if tool.kind in TOOLS],
            }
            for each in members
        ],
        "speaking": way,
        "how_to_choose": held.get("instruction") if isinstance(held, Mapping) else "",
        "arrows": [
            {"source": names[one.id], "target": names[other.id], "when": _when(drawing, one, other)}
            for one, other in drawing.speaks(team)
            if one.id in names and other.id in names
        ],
        "stop_word": value(word, "text") if word is not None else "",
        "ends": by_name.get(str(sources[0]), "") if isinstance(sources, list | tuple) and sources else "",
        "turns": value(turns, "max_turns") if turns is not None else None,
        "tasks": list(drawing.document.sample_tasks),
    }


def _when(drawing: Drawing, one: Node, other: Node) -> str:
    edge = drawing.wire("speaks", one, other)
    config = edge.config if edge is not None else {}
    return str(config.get("condition") or "") if config.get("how", "contains") == "contains" else ""


def _rule(drawing: Drawing, team: str, kind: str) -> Node | None:
    """The first stop rule of a kind that a team has."""
    return next((rule for rule in drawing.stops_of(drawing.by_id[team]) if rule.kind == kind), None)
