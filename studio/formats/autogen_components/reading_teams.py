"""Teams, and agents with others inside: who takes part, who speaks next, and when it is over."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from studio.engine.teams.planner import Planner
from studio.flow.catalogue.validation import validate_config
from studio.flow.kinds import category, drawn_class, parts
from studio.flow.ports import can_be_called
from studio.formats.autogen_components.choosing import ASKING, MOST_TURNS
from studio.formats.autogen_components.envelope import Envelope, envelope
from studio.formats.autogen_components.mapping import ClassMap, class_map
from studio.formats.autogen_components.reading import Reading
from studio.formats.autogen_components.reading_agents import read_agent
from studio.formats.autogen_components.reading_conditions import read_conditions
from studio.formats.autogen_components.reading_models import read_model
from studio.formats.autogen_components.reading_tools import read_tool
from studio.texts import text

_CHOICES = ("selector_func", "candidate_func")
WITHOUT_END = 50
MOST_HEARD = 100_000
MAX_SOURCES = 200
MAX_ARROWS = 500
MOST_ROUNDS = 1_000
"""Turns of a planner."""
_ARROW = frozenset(("target", "condition", "condition_function", "how", "activation_condition", "activation_group"))
_USUAL_PROMPT = re.compile(r"^You are in a role play game\. The following roles are available:\s*\{roles\}")
_PLACEHOLDER = re.compile(r"\{(?:roles|participants|history)\}")


def read_member(reading: Reading, found: Envelope, parent: str | None = None) -> str:
    """Draws an agent, or a team or an agent with others inside it, in a team or alone, and gives its node's id."""
    table = class_map(found.name, found.provider, found.type)
    if found.type == "team":
        return read_team(reading, found, parent)
    if table is not None and table.kind == "society":
        return _society(reading, found, table, parent)
    if table is not None and table.kind == "filter":
        return _filter(reading, found, table, parent)
    return read_agent(reading, found, parent, _tool)


def read_team(reading: Reading, found: Envelope, parent: str | None = None, name: str = "") -> str:
    """Draws a team with everything in it and gives its node's id; one of an unknown class is kept as it stands."""
    table = class_map(found.name, found.provider, found.type)
    if table is None or table.type != "team" or not isinstance(found.config.get("participants"), list):
        return reading.unknown(found, found.raw, found.pointer, parent)
    own = found.config.get("name")
    titles = (name, own, found.label)
    called = next((each for each in titles if isinstance(each, str) and each and each != found.name), text("kind.team.name"))
    if parent is not None:
        called = reading.agent_name(called, "team", found.at("name"), own=called in (name, own))
    team = reading.node("team", called, {}, parent, what=text("autogen.what.team", name=called[:80]), at=found.pointer)
    members, config = _inside(reading, found, table, team)
    description = found.config.get("description")
    if isinstance(description, str) and description and description not in ("A team of agents.", "A team of agents"):
        config["description"] = description
    _wire_models(reading, found, team, members)
    _keep(reading, team, config)
    return team


def _inside(reading: Reading, found: Envelope, table: ClassMap, team: str) -> tuple[list[str], dict[str, Any]]:
    """Draws what is in a team; its members and the fields that say how it talks."""
    chosen, lost = reading.plain(table, found, table.kind, nested=True)
    config: dict[str, Any] = {"selection": {"kind": table.kind, **chosen}}
    members = []
    named: dict[str, str] = {}
    silent: set[str] = set()
    for index, value in enumerate(found.config.get("participants", ())):
        at = found.at("participants", index)
        member = envelope(value, at)
        if member is not None and table.kind == "graph" and member.config.get("description") == text("autogen.silent"):
            # Our own export closes a circle with somebody whom AutoGen's graph wants and who never speaks.
            silent.add(str(member.config.get("name")))
            continue
        node = read_member(reading, member, team) if member is not None else reading.unknown(None, value, at, team)
        members.append(node)
        if member is not None and isinstance(member.config.get("name"), str):
            named[member.config["name"]] = node
    own = next((each for name in _CHOICES if isinstance(each := found.config.get(name), Mapping)), {})
    if table.kind == "model_choice":
        _own_choice(reading, own, named, config["selection"])
        if found.config.get("candidate_func") is not None and not isinstance(found.config["candidate_func"], Mapping):
            reading.say("approximated", "field_lost", found.at("candidate_func"), (team,), name=found.name, field="candidate_func")
    if config["selection"]["kind"] == "model_choice" and not isinstance(found.config.get("selector_func"), str):
        _instruction(reading, found, team, config["selection"])
    chooser = found.config.get("selector_func")
    if isinstance(chooser, str) and table.kind == "model_choice":
        # AutoGen's JSON cannot hold a function; a script brings its source along.
        for field in ("selector_prompt", "allow_repeated_speaker", "max_selector_attempts", "model_context"):
            if found.config.get(field) not in (None, False, "") and not (field == "max_selector_attempts" and found.config[field] == 3):
                reading.say("approximated", "field_lost", found.at(field), (team,), name=found.name, field=field)
        config["selection"] = {"kind": "function_choice", "source": chooser}
        reading.say("decision", "choice_runs", found.at("selector_func"), (team,), remedy=True)
    if "graph" in table.wired:
        _graph(reading, found, team, named, silent, config["selection"])
    stop = found.config.get("termination_condition")
    if stop is not None:
        drawn = len(reading.nodes)
        for rule in read_conditions(reading, stop, found.at("termination_condition")):
            reading.wire("stop", rule, team)
        hands_over = any(reading.config_of(member).get("handoffs") for member in members)
        if hands_over and (answering := [rule.id for rule in reading.nodes[drawn:] if rule.kind == "said_by"]):
            reading.say("approximated", "differs.hand_over_answers", found.at("termination_condition"), tuple(answering))
        if table.kind == "swarm" and (counting := [rule.id for rule in reading.nodes[drawn:] if rule.kind == "max_messages"]):
            reading.say("approximated", "differs.swarm", found.at("termination_condition"), tuple(counting))
    handing = tuple(member for member in members if reading.config_of(member).get("handoffs"))
    if handing and config["selection"]["kind"] in ("round_robin", "model_choice"):
        reading.say("approximated", "differs.handoff_in_turn", found.pointer, handing)
    config["max_turns"] = _max_turns(reading, found, team, stop is not None or table.kind == "graph")
    if config["selection"]["kind"] == Planner.kind and config["max_turns"] != Planner.model_fields["max_rounds"].default:
        # AutoGen counts one thing: after so many turns its planner gives the final answer.
        config["selection"]["max_rounds"] = min(config["max_turns"], MOST_ROUNDS)
    reading.tell_losses(lost, found, (team,), found.name)
    if table.differs and config["selection"]["kind"] == table.kind:
        reading.say("approximated", table.differs, found.pointer, (team,))
    return members, config


def _own_choice(reading: Reading, own: Mapping[str, Any], named: Mapping[str, str], selection: dict[str, Any]) -> None:
    """What a function of ours was written for that a script gives to a selector team: a way to choose, and arrows."""
    if kind := own.get("kind"):
        selection.clear()
        selection |= {"kind": kind, **{field: own[field] for field in ("seed", "allow_repeat") if field in own}}
    arrows = own.get("arrows")
    for before, followers in arrows.items() if isinstance(arrows, Mapping) else ():
        for after in followers if isinstance(followers, list) else ():
            if before in named and after in named:
                reading.wire("speaks", named[before], named[after])


def _society(reading: Reading, found: Envelope, table: ClassMap, parent: str | None) -> str:
    """A team that speaks as one: the society is the team; one whose choosing model is another one stands inside it."""
    at = found.at("team")
    inner = envelope(found.config.get("team"), at)
    chooses = class_map(inner.name, inner.provider, inner.type) if inner is not None else None
    if inner is None or chooses is None or chooses.type != "team" or not isinstance(inner.config.get("participants"), list):
        return reading.unknown(found, found.raw, found.pointer, parent)
    config, lost = reading.plain(table, found, table.kind)
    name = reading.agent_name(found.config.get("name"), "society", found.at("name"))
    node = reading.node(table.kind, name, {}, parent, what=text("autogen.what.agent", name=name), at=found.pointer)
    if "model_client" in chooses.wired:
        members, own = [read_team(reading, inner, node)], {"max_turns": 1}
    else:
        members, own = _inside(reading, inner, chooses, node)
    _wire_models(reading, found, node, members)
    _keep(reading, node, {**config, **own})
    reading.tell_losses(lost, found, (node,), name)
    return node


def _filter(reading: Reading, found: Envelope, table: ClassMap, parent: str | None) -> str:
    """An agent that hears only part: a filter around it."""
    inner = envelope(found.config.get("wrapped_agent"), found.at("wrapped_agent"))
    given = found.config.get("filter")
    sources = given.get("per_source") if isinstance(given, Mapping) else None
    if inner is None or not isinstance(sources, list):
        return reading.unknown(found, found.raw, found.pointer, parent)
    hears = []
    for each in reading.first(sources, MAX_SOURCES, found.at("filter"), what="per_source"):
        if isinstance(each, Mapping) and isinstance(each.get("source"), str) and each["source"]:
            one = {"source": each["source"][:200]}
            if each.get("position") == "first":
                one["position"] = "first"
            if isinstance(each.get("count"), int) and each["count"] > 0:
                one["count"] = reading.within(each["count"], 1, MOST_HEARD, found.at("filter"), name=found.name, field="count")
            hears.append(one)
    task = any(each["source"] == "user" for each in hears)
    config = {"hears": [each for each in hears if each["source"] != "user"], "hears_task": task}
    name = reading.agent_name(found.config.get("name"), "filter", found.at("name"))
    node = reading.node(table.kind, name, {}, parent, what=text("autogen.what.agent", name=name), at=found.pointer)
    read_member(reading, inner, node)
    _keep(reading, node, config)
    reading.tell_unread(found, ("name", "wrapped_agent", "filter"), (node,), name)
    lost = [each for each in sources if not isinstance(each, Mapping) or set(each) - {"source", "position", "count"}]
    if lost or len(hears) < len(sources) or (isinstance(given, Mapping) and set(given) - {"per_source"}):
        reading.say("approximated", "field_lost", found.at("filter"), (node,), name=name, field="filter")
    return node


def _graph(
    reading: Reading, found: Envelope, team: str, named: Mapping[str, str], silent: Collection[str], selection: dict[str, Any]
) -> None:
    """The arrows of a directed graph, each with its condition and how it joins others."""
    graph = found.config.get("graph")
    nodes = graph.get("nodes") if isinstance(graph, Mapping) else None
    if not isinstance(nodes, Mapping):
        return
    for source, each in nodes.items():
        edges = each.get("edges") if isinstance(each, Mapping) else None
        listed = edges if isinstance(edges, list) else []
        leading = reading.first(listed, MAX_ARROWS, found.at("graph", "nodes", source, "edges"), (team,), what="edges")
        for index, edge in enumerate(leading):
            at = found.at("graph", "nodes", source, "edges", index)
            target = edge.get("target") if isinstance(edge, Mapping) else None
            if isinstance(target, str) and target in silent:
                continue
            if source not in named or not isinstance(target, str) or target not in named:
                reading.say("approximated", "arrow_lost", at, (team,), source=str(source)[:80], target=str(target)[:80])
                continue
            reading.wire("speaks", named[source], named[target], _arrow(reading, edge, nodes.get(target), at, team))
            for field in sorted(set(edge) - _ARROW):
                reading.say("approximated", "field_lost", at, (team,), name=str(source)[:80], field=str(field)[:80])
    start = graph.get("default_start_node") if isinstance(graph, Mapping) else None
    if isinstance(start, str) and start in named:
        selection["start"] = [reading.name_of(named[start])]


def _arrow(reading: Reading, edge: Mapping[str, Any], target: Any, at: str, team: str) -> dict[str, Any]:
    config: dict[str, Any] = {}
    condition = edge.get("condition")
    if isinstance(condition, str) and 0 < len(condition) <= 1_000:
        config["condition"] = condition
        if edge.get("how") in ("equals", "regex", "expression"):
            config["how"] = edge["how"]
    elif condition or edge.get("condition_function"):
        reading.say("decision", "condition_lost", at, (team,), remedy=True, source=str(edge.get("target"))[:80])
    joins = edge.get("activation_condition") or (target.get("activation") if isinstance(target, Mapping) else None)
    if joins == "any":
        config["join"] = "any"
    group = edge.get("activation_group")
    if isinstance(group, str) and group and group != edge.get("target"):
        config["group"] = group[:64]
    return config


def _tool(reading: Reading, value: Any, at: str) -> tuple[str, Mapping[str, Any]]:
    """A tool, and what its wire says; a team or an agent that is one is drawn as what it is, and its wire makes it a tool."""
    found = envelope(value, at)
    if found is None or found.name not in ("TeamTool", "AgentTool") or not found.provider.startswith("autogen_agentchat."):
        return read_tool(reading, value, at), {}
    inner = envelope(found.config.get("agent"), found.at("agent")) if found.name == "AgentTool" else None
    table = class_map(inner.name, inner.provider, inner.type) if inner is not None else None
    if inner is not None and table is not None and can_be_called(table.kind) and category(table.kind) == "agent":
        return _called(reading, found, inner)
    return _team_tool(reading, found, value, at), {}


def _called(reading: Reading, found: Envelope, inner: Envelope) -> tuple[str, Mapping[str, Any]]:
    """An agent that is a tool; one that several call is drawn once."""
    key = json.dumps(inner.raw, sort_keys=True, default=repr)
    if key not in reading.called:
        reading.called[key] = read_member(reading, inner)
    node = reading.called[key]
    reading.tell_unread(found, ("agent", "return_value_as_last_message"), (node,), found.name)
    return node, {} if found.config.get("return_value_as_last_message") is True else {"heard": "all"}


def _team_tool(reading: Reading, found: Envelope, value: Any, at: str) -> str:
    """A team that is a tool; an agent with others inside it, or that nobody knows, is a team of one."""
    last = found.config.get("return_value_as_last_message") is True
    if found.name == "TeamTool":
        inner = envelope(found.config.get("team"), found.at("team"))
        if inner is None:
            return reading.unknown(found, value, at)
        name = found.config.get("name")
        node = read_team(reading, inner, None, name if isinstance(name, str) else "")
        reading.say("approximated", "differs.team_tool", found.pointer, (node,))
        description = found.config.get("description")
        changes: dict[str, Any] = {"description": description} if isinstance(description, str) and description else {}
    else:
        inner = envelope(found.config.get("agent"), found.at("agent"))
        if inner is None:
            return reading.unknown(found, value, at)
        name = str(inner.config.get("name") or "agent")
        node = reading.node("team", name, {}, None, what=text("autogen.what.team", name=name[:80]), at=at)
        read_member(reading, inner, node)
        about = inner.config.get("description")
        changes = {"max_turns": 1, **({"description": about} if isinstance(about, str) else {})}
    read = ("team", "name", "description") if found.name == "TeamTool" else ("agent",)
    reading.tell_unread(found, (*read, "return_value_as_last_message"), (node,), found.name)
    if reading.kind_of(node) == "team":
        _keep(reading, node, {**reading.config_of(node), **changes, **({"heard": "last"} if last else {})})
    return node


def _max_turns(reading: Reading, found: Envelope, team: str, stops: bool) -> int:
    given = found.config.get("max_turns")
    if isinstance(given, int) and not isinstance(given, bool) and given >= 1:
        return reading.within(given, 1, MOST_TURNS, found.at("max_turns"), (team,), name=reading.name_of(team), field="max_turns")
    if stops:
        return MOST_TURNS
    reading.say("decision", "no_end", found.pointer, (team,), remedy=True, limit=WITHOUT_END)
    return WITHOUT_END


def _instruction(reading: Reading, found: Envelope, team: str, selection: dict[str, Any]) -> None:
    """A choosing prompt of one's own becomes the instruction, without the places where AutoGen puts names and history."""
    prompt = found.config.get("selector_prompt")
    if not isinstance(prompt, str) or not prompt.strip() or _USUAL_PROMPT.match(prompt):
        return
    before, after = ASKING
    if prompt.startswith(before) and prompt.endswith(after):
        if told := prompt[len(before) : len(prompt) - len(after)].strip():
            selection["instruction"] = told
        return
    kept = [line for line in prompt.split("\n") if not _PLACEHOLDER.fullmatch(line.strip().strip("."))]
    selection["instruction"] = _PLACEHOLDER.sub("…", "\n".join(kept)).strip()
    reading.say("approximated", "prompt", found.at("selector_prompt"), (team,))


def _wire_models(reading: Reading, found: Envelope, team: str, members: list[str]) -> None:
    """The team's own model; and the one that all members share is wired to the team, once, instead of to each of them."""
    value, at = found.config.get("model_client"), found.at("model_client")
    own = None
    if value is not None:
        model = envelope(value, at)
        own = read_model(reading, model, reading.name_of(team)) if model is not None else reading.unknown(None, value, at)
        reading.wire("model", own, team)
    share_model(reading, team, members, own)


def share_model(reading: Reading, team: str, members: list[str], own: str | None) -> None:
    """Wires the model that all members share to their team, once, instead of to each of them; `own` is the one that the team has."""
    using = reading.wires("model", set(members))
    sources = {source for source, _ in using}
    if len(sources) == 1 and own in (None, *sources) and all(reading.kind_of(target) == "assistant" for _, target in using):
        (shared,) = sources
        reading.unwire("model", shared, members)
        reading.wire("model", shared, team)


def _keep(reading: Reading, node: str, config: Mapping[str, Any]) -> None:
    """Puts the fields into a node that was drawn before what is in it; those that are not possible are told."""
    kind = reading.kind_of(node)
    component = drawn_class(kind)
    known = parts(component) if component is not None else {}
    kept = {name: value for name, value in config.items() if name in known}
    for path, why in validate_config(kind, kept).items():
        field = path.partition(".")[0]
        if kept.pop(field, None) is not None:
            reading.say("approximated", "value_refused", "", (node,), name=reading.name_of(node), field=field, why=why)
    reading.put(node, kept)
