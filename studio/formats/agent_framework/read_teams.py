"""Workflows of scripts for Agent Framework: their builders become teams, with who speaks next and what ends it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from studio.formats.agent_framework.read_agents import Agents, is_agent
from studio.formats.agent_framework.read_builders import Roster, arrows_in, settle_in
from studio.formats.agent_framework.read_choices import Arrow, arrows_of, choice_of
from studio.formats.agent_framework.read_stops import Rule, rules_of
from studio.formats.agent_framework.read_talks import BUILDERS
from studio.formats.foreign_script.asking import conversation_rule, group_selection
from studio.formats.foreign_script.functions import Standing
from studio.formats.foreign_script.reading import ScriptReading, at
from studio.formats.foreign_script.rules import Words, rule_of
from studio.formats.python_reading.values import Function, Record, plain
from studio.texts import text

MAX_MEMBERS = 200
MOST_TURNS = 10_000
_PLAN = {"max_stall_count": "max_stalls", "max_reset_count": "max_plans"}


class Teams:
    """Draws teams of one flow."""

    def __init__(self, reading: ScriptReading, agents: Agents) -> None:
        self.reading = reading
        self.agents = agents
        agents.team = self.draw
        self._open: set[int] = set()

    def draw(self, record: Record, parent: str | None = None, name: str = "", own: Mapping[str, Any] | None = None) -> str:
        """The node of what a builder makes. `name` and `own` are what it is called and its fields where it takes part in a talk itself."""
        reading = self.reading
        self.agents.taken.add(id(record))
        self._open.add(id(record))
        settle_in(record)
        kind, fields = (
            ("team", {}) if own is None else (str(own["kind"]), {field: value for field, value in own.items() if field != "kind"})
        )
        name = name or self._planner(record)
        told = name or record.name or text("kind.team.name")
        team = reading.node(kind, name, fields, parent, what=text("autogen.what.team", name=told), at=at(record.spot))
        roster = Roster(reading.script, record)
        members = list(reading.first(roster.everybody(), MAX_MEMBERS, at(record.spot), what="participants"))
        drawn = {self._drawn(member, team): member for member in members}
        named = {reading.name_of(node): node for node in drawn}
        named |= {name: node for name, node in self.agents.within.items() if node in drawn}
        config: dict[str, Any] = {**fields, "selection": {"kind": "round_robin"}}
        match record.method:
            case "GroupChatBuilder":
                config["selection"] = self._choice(record, team, named)
                self._over(record, team, swarm=config["selection"]["kind"] == "swarm")
            case "SequentialBuilder":
                config["selection"] = {"kind": "sequence"}
            case "ConcurrentBuilder":
                config["selection"] = {"kind": "graph"}
            case "MagenticBuilder":
                config["selection"] = self._plan(record, team)
            case "HandoffBuilder":
                config["selection"] = self._handed_on(record, team, roster, drawn)
                self._over(record, team, swarm=False)
            case _:
                config["selection"] = {"kind": "graph"}
                self._edges(record, team, roster)
        rounds = plain(record.get("max_rounds", None, record.get("max_round_count")))
        if isinstance(rounds, int) and not isinstance(rounds, bool):
            config["max_turns"] = reading.within(
                rounds, 1, MOST_TURNS, at(record.spot_of("max_rounds")), (team,), name=record.name, field="max_rounds"
            )
        reading.put(team, config)
        self._open.discard(id(record))
        return team

    def _drawn(self, member: Any, team: str) -> str:
        if isinstance(member, Record) and member.method in BUILDERS and id(member) not in self._open:
            return self.draw(member, team)
        if isinstance(member, Record) and (is_agent(member) or member.definition is not None):
            return self.agents.draw(member, team)
        if isinstance(member, Record):
            self.agents.taken.add(id(member))
            return self.reading.keep(member.callee, member.spot, what=member.name, parent=team)
        if isinstance(member, Function):
            member.taken = True
            self.agents.nodes[id(member)] = self.reading.keep("executor", member.spot, what=member.name, parent=team)
            return self.agents.nodes[id(member)]
        return self.reading.node("assistant", "agent", {}, team)

    # Who speaks next --------------------------------------------------------------------------------------------------

    def _choice(self, record: Record, team: str, named: Mapping[str, str]) -> dict[str, Any]:
        reading = self.reading
        manager = record.get("orchestrator_agent")
        if isinstance(manager, Record):
            self._wire_model(manager, team)
            return {"kind": "model_choice"}
        function = record.get("selection_func")
        if isinstance(function, Function) and len(named) == 1 and _names_one(function):
            function.taken = True
            return {"kind": "round_robin"}
        found = choice_of(reading.script, function) if isinstance(function, Function) else None
        if isinstance(function, Function) and (arrows := arrows_of(function, record.look("termination_condition"))) is not None:
            self._arrows(arrows, team, named, record)
            return {"kind": "graph"}
        if found is None and isinstance(function, Function):
            asked = group_selection(reading.script, function)
            reading.tell("decision", "choice_runs", function.spot, (team,), remedy=True, name=function.name or "lambda")
            self._tell_missing(asked, function, team)
            return {"kind": "function_choice", "source": asked.source}
        if found is None:
            reading.tell("decision", "selection_unknown", record.spot_of("selection_func"), (team,), remedy=True)
            return {"kind": "model_choice"}
        if found.selection["kind"] == "function_choice" and isinstance(function, Function):
            reading.tell("decision", "choice_runs", function.spot, (team,), remedy=True, name=function.name)
        for before, after in (found.arrows or {}).items():
            for name in after if isinstance(after, list | tuple) else ():
                if before in named and name in named:
                    reading.wire("speaks", named[before], named[name])
        if found.chooser is not None:
            self.agents.taken.add(id(found.chooser))
            found.chooser.take("name", "instructions", "default_options")
            self._wire_model(found.chooser, team)
        return found.selection

    def _arrows(self, arrows: list[Arrow], team: str, named: Mapping[str, str], record: Record) -> None:
        """The arrows of a graph, with what a message must say for each."""
        for arrow in arrows:
            if arrow.source not in named or arrow.target not in named:
                continue
            if arrow.says is None:
                spot = record.spot_of("selection_func")
                self.reading.tell("decision", "arrow_function", spot, (team,), remedy=True, source=arrow.written)
            config = {"condition": arrow.says} if arrow.says else {}
            self.reading.wire("speaks", named[arrow.source], named[arrow.target], config | ({} if arrow.together else {"join": "any"}))

    def _wire_model(self, agent: Record, team: str) -> None:
        self.agents.taken.add(id(agent))
        options = agent.get("default_options")
        model = self.agents.model(self.agents.client(agent), options if isinstance(options, Mapping) else {})
        if model is not None:
            self.reading.wire("model", model, team)

    def _planner(self, record: Record) -> str:
        """As whom the one who plans speaks, which is the team here; empty where nobody says it."""
        manager = record.look("manager_agent", None, record.look("manager"))
        if record.method != "MagenticBuilder" or not isinstance(manager, Record):
            return ""
        given = plain(manager.look("name"))
        if not isinstance(given, str) or given == "team":
            return ""
        return self.reading.agent_name(given, "team", at(manager.spot_of("name")))

    def _plan(self, record: Record, team: str) -> dict[str, Any]:
        found: dict[str, Any] = {"kind": "planner"}
        manager = record.get("manager_agent", None, record.get("manager"))
        if (client := record.get("manager_client")) is not None and (model := self.agents.model(client, {})) is not None:
            self.reading.wire("model", model, team)
        if isinstance(manager, Record):
            manager.take("name")
            self._wire_model(manager, team)
        for theirs, ours in _PLAN.items():
            if isinstance(count := plain(record.get(theirs)), int) and 0 < count <= 100:
                found[ours] = count
        record.take("intermediate_output_from")
        answer = record.get("final_answer_prompt")
        if isinstance(answer, str):
            found["answer_prompt"] = str(answer).partition("{task}\n\n")[2] or str(answer)
        return found

    def _handed_on(self, record: Record, team: str, roster: Roster, drawn: Mapping[str, Any]) -> dict[str, Any]:
        """Hand-overs: to those whom the builder names, or else to everybody. Who hands over to nobody lets the person answer."""
        reading, nodes = self.reading, self.agents.nodes
        targets: dict[str, list[str]] = {}
        for call in (each for each in record.chained() if each.method == "add_handoff"):
            source, given = roster.who(call.get("source", 0)), call.get("targets", 1, call.get("target"))
            listed = [roster.who(each) for each in (given if isinstance(given, list | tuple) else [given])]
            if id(source) in nodes:
                targets.setdefault(nodes[id(source)], []).extend(nodes[id(each)] for each in listed if id(each) in nodes)
        for node in (each for each in drawn if reading.kind_of(each) == "assistant"):
            others = targets.get(node, []) if targets else [each for each in drawn if each != node]
            if others:
                names = list(dict.fromkeys(reading.name_of(each) for each in others))
                reading.put(node, {**reading.config_of(node), "handoffs": names})
        first = nodes.get(id(roster.who(record.get("start_agent"))))
        begins = {"first": reading.name_of(first)} if first is not None else {}
        alone = next((call for call in record.chained() if call.method == "with_autonomous_mode"), None)
        if alone is not None:
            alone.take("enabled", 0)
            return {"kind": "swarm", "after_work": "stay", **begins}
        person = reading.agent_name("user", "user", at(record.spot))
        human = reading.node("human", person, {}, team, what=text("autogen.what.agent", name=person), at=at(record.spot))
        reading.tell("approximated", "asked_after", record.spot, (human,), name=person)
        after = {reading.name_of(each): person for each in drawn} | {person: "back"}
        return {"kind": "swarm", "after": after, **begins}

    def _edges(self, record: Record, team: str, roster: Roster) -> None:
        """The arrows of a graph that a builder is told of."""
        nodes = self.agents.nodes
        for told in arrows_in(record):
            source, target = nodes.get(id(roster.who(told.source))), nodes.get(id(roster.who(told.target)))
            rule = rule_of(told.condition) if isinstance(told.condition, Function) else None
            words = rule.texts[0] if isinstance(rule, Words) and rule.how == "contains" and len(rule.texts) == 1 else ""
            if source is not None and target is not None:
                self.reading.wire("speaks", source, target, {"condition": words} if words else {})
            if isinstance(told.condition, Function) and not words:
                told.condition.taken = True
                written = " ".join(told.condition.source.split())[:120]
                self.reading.tell("decision", "arrow_function", told.spot, (team,), remedy=True, source=written)
        record.take("start_executor")

    # What ends it -----------------------------------------------------------------------------------------------------

    def _over(self, record: Record, team: str, *, swarm: bool) -> None:
        reading = self.reading
        function = record.get("termination_condition")
        if not isinstance(function, Function):
            return
        where = at(record.spot_of("termination_condition"))
        rules = rules_of(reading.script, function)
        if not function.taken:
            asked = conversation_rule(reading.script, function)
            rules = [Rule("function_rule", {"source": asked.source})]
            self._tell_missing(asked, function, team)
        for rule in rules:
            # That nobody was handed over to ends it, which the way of choosing says.
            if not swarm or rule != Rule("said_by"):
                self._rule(rule, team, where)

    def _tell_missing(self, asked: Standing, function: Function, team: str) -> None:
        """What a function uses that is not there when it is asked."""
        if asked.missing:
            missing = ", ".join(asked.missing)[:200]
            self.reading.tell("decision", "names_missing", function.spot, (team,), remedy=True, name=asked.name, missing=missing)
        if asked.state:
            kept = ", ".join(asked.state)[:200]
            self.reading.tell("approximated", "state_lost", function.spot, (team,), name=asked.name, what=kept)

    def _rule(self, rule: Rule, target: str, where: str) -> None:
        title = text(f"kind.{rule.kind}.name")
        node = self.reading.node(rule.kind, "", rule.config, what=text("autogen.what.stop", name=title), at=where)
        self.reading.wire("stop", node, target)
        if rule.kind == "function_rule":
            self.reading.say("decision", "rule_runs", where, (node,), remedy=True)
        for part in rule.parts:
            self._rule(part, node, where)


def _names_one(function: Function) -> bool:
    """Whether a function always names the same one."""
    return isinstance(function.node, ast.Lambda) and isinstance(function.node.body, ast.Constant)
