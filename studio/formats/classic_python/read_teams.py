"""Conversations of classic scripts as teams: two who talk, groups, societies, and patterns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.formats.classic_python.read_agents import Agents
from studio.formats.classic_python.read_calls import PATTERNS, Given, arguments, spot_in, spot_of
from studio.formats.classic_python.read_groups import (
    Chosen,
    end_of,
    excludes,
    first_after,
    is_end,
    is_group,
    order_from,
    selection_of,
    transitions_of,
)
from studio.formats.classic_python.read_handoffs import handoffs_of, target_of
from studio.formats.classic_python.read_models import draw_model
from studio.formats.classic_python.read_roles import is_agent, is_person, name_of
from studio.formats.classic_python.read_rows import Rows
from studio.formats.classic_python.read_stops import draw_stops, nested_chats
from studio.formats.foreign_script.reading import ScriptReading, at
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Imported, Record, Symbol, plain
from studio.texts import text

MAX_DEPTH = 6
_AFTER = ("set_after_work", "add_after_work", "add_context_condition", "add_context_conditions")
MAX_MEMBERS = 100


class Teams(Rows):
    """Draws the teams of one flow."""

    def __init__(self, reading: ScriptReading, agents: Agents) -> None:
        super().__init__(reading, agents)
        self.depth = 0
        agents.groups = lambda manager, name: self.group(manager, None, called=name)

    # Who takes part --------------------------------------------------------------------------------------------------

    def member(self, value: Any, parent: str | None) -> str:
        """Draws whoever takes part: an agent, an agent with chats of its own, or a group."""
        if not isinstance(value, Record):
            return self.reading.keep("agent", getattr(value, "spot", Spot(1, 1, 0, 0)), parent=parent)
        if self.depth < MAX_DEPTH:
            self.depth += 1
            try:
                if is_group(value):
                    return self.group(value, None, parent)
                if value.method == "SocietyOfMindAgent":
                    return self.society(value, parent)
                if (chats := nested_chats(value)) is not None:
                    return self.nested(value, chats, parent)
            finally:
                self.depth -= 1
        return self.agents.draw(value, parent)

    # Two who talk -----------------------------------------------------------------------------------------------------

    def pair(self, sender: Record, recipient: Record, call: Record) -> str:
        """A team of two: whoever is written to speaks first."""
        turns = arguments(call).number("max_turns")
        team = self.reading.node("team", text("kind.team.name"), {}, what=text("autogen.what.team", name=""), at=at(call.spot))
        members = [self.member(recipient, team)]
        if sender is not recipient:
            members.append(self.member(sender, team))
        draw_stops(self.reading, team, [recipient, sender])
        self._share_model(team, members, None)
        self.reading.put(team, {"max_turns": self._turns(turns, recipient, sender, spot_of(call, "max_turns"))})
        self.reading.tell("approximated", "differs_pair", call.spot, (team,))
        return team

    # Groups -----------------------------------------------------------------------------------------------------------

    def group(self, manager: Record, sender: Record | None, parent: str | None = None, called: str = "") -> str:
        """A group chat with its manager; `called` is its name as a tool of somebody."""
        reading = self.reading
        given = arguments(manager)
        group = given.get("groupchat")
        self.agents.taken.add(id(manager))
        said = arguments(group) if isinstance(group, Record) else {}
        if isinstance(group, Record):
            self.agents.taken.add(id(group))
        listed = self._members(said.get("agents"), group if isinstance(group, Record) else manager)
        spot = group.spot if isinstance(group, Record) else manager.spot
        name = text("kind.team.name")
        if called:
            manager.take("name")
            name = reading.agent_name(called, "team", at(manager.spot), own=False)
        elif parent is not None:
            manager.take("name")
            name = reading.agent_name(name_of(manager) or "chat_manager", "team", at(manager.spot), own="name" in given, who=id(manager))
        team = reading.node("team", name, {}, parent, what=text("autogen.what.team", name=name), at=at(spot))
        self._tell_class(manager, "GroupChatManager", team)
        if isinstance(group, Record):
            self._tell_class(group, "GroupChat", team)
        chosen = selection_of(reading, group if isinstance(group, Record) else manager, said, sender, team)
        if plain(given.get("human_input_mode")) in ("ALWAYS", "TERMINATE"):
            reading.tell("decision", "person_lost", manager.spot, (team,), remedy=True, name=name_of(manager) or "chat_manager")
        rounds = said.number("max_round") if isinstance(said, Given) else None
        config: dict[str, Any] = {"max_turns": self._rounds(rounds, 10, spot_of(group, "max_round") if isinstance(group, Record) else spot)}
        if chosen.turns is not None:
            config["max_turns"] = self._bounded(chosen.turns, "max_turns", spot)
        if chosen.hands_back_to:
            reading.wire("stop", self._hand_back(chosen.hands_back_to, spot), team)
        if excludes(said):
            config["transitions_type"] = "disallowed"
        transitions = transitions_of(reading, said)
        if chosen.in_turn:
            listed = order_from(listed, sender)
        elif transitions and not excludes(said) and chosen.fields.get("kind") in ("model_choice", "random_choice"):
            listed = first_after(listed, sender, transitions)
        self._inside(team, chosen, listed, config, manager, transitions)
        return team

    def _hand_back(self, target: str, spot: Spot) -> str:
        what = text("autogen.what.stop", name=text("kind.hand_off.name"))
        return self.reading.node("hand_off", "", {} if target == "user" else {"target": target}, what=what, at=at(spot))

    def _inside(
        self,
        team: str,
        chosen: Chosen,
        listed: list[Record],
        config: dict[str, Any],
        manager: Record | None,
        transitions: Mapping[int, list[Record]] | None,
    ) -> None:
        drawn: dict[int, str] = {}
        for each in listed:
            drawn.setdefault(id(each), self.member(each, team))
        for source, targets in (transitions or {}).items():
            for target in targets:
                if source in drawn and id(target) in drawn:
                    self.reading.wire("speaks", drawn[source], drawn[id(target)])
        model = None
        if manager is not None:
            settings = arguments(manager).get("llm_config")
            model = draw_model(self.reading, settings, spot_of(manager, "llm_config")) if settings not in (None, False) else None
        draw_stops(self.reading, team, [*listed, *([manager] if manager is not None else [])])
        self._share_model(team, list(drawn.values()), model)
        selection = chosen.config()
        self.reading.put(team, {**config, **({} if selection == {"kind": "round_robin"} else {"selection": selection})})

    def _tell_class(self, record: Record, usual: str, team: str) -> None:
        """A group of another class than AutoGen's own talks as AutoGen's own does."""
        if record.definition is not None:
            self.reading.changed(record, team)
        elif record.method != usual:
            self.reading.tell("decision", "group_class", record.spot, (team,), remedy=True, what=record.method, base=usual)

    def _members(self, given: Any, record: Record) -> list[Record]:
        """Who takes part. Those whom only a run would tell are told."""
        listed = _list(given)
        known = [each for each in listed if isinstance(each, Record)]
        spot = spot_of(record, "agents")
        if len(known) < len(listed) or isinstance(given, Symbol):
            source = " ".join(self.reading.script.source.text[spot.start : spot.end].split())[:120]
            self.reading.tell("decision", "value_unknown", spot, remedy=True, field="agents", source=source)
        return list(self.reading.first(known, MAX_MEMBERS, at(spot), what="agents"))

    def society(self, record: Record, parent: str | None) -> str:
        """A group that speaks as one."""
        manager = arguments(record).get("chat_manager")
        if not isinstance(manager, Record) or not is_group(manager):
            return self.agents.draw(record, parent)
        reading = self.reading
        self.agents.taken.add(id(record))
        record.take("name")
        name = reading.agent_name(name_of(record), "society", at(record.spot), who=id(record))
        node = reading.node("society", name, {}, parent, what=text("autogen.what.agent", name=name), at=at(record.spot))
        self.group(manager, None, node)
        model = draw_model(reading, arguments(record).get("llm_config"), spot_of(record, "llm_config"))
        if model is not None:
            reading.wire("model", model, node)
        reading.put(node, {"max_turns": 1})
        return node

    def pattern(self, call: Record, pattern: Record) -> str:
        """AG2's group chats by patterns, and swarms."""
        reading = self.reading
        given = arguments(pattern)
        self.agents.taken.add(id(pattern))
        pattern.take()
        listed = [each for each in self._members(given.get("agents"), pattern) if is_agent(each)]
        first, user = given.get("initial_agent"), given.get("user_agent")
        if isinstance(first, Record) and not any(each is first for each in listed):
            listed.insert(0, first)
        if isinstance(user, Record) and not any(each is user for each in listed):
            listed.append(user)
        kind = PATTERNS.get(pattern.method, "swarm")
        if kind != "swarm" and isinstance(first, Record):
            listed = [first, *(each for each in listed if each is not first)]
        after = {name_of(each): target for each in listed if (target := _after_work(each, user))}
        name = "group_after_work" if "group_after_work" in given else "after_work"
        after_work = end_of(given.looked(name))
        if kind == "swarm" and is_end(given.looked(name)):
            pattern.take(name)
        begins = name_of(first) if isinstance(first, Record) else ""
        chosen = Chosen({"kind": kind}, in_turn=kind == "round_robin")
        if kind == "swarm":
            chosen = Chosen({"kind": "swarm", "after_work": after_work, "first": begins, "after": after})
        team = reading.node("team", text("kind.team.name"), {}, what=text("autogen.what.team", name=""), at=at(call.spot))
        for each in listed:
            self._tell_left_out(each, team, after_work, after)
        rounds = arguments(call, "initiate_group_chat").number("max_rounds")
        config: dict[str, Any] = {"max_turns": self._rounds(rounds, 20, spot_of(call, "max_rounds"))}
        variables = given.get("context_variables")
        if isinstance(variables, Record):
            variables = variables.get("data", 0)
        if isinstance(variables, Mapping) and variables:
            config["variables"] = plain(variables)
        elif variables:
            reading.tell("approximated", "call_field", spot_of(pattern, "context_variables"), (team,), field="context_variables")
        self._inside(team, chosen, listed, config, None, None)
        settings = given.get("group_manager_args")
        inner = settings.get("llm_config") if isinstance(settings, Mapping) else None
        for field in settings if isinstance(settings, Mapping) else ():
            if field != "llm_config":
                spot = spot_in(settings, str(field), spot_of(pattern, "group_manager_args"))
                reading.tell("approximated", "group_field", spot, (team,), field=str(field))
        if inner is not None and (model := draw_model(reading, inner, spot_of(pattern, "group_manager_args"))) is not None:
            reading.wire("model", model, team)
        if kind != "swarm" and any(handoffs_of(each) for each in listed if not is_person(each)):
            reading.tell("approximated", "handoffs_and_pattern", call.spot, (team,))
        return team

    def _tell_left_out(self, agent: Record, team: str, group_end: str, after: Mapping[str, str]) -> None:
        """Hand-overs that ask the context variables or lead to no agent, and ends of an agent's own."""
        name = name_of(agent)
        for call in agent.calls:
            if call.method in _AFTER:
                call.take(*range(len(call.args)), *call.kwargs)
            for each in (each for value in (*call.args, *call.kwargs.values()) for each in _list(value) if isinstance(each, Record)):
                if each.method == "OnContextCondition":
                    self.reading.tell("decision", "context_condition", each.spot, (team,), remedy=True, name=name)
                elif each.method in ("OnCondition", "ON_CONDITION"):
                    target = arguments(each, "OnCondition").get("target")
                    if isinstance(target, Record) and not target_of(target):
                        self.reading.tell("decision", "handoff_to_nobody", each.spot, (team,), name=name, target=target.method)
                elif call.method in _AFTER[:2] and name in after:
                    each.take()
                elif call.method in _AFTER[:2] and end_of(each) != group_end:
                    self.reading.tell("approximated", "own_after_work", each.spot, (team,), name=name, target=each.method)

    def _rounds(self, given: int | None, usual: int, spot: Spot) -> int:
        """The task is a round of its own."""
        rounds = given if given is not None and given > 0 else usual
        return self._bounded(max(1, rounds - 1), "max_round − 1", spot)


def _after_work(agent: Record, user: Any) -> str:
    """The name of the one who goes on after an agent that handed over to nobody; empty where the pattern says."""
    targets: list[Any] = []
    for call in agent.calls:
        given = [each for value in (*call.args, *call.kwargs.values()) for each in _list(value)]
        if call.method in _AFTER[:2]:
            call.take(*range(len(call.args)), *call.kwargs)
            targets += given
        for each in given:
            if isinstance(each, Record) and each.method == "AfterWork" and each.args:
                ends = each.args[0]
                reverts = isinstance(ends, Imported) and ends.name == "REVERT_TO_USER" and isinstance(user, Record)
                if reverts or target_of(ends):
                    each.take(0)
                targets.append(user if reverts else ends)
    for target in targets:
        if isinstance(target, Record) and target.method in ("RevertToUserTarget", "AskUserTarget") and isinstance(user, Record):
            return name_of(user)
        if found := target_of(target):
            return found
    return ""


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set) else [] if value is None else [value]
