"""Writing teams, societies, filters and stop rules as AutoGen components; what cannot be said is said as a loss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from studio.engine.component import component_class
from studio.flow.document import Node
from studio.flow.wires import Drawing
from studio.formats.autogen_components.choosing import MOST_TURNS, asking
from studio.formats.autogen_components.envelopes import component, envelope_of
from studio.formats.autogen_components.graphs import made_acceptable
from studio.formats.autogen_components.mapping import CLASSES, ClassMap, class_for
from studio.formats.autogen_components.writing_agents import AgentWriting
from studio.texts import text

LATER = {"tool_used": "after_the_turn", "time_limit": "clock", "token_limit": "tokens"}
"""Rules that AutoGen keeps at another moment, and the loss that says so."""

ALWAYS = ""
"""A text that every message contains, as the condition of an arrow that is always taken."""

SILENT = "nobody"
"""What the participant is called that a graph without an end is given."""


def used(drawing: Drawing, node: Node) -> bool:
    """Whether a node is wired to something that uses it."""
    return any(drawing.out_of(node, kind) for kind in ("model", "tool", "memory", "stop"))


def takes_part(drawing: Drawing, node: Node) -> bool:
    """Whether a node that lies in a team is one of its participants, as far as that can be told."""
    category = drawing.categories[node.id]
    return category in ("agent", "team") or (category == "unknown" and not used(drawing, node))


class TeamWriting(AgentWriting):
    """Writes teams, whatever has others inside, and stop rules too."""

    def any(self, node: Node) -> Any:
        match self.drawing.categories[node.id]:
            case "team":
                return self.team(node) if node.kind == "team" else self.agent(node)
            case "agent":
                return self.agent(node)
            case "model":
                return self.model(node)
            case "tool":
                return self.tool(node)
            case "condition":
                return self.condition(node)
            case _:
                return self.kept(node)

    def team(self, node: Node) -> Any:
        """A team's envelope; None when nobody is in it."""
        written = self._talk(node)
        if written is None:
            return None
        table, config = written
        if self.version != "0.5":
            config = {"name": node.name.strip() or "team", "description": self.value(node, "description") or "", **config}
        self.leftovers(node, ("selection", "description", "max_turns", "heard", "transitions_type"))
        return component(table, config, self.version, node.name.strip())

    def agent(self, node: Node) -> Any:
        """A participant's envelope: an agent, or a team or an agent with others inside."""
        match node.kind:
            case "team":
                return self._member_team(node)
            case "society":
                return self._society(node)
            case "filter":
                return self._filter(node)
        return super().agent(node)

    def tool(self, node: Node, caller: Node | None = None) -> Any:
        """A tool's envelope; a team, or an agent, that is wired as one is a TeamTool or an AgentTool."""
        if self.drawing.categories[node.id] == "agent":
            return self._agent_tool(node, caller)
        if self.drawing.categories[node.id] != "team":
            return super().tool(node, caller)
        team = self.team(node) if node.kind == "team" else None
        if team is None:
            self.lose("tool", node, "decision")
            return None
        config = {
            "name": self.name(node),
            "description": self.value(node, "description") or node.name,
            "team": team,
            "return_value_as_last_message": self.value(node, "heard") == "last",
        }
        self._lose_counted(node)
        return envelope_of("autogen_agentchat.tools.TeamTool", "tool", config)

    def _agent_tool(self, node: Node, caller: Node | None) -> Any:
        written = self.agent(node)
        if written is None:
            return None
        wire = self.drawing.wire("tool", node, caller) if caller is not None else None
        said = wire.config if wire is not None else {}
        self.lose("calls_at_once" if said.get("remembers", True) else "calls_remembered", node)
        self._lose_counted(node)
        config = {"agent": written, "return_value_as_last_message": said.get("heard", "last") == "last"}
        return envelope_of("autogen_agentchat.tools.AgentTool", "tool", config)

    def _lose_counted(self, called: Node) -> None:
        """Says that stop rules see what is said in a call, where there is one that does."""
        seeing = ("max_messages", "function_rule") if self.in_script else ("max_messages", "text_mention")
        if any(rule.kind in seeing for rule in self.drawing.of("condition")):
            self.lose("calls_counted", called)

    def _member_team(self, node: Node) -> Any:
        above = self.drawing.team_of(node)
        chosen = self.value(above, "selection") if above is not None else {}
        kind = chosen.get("kind") if isinstance(chosen, Mapping) else None
        if self.version == "0.5" or kind not in ("round_robin", "model_choice"):
            self.lose("team_in_team", node, "decision")
            return None
        return self.team(node)

    def _society(self, node: Node) -> Any:
        table = class_for("society", "agent")
        model = self.drawing.model_for(node) or self.drawing.team_model(node)
        client = self.model(model, node.name) if model is not None else None
        written = self._talk(node)
        if table is None or written is None:
            return None
        if client is None:
            self.lose("no_model", node, "decision")
            return None
        inner, talk = written
        if self.version != "0.5":
            talk = {"name": f"{self.name(node)}_team", "description": "", **talk}
        config = {
            "name": self.name(node),
            "team": component(inner, talk, self.version),
            "model_client": client,
            **{theirs: value or None for theirs, value in self.plain(table, node).items()},
        }
        self.leftovers(node, (*table.fields.values(), "selection", "max_turns", "transitions_type"))
        return component(table, config, self.version)

    def _filter(self, node: Node) -> Any:
        table = class_for("filter", "agent")
        members = self._members(node)
        wrapped = self.agent(members[0]) if members else None
        if table is None or wrapped is None:
            self.lose("empty_team", node, "decision")
            return None
        hears = self.value(node, "hears")
        sources = [
            {"source": self.names.get(each["source"], each["source"]), "position": each.get("position", "last"), "count": each.get("count")}
            for each in hears or ()
        ]
        if self.value(node, "hears_task"):
            sources.insert(0, {"source": "user", "position": "first", "count": 1})
        config = {"name": self.name(node), "wrapped_agent": wrapped, "filter": {"per_source": sources}}
        self.leftovers(node, ("hears", "hears_task", "max_turns"))
        return component(table, config, self.version)

    def _members(self, node: Node) -> list[Node]:
        """Who takes part in a team; of a swarm the one who begins comes first, as AutoGen has it."""
        found = [each for each in self.drawing.inside(node) if takes_part(self.drawing, each)]
        held = self.value(node, "selection") if "selection" in node.config else None
        first = held.get("first") if isinstance(held, Mapping) and held.get("kind") == "swarm" else None
        return sorted(found, key=lambda each: each.name.strip() != first) if first else found

    def _talk(self, node: Node) -> tuple[ClassMap, dict[str, Any]] | None:
        """How those in a team talk: the AutoGen team that does it, and its fields without a name; None when nobody is in it."""
        members = self._members(node)
        written = [(member, each) for member in members if (each := self.agent(member)) is not None]
        if not written:
            self.lose("empty_team", node, "decision")
            return None
        participants = [each for _, each in written]
        selection = self.value(node, "selection")
        held = selection if isinstance(selection, Mapping) else {}
        model = self.drawing.model_for(node) or self.drawing.team_model(node)
        client = self.model(model, node.name) if model is not None else None
        name = self._class_of(node, str(held.get("kind")), len(participants), client is not None)
        table = next(each for each in CLASSES if each.name == name)
        config: dict[str, Any] = {"participants": participants}
        config["termination_condition"] = self._stop(node)
        config["max_turns"] = self._turns(node, str(held.get("kind")), len(participants))
        if name == "SelectorGroupChat":
            config["model_client"] = client
            config["selector_prompt"] = asking(str(held.get("instruction") or ""))
            config["allow_repeated_speaker"] = bool(held.get("allow_repeat", False))
            config["max_selector_attempts"] = held.get("max_attempts", 3)
            self.lose("selector", node)
        elif name == "MagenticOneGroupChat":
            config["model_client"] = client
            config["max_stalls"] = held.get("max_stalls", 3)
            config["final_answer_prompt"] = self._nested_default("planner", "answer_prompt", held)
            rounds = self._nested_default("planner", "max_rounds", held)
            config["max_turns"] = min(rounds, config["max_turns"] or rounds) if isinstance(rounds, int) else config["max_turns"]
            self.lose("magentic", node)
        elif name == "GraphFlow":
            config["graph"] = self._graph(node, [member for member, _ in written], held)
            config["participants"] = [*participants, *self._end_of(node, config["graph"])]
            several = any(len(each["edges"]) > 1 for each in config["graph"]["nodes"].values())
            reached = {edge["target"] for each in config["graph"]["nodes"].values() for edge in each["edges"]}
            if (config["max_turns"], config["termination_condition"]) != (None, None) and (several or len(participants) - len(reached) > 1):
                self.lose("turns_at_once", node)
        if name not in ("Swarm", "GraphFlow") and any(each.kind == "assistant" and self.value(each, "handoffs") for each in members):
            self.lose("handoff_in_turn", node)
        if self.drawing.speaks(node) and name != "GraphFlow":
            self.lose("arrows", node, "decision")
        if name == "Swarm" and (held.get("after_work", "end") != "stay" or held.get("after") or held.get("rules")):
            self.lose("after_work", node)
        if name == "Swarm":
            config["termination_condition"] = self._end_outside(node, members, config["termination_condition"], str(held.get("after_work")))
            for rule in self._rules_within(self.drawing.stops_of(node)):
                if rule.kind == "max_messages":
                    self.lose("swarm_messages", rule)
        if name not in ("MagenticOneGroupChat", "GraphFlow"):
            config["emit_team_events"] = False
        return table, config

    def _graph(self, team: Node, members: list[Node], held: Mapping[str, Any]) -> dict[str, Any]:
        """The directed graph of a team's arrows. AutoGen knows conditions that a text is contained, and no others."""
        there = {member.id for member in members}
        said = {(edge.source, edge.target): edge.config for edge in self.drawing.document.edges if edge.kind == "speaks"}
        arrows: dict[tuple[str, str], Mapping[str, Any]] = {}
        nodes: dict[str, Any] = {self.name(each): {"name": self.name(each), "edges": [], "activation": "all"} for each in members}
        for before, after in self.drawing.speaks(team):
            if before.id not in there or after.id not in there:
                continue
            arrow = said.get((before.id, after.id), {})
            if arrow.get("how", "contains") != "contains":
                self.lose("arrow_condition", before, "decision", target=after.name)
            target = self.name(after)
            edge = {
                "target": target,
                "condition": (arrow.get("condition") or None) if arrow.get("how", "contains") == "contains" else None,
                "activation_group": arrow.get("group") or target,
                "activation_condition": arrow.get("join", "all"),
            }
            arrows[self.name(before), target] = arrow
            nodes[self.name(before)]["edges"].append(edge)
        start = [self.names.get(name, name) for name in held.get("start") or ()]
        if len(start) > 1:
            self.lose("several_starts", team)
        graph = {"nodes": nodes, "default_start_node": start[0] if start else None}
        if not self.in_script:
            made_acceptable(graph, arrows, ALWAYS)
        return graph

    def _end_of(self, team: Node, graph: dict[str, Any]) -> list[Any]:
        """A silent participant where AutoGen would refuse the graph: it wants a beginning, and a node that nothing follows."""
        nodes = graph["nodes"]
        reached = {edge["target"] for node in nodes.values() for edge in node["edges"]}
        ends = any(not node["edges"] for node in nodes.values())
        if graph["default_start_node"] is None and (not ends or reached >= nodes.keys()):
            begins = [name for name in nodes if name not in reached]
            if len(begins) > 1:
                self.lose("several_starts", team)
            graph["default_start_node"] = (begins or list(nodes))[0]
        if ends:
            return []
        table = class_for("human", "agent")
        assert table is not None
        taken = set(self.names.values())
        name = next(each for each in (SILENT, *(f"{SILENT}_{at}" for at in range(2, len(taken) + 3))) if each not in taken)
        nodes[name] = {"name": name, "edges": [], "activation": "all"}
        self.lose("no_end", team, silent=name)
        return [component(table, {"name": name, "description": text("autogen.silent"), "input_func": None}, self.version)]

    def _nested_default(self, kind: str, field: str, held: Mapping[str, Any]) -> Any:
        """What a nested component's field holds, or its default."""
        return held.get(field, component_class(kind).model_fields[field].default)

    def _class_of(self, node: Node, kind: str, participants: int, has_model: bool) -> str:
        """The AutoGen team that chooses like ours, or the nearest one."""
        table = class_for(kind, "team")
        name = table.name if table is not None else "RoundRobinGroupChat"
        if name in ("SelectorGroupChat", "MagenticOneGroupChat") and (participants < 2 or not has_model):
            self.lose("no_choice", node)
            return "RoundRobinGroupChat"
        first = next(iter(self._members(node)), None)
        if name == "Swarm" and (
            first is None or not (first.kind == "human" or (first.kind == "assistant" and self.value(first, "handoffs")))
        ):
            self.lose("swarm_first", node)
            return "RoundRobinGroupChat"
        if table is None and kind != "sequence":
            self.lose("selection", node, "decision", kind=kind)
            return "RoundRobinGroupChat"
        return name

    def _turns(self, node: Node, kind: str, participants: int) -> int | None:
        """AutoGen's limit: the team's own, and that of a rule about turns among its stop rules."""
        limits = [self.value(node, "max_turns"), *([participants] if kind == "sequence" else [])]
        limits += [self.value(rule, "max_turns") for rule in self.drawing.stops_of(node) if rule.kind == "max_turns"]
        least = min((limit for limit in limits if isinstance(limit, int)), default=MOST_TURNS)
        return least if least < MOST_TURNS else None

    def _said_of_hand_overs(self) -> Iterator[str]:
        """The words of hand-overs as messages of AutoGen's."""
        for each in self.drawing.of("agent"):
            for target in (self.value(each, "handoffs") or ()) if each.kind == "assistant" else ():
                name, to = self.name(each), self.names.get(target, target)
                yield f"{name} hands over to {to}." if self.in_script else f"Transferred to {to}, adopting the role of {to} immediately."

    def _stop(self, team: Node) -> Any:
        rules = [rule for rule in self.drawing.stops_of(team) if rule.kind != "max_turns"]
        return self._any_of([*(each for rule in rules if (each := self.condition(rule)) is not None), *self._end_words(team, rules)])

    def _end_outside(self, team: Node, members: list[Node], stop: Any, after_work: str) -> Any:
        """The stop rule of a swarm, which also ends when the conversation goes to nobody in it: AutoGen's would break off with an error."""
        table = class_for("hand_off", "termination")
        assert table is not None
        named = dict.fromkeys(str(target) for each in members if each.kind == "assistant" for target in self.value(each, "handoffs") or ())
        outside = [target for target in named if target not in {each.name.strip() for each in members}]
        known = {str(self.value(rule, "target")) for rule in self._any_leaves(self.drawing.stops_of(team)) if rule.kind == "hand_off"}
        missing = [target for target in outside if target not in known]
        for target in missing:
            if after_work not in ("None", "end"):
                self.lose("swarm_outside", team, target=target)
        ends = [component(table, {"target": self.names.get(target, target)}, self.version) for target in missing]
        return self._any_of([*([stop] if stop is not None else []), *ends])

    def _rules_within(self, rules: Iterable[Node], above: tuple[str, ...] = ()) -> Iterator[Node]:
        """Rules, and those that they are made of."""
        for rule in rules:
            yield rule
            if rule.id not in above:
                yield from self._rules_within(self.drawing.into(rule, "stop"), (*above, rule.id))

    def _any_leaves(self, rules: Iterable[Node], above: tuple[str, ...] = ()) -> Iterator[Node]:
        """The rules any of which ends the conversation."""
        for rule in rules:
            if rule.kind == "any_of" and rule.id not in above:
                yield from self._any_leaves(self.drawing.into(rule, "stop"), (*above, rule.id))
            else:
                yield rule

    def _end_words(self, team: Node, rules: list[Node]) -> list[Any]:
        """Rules for the words at which a proxy that never asks ends the conversation."""
        table = class_for("text_mention", "termination")
        assert table is not None
        members = self._members(team)
        words = dict.fromkeys(str(self.value(each, "end_word")) for each in members if each.kind == "human" and self.runs_code_alone(each))
        watched = {str(self.value(rule, "text")) for rule in rules if rule.kind == "text_mention"}
        others = [self.names.get(each.name.strip(), each.name) for each in members if each.kind != "human"]
        missing = [word for word in words if word and word not in watched and others]
        return [component(table, {"text": word, "sources": others}, self.version) for word in missing]

    def _any_of(self, rules: list[Any]) -> Any:
        if len(rules) < 2:
            return rules[0] if rules else None
        table = class_for("any_of", "termination")
        assert table is not None
        return component(table, {"conditions": rules}, self.version)

    def condition(self, node: Node, above: tuple[str, ...] = ()) -> Any:
        """A stop rule's envelope; None when AutoGen has none like it."""
        if self.drawing.categories[node.id] == "unknown":
            return self.kept(node)
        table = class_for(node.kind, "termination")
        without = node.kind == "token_limit" and not any(self.value(node, field) for field in ("total", "prompt", "completion"))
        if table is None or node.id in above or without:
            self.lose("condition", node, "decision")
            return None
        if (said := LATER.get(node.kind)) is not None:
            self.lose(said, node)
        if node.kind == "text_mention" and any(str(self.value(node, "text")) in said for said in self._said_of_hand_overs()):
            self.lose("text_in_hand_over", node)
        if node.kind == "said_by" and any(each.kind == "assistant" and self.value(each, "handoffs") for each in self.drawing.of("agent")):
            self.lose("hand_over_answers", node)
        if node.kind not in ("any_of", "all_of"):
            self.leftovers(node, (*table.fields.values(), *table.given))
            config = self.plain(table, node)
            if node.kind == "said_by" and not config.get("sources"):
                return envelope_of("autogen_agentchat.conditions.TextMessageTermination", "termination", {"source": None})
            return component(table, config, self.version)
        inner = self.drawing.into(node, "stop")
        written = [self.condition(rule, (*above, node.id)) for rule in inner]
        rules = [each for each in written if each is not None]
        if node.kind == "any_of":
            return self._any_of(rules)
        if len(rules) < len(inner) or not rules:
            # Without one of its parts it would end the conversation too early.
            self.lose("all_of", node, "decision")
            return None
        return component(table, {"conditions": rules}, self.version) if len(rules) > 1 else rules[0]
