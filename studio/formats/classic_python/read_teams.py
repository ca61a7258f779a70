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
from studio.formats.classic_python.read_handoffs import AFTER, END, Group, chats_of, target_of, ways_of
from studio.formats.classic_python.read_models import draw_model
from studio.formats.classic_python.read_roles import is_agent, is_person, name_of
from studio.formats.classic_python.read_rows import Rows
from studio.formats.classic_python.read_stops import draw_stops, nested_chats
from studio.formats.foreign_script.reading import ScriptReading, at
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Imported, Record, Symbol, plain
from studio.texts import text

MAX_DEPTH = 6
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
        for target, _, called in self.agents.group.nested.values():
            target.take("nested_chat_config", 0)
            self.nested(target, [(target, chats_of(target))], team, called=called)
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
        group = self.agents.group = Group(name_of(user) if isinstance(user, Record) else "")
        after = {name_of(each): target for each in listed if (target := _after_work(each, group.user))}
        name = "group_after_work" if "group_after_work" in given else "after_work"
        after_work = end_of(given.looked(name))
        if kind == "swarm" and is_end(given.looked(name)):
            pattern.take(name)
        begins = name_of(first) if isinstance(first, Record) else ""
        chosen = Chosen({"kind": kind}, in_turn=kind == "round_robin")
        if kind == "swarm":
            chosen = Chosen({"kind": "swarm", "after_work": after_work, "first": begins, "after": after, "rules": _rules(listed, group)})
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
        for each in listed:
            ways_of(each, group)  # which chats of their own they hand over to
        after |= {called: name_of(agent) for _, agent, called in group.nested.values()}
        self._inside(team, chosen, listed, config, None, None)
        if group.ends or END in chosen.fields.get("rules", {}).values():
            reading.wire("stop", self._hand_back(END, pattern.spot), team)
        self.agents.group = Group()
        settings = given.get("group_manager_args")
        inner = settings.get("llm_config") if isinstance(settings, Mapping) else None
        for field in settings if isinstance(settings, Mapping) else ():
            if field != "llm_config":
                spot = spot_in(settings, str(field), spot_of(pattern, "group_manager_args"))
                reading.tell("approximated", "group_field", spot, (team,), field=str(field))
        if inner is not None and (model := draw_model(reading, inner, spot_of(pattern, "group_manager_args"))) is not None:
            reading.wire("model", model, team)
        if kind != "swarm" and any(ways_of(each, group).config() for each in listed if not is_person(each)):
            reading.tell("approximated", "handoffs_and_pattern", call.spot, (team,))
        return team

    def _tell_left_out(self, agent: Record, team: str, group_end: str, after: dict[str, str]) -> None:
        """What comes after an agent's own work: what cannot be said, and where AutoGen does not do what it says."""
        name = name_of(agent)
        for call in agent.calls:
            if call.method not in AFTER:
                continue
            call.take(*range(len(call.args)), *call.kwargs)
            for each in (each for value in (*call.args, *call.kwargs.values()) for each in _list(value) if isinstance(each, Record)):
                if name in after:
                    each.take()
                elif each.method != "OnContextCondition" and end_of(each) != group_end:
                    self.reading.tell("approximated", "own_after_work", each.spot, (team,), name=name, target=each.method)
                if each.method == "TerminateTarget" and group_end != "end":
                    self.reading.tell("approximated", "own_end", each.spot, (team,), name=name)

    def _rounds(self, given: int | None, usual: int, spot: Spot) -> int:
        """The task is a round of its own."""
        rounds = given if given is not None and given > 0 else usual
        return self._bounded(max(1, rounds - 1), "max_round − 1", spot)


def _rules(listed: list[Record], group: Group) -> dict[str, str]:
    """Who goes on after somebody's work when a condition over the variables holds, by the condition."""
    found = {}
    for each in listed:
        for condition, target in ways_of(each, group).after:
            if condition != "True":
                found[f"speaker == {name_of(each)!r} and ({condition})"] = target
    return found


def _after_work(agent: Record, user: str) -> str:
    """Who goes on after an agent that handed over to nobody: a name, or a word of a swarm; empty where the pattern says."""
    # Whoever spoke before the user goes on after it.
    found = "back" if user and name_of(agent) == user else ""
    for call in agent.calls:
        for each in (each for value in (*call.args, *call.kwargs.values()) for each in _list(value)):
            if isinstance(each, Record) and each.method == "OnContextCondition":
                always = call.method in AFTER and each.look("condition", 1) is None and each.look("available", 2) is None
                target = each.look("target", 0) if always else None
            elif isinstance(each, Record) and each.method == "AfterWork":
                target = each.look("agent", 0)
            else:
                target = each if call.method in AFTER else None
            named = target_of(target, user) or _word_of(target)
            if named and isinstance(each, Record) and each.method in ("AfterWork", "OnContextCondition"):
                each.take("agent", "target", 0)
            found = named or found
    return "end" if found == END else found


def _word_of(target: Any) -> str:
    """How a swarm calls what a target says that is no agent."""
    called = target.method if isinstance(target, Record) else target.name if isinstance(target, Imported) else ""
    return {"StayTarget": "stay", "STAY": "stay", "GroupManagerTarget": "model", "SWARM_MANAGER": "model"}.get(called, "")


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set) else [] if value is None else [value]
