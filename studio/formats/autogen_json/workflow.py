"""The workflows of AutoGen Studio before 0.4, a user proxy that talks to an assistant or a group, or a chain; and AgentBuilder's groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studio.flow.findings import Imported
from studio.formats.autogen_components.built_team import MEMBERS, BuiltReading, current_group, is_built_team
from studio.formats.autogen_components.choosing import MOST_TURNS
from studio.formats.autogen_components.first_studio import GROUP, SIDES, current_agent, current_workflow
from studio.formats.autogen_components.reading import Reading
from studio.formats.autogen_components.reading_teams import share_model
from studio.formats.autogen_components.source import Piece, below
from studio.formats.autogen_json.workflow_parts import (
    draw_model,
    draw_models,
    draw_skill,
    first,
    is_model,
    is_skill,
    mapping,
    name_of,
    number,
    plain_text,
)
from studio.texts import text

_MODES = {"NEVER": "never", "TERMINATE": "terminate", "ALWAYS": "always"}
_CHOOSING = {"auto": "model_choice", "round_robin": "round_robin", "random": "random_choice", "manual": "manual"}
_REPEATING = ("model_choice", "random_choice")
"""Ways to choose that can be told whether somebody may speak twice in a row."""

_TYPES = ("userproxy", "assistant", "groupchat")
_SHELF = {"models", "skills"}
_USUAL: Mapping[str, Any] = {
    "is_termination_msg": None,
    "messages": [],
    "code_execution_config": "none",
    "human_input_mode": "NEVER",
    "system_message": "Group chat manager",
}
"""What agents say by default, where another value would say something that nothing comes of."""

_END_WORD = "TERMINATE"
MAX_REPLIES = 1_000


def is_workflow(value: Mapping[str, Any]) -> bool:
    """Whether it is a workflow of AutoGen Studio 0.1 or 0.0, one of their agents, models and skills, or a team that AgentBuilder saved."""
    if value.get("type") in ("autonomous", "sequential"):
        return isinstance(value.get("agents"), list) or "summary_method" in value
    if value.keys() == _SHELF:
        return all(isinstance(each, list) for each in value.values())
    return all(_is_agent(value.get(side)) for side in SIDES) or is_part(value) or is_built_team(value)


def is_part(value: Any) -> bool:
    """Whether it is an agent, a model or a skill of AutoGen Studio before 0.4."""
    return _is_agent(value) or is_model(value) or is_skill(value)


def _is_agent(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("type") in _TYPES and isinstance(value.get("config"), Mapping)


def read_part(reading: Reading, value: Mapping[str, Any], at: str) -> str:
    """Draws an agent that is no group, a model or a skill, and gives what it is called."""
    if _is_agent(value):
        return reading.name_of(_agent(reading, _current(value), at, None))
    if is_skill(value):
        draw_skill(reading, value, at)
        return plain_text(value.get("name") or value.get("title"))
    draw_model(reading, value, at)
    return plain_text(value.get("model"))


def read_workflow(value: Mapping[str, Any], pointer: str, source: Piece, name: str) -> Imported:
    """The flow of a workflow, or of a part of one that stands alone. Raises ForeignFileError."""
    built = is_built_team(value)
    reading = BuiltReading(source, value) if built else Reading(source, text("autogen.form.workflow"))
    if value.keys() == _SHELF:
        for field in ("models", "skills"):
            for index, item in enumerate(first(reading, value[field], below(pointer, field))):
                draw = draw_model if field == "models" else draw_skill
                draw(reading, mapping(item), below(pointer, field, index))
        return reading.finish(name or "AutoGen")
    if value.get("type") == "groupchat" and _is_agent(value):
        # A group that stands alone.
        own = mapping(value.get("config"))
        linked = [(_current(value), pointer)]
        value = {"name": own.get("name"), "description": own.get("description")}
    elif all(_is_agent(value.get(side)) for side in SIDES):
        value = current_workflow(value, value)
        places = dict(zip(SIDES, value["agents"], strict=True))
        linked = [(places[side]["agent"], below(pointer, side)) for side in reversed(SIDES)]
    elif built:
        linked = [(current_group(value), pointer)]
        value = {"sample_tasks": [value.get("building_task")]}
    elif is_part(value):
        return reading.finish(read_part(reading, value, pointer) or name or "AutoGen")
    else:
        linked = _linked(first(reading, value.get("agents"), below(pointer, "agents")), below(pointer, "agents"))
    title = plain_text(value.get("name"))
    team = reading.node("team", title or text("kind.team.name"), what=text("autogen.what.team", name=title), at=pointer)
    if not linked:
        reading.say("decision", "workflow_empty", pointer, (team,), remedy=True, name=title[:80])
    groups = [each for each in linked if each[0].get("type") == "groupchat"]
    drawn: list[Mapping[str, Any]] = []
    config: dict[str, Any] = {"selection": {"kind": "round_robin"}}
    for agent, at in groups:
        config |= _group(reading, agent, at, team)
        members = agent.get("agents")
        drawn += [_inner_agent(member) for member in members] if isinstance(members, list) else []
    for place, (agent, at) in enumerate(linked):
        if any(_same(agent, other) for other in drawn):
            reading.say("approximated", "once", at, (team,), name=name_of(agent))
        elif agent.get("type") != "groupchat":
            told = plain_text(agent.get("task_instruction")) if place and value.get("type") == "sequential" else ""
            _agent(reading, agent, at, team, told)
            drawn.append(agent)
    if value.get("type") == "sequential":
        config["max_turns"] = max(1, len(linked))
        reading.say("approximated", "differs.sequential", pointer, (team,))
    else:
        config.setdefault("max_turns", _turns(reading, linked, team))
        reading.say("approximated", "differs.built" if built else "differs.workflow", pointer, (team,))
        _end(reading, drawn, groups[0][1] if groups else pointer, team)
    reading.put(team, config)
    _share(reading, team)
    if value.get("summary_method") not in (None, "", "last", "last_msg", "none"):
        where = below(pointer, "summary_method")
        reading.say("approximated", "field_lost", where, (team,), name=title, field="summary_method")
    tasks = value.get("sample_tasks")
    samples = tuple(task for task in tasks if isinstance(task, str)) if isinstance(tasks, list) else ()
    return reading.finish(plain_text(value.get("name")) or name or "AutoGen", plain_text(value.get("description")), samples)


def _share(reading: Reading, team: str) -> None:
    own = next((source for source, _ in reading.wires("model", {team})), None)
    share_model(reading, team, [node.id for node in reading.nodes if node.parent == team], own)


def _group(reading: Reading, agent: Mapping[str, Any], at: str, team: str) -> dict[str, Any]:
    """Draws the members and the model of a group into a team, and gives the team's fields."""
    own = mapping(agent.get("config"))
    chosen = _CHOOSING.get(plain_text(own.get("speaker_selection_method")), "model_choice")
    selection: dict[str, Any] = {"kind": chosen}
    repeats = own.get("allow_repeat_speaker", True)
    if chosen in _REPEATING and repeats is True:
        selection["allow_repeat"] = True
    elif isinstance(repeats, list) and repeats:
        _tell_lost(reading, own, "allow_repeat_speaker", at, (team,))
    for field in ("is_termination_msg", "messages", "system_message"):
        _tell_lost(reading, own, field, at, (team,))
    listed = below(at, GROUP, "agents") if GROUP in agent else below(at, MEMBERS if MEMBERS in agent else "agents")
    for index, member in enumerate(first(reading, agent.get("agents"), listed)):
        inner, place = _inner_agent(member), below(listed, index)
        if inner.get("type") == "groupchat":
            name = reading.agent_name(mapping(inner.get("config")).get("name"), "team", below(place, "config", "name"))
            node = reading.node("team", name, parent=team, what=text("autogen.what.team", name=name), at=place)
            reading.put(node, _group(reading, inner, place, node))
            _share(reading, node)
        else:
            _agent(reading, inner, place, team)
    draw_models(reading, agent, at, team)
    config: dict[str, Any] = {"selection": selection}
    if rounds := number(own.get("max_round")):
        where = below(at, "config", "max_round")
        config["max_turns"] = reading.within(rounds, 1, MOST_TURNS, where, (team,), name=plain_text(own.get("name")), field="max_round")
    return config


def _end(reading: Reading, agents: Sequence[Mapping[str, Any]], at: str, team: str) -> None:
    """The word that ends a workflow is a stop rule where no person is there who looks for it."""
    modes = [plain_text(mapping(each.get("config")).get("human_input_mode")) for each in agents if each.get("type") == "userproxy"]
    if len(modes) == 0 or (len(agents) > 2 and set(modes) == {"NEVER"}):
        rule = reading.node("text_mention", "", {"text": _END_WORD}, what=text("autogen.what.stop", name=_END_WORD), at=at)
        reading.wire("stop", rule, team)


def _linked(agents: Sequence[Any], at: str) -> list[tuple[Mapping[str, Any], str]]:
    """The agents in the order in which they speak: whoever receives the task first, then the sender."""
    found = []
    for index, item in enumerate(agents):
        link = mapping(mapping(item).get("link"))
        place = below(at, index, "agent") if "agent" in mapping(item) else below(at, index)
        sender = link.get("agent_type") == "sender"
        found.append((number(link.get("sequence_id")), sender, index, _inner_agent(item), place))
    found.sort(key=lambda each: each[:3])
    return [(agent, place) for *_, agent, place in found if agent]


def _inner_agent(item: Any) -> Mapping[str, Any]:
    agent = mapping(item).get("agent")
    return agent if isinstance(agent, Mapping) else mapping(item)


def _current(agent: Mapping[str, Any]) -> Mapping[str, Any]:
    """An agent as AutoGen Studio 0.1 has it."""
    skills = agent.get("skills")
    titled = any("title" in mapping(each) for each in skills) if isinstance(skills, list) else False
    return current_agent(agent) if GROUP in agent or titled else agent


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two places hold the same agent: who begins the conversation of a group is often a member of it too."""
    return one.get("type") == other.get("type") and one.get("config") == other.get("config")


def _agent(reading: Reading, agent: Mapping[str, Any], at: str, team: str | None, instruction: str = "") -> str:
    """Draws an agent. `instruction` is what a sequence tells it to do with the work of those before it."""
    own = mapping(agent.get("config"))
    kind = "human" if agent.get("type") == "userproxy" else "assistant"
    name = reading.agent_name(own.get("name"), kind, below(at, "config", "name"))
    config: dict[str, Any] = {}
    if description := plain_text(own.get("description")):
        config["description"] = description
    if kind == "human":
        config |= _human(reading, own, below(at, "config"))
    else:
        config["system_message"] = "\n\n".join(filter(None, (plain_text(own.get("system_message")), instruction)))
    node = reading.node(kind, name, config, team, what=text("autogen.what.agent", name=name), at=at)
    skills = agent.get("skills")
    if kind == "assistant":
        draw_models(reading, agent, at, node)
        for index, skill in enumerate(first(reading, skills, below(at, "skills"))):
            place = below(at, "skills", index)
            if (tool := draw_skill(reading, mapping(skill), place)) is not None:
                reading.wire("tool", tool, node)
                reading.say("approximated", "differs.skill", place, (tool,), name=name)
        for field in ("human_input_mode", "code_execution_config", "default_auto_reply"):
            _tell_lost(reading, own, field, at, (node,))
    else:
        for field, given in (("skills", skills), ("models", agent.get("models"))):
            if given:
                reading.say("approximated", "field_lost", below(at, field), (node,), name=name, field=field)
    for field in ("is_termination_msg", "messages"):
        _tell_lost(reading, own, field, at, (node,))
    if agent.get("model_path"):
        reading.say("approximated", "field_lost", below(at, "model_path"), (node,), name=name, field="model_path")
    return node


def _tell_lost(reading: Reading, own: Mapping[str, Any], field: str, at: str, nodes: tuple[str, ...]) -> None:
    """That an agent says something beside what is usual, and nothing comes of it."""
    value = own.get(field)
    if value not in (None, "", [], {}, False, _USUAL.get(field)):
        reading.say("approximated", "field_lost", below(at, "config", field), nodes, name=plain_text(own.get("name"))[:80], field=field)


def _human(reading: Reading, own: Mapping[str, Any], at: str) -> dict[str, Any]:
    config: dict[str, Any] = {"input_mode": _MODES.get(plain_text(own.get("human_input_mode")), "terminate")}
    replies = own.get("max_consecutive_auto_reply")
    if isinstance(replies, int) and not isinstance(replies, bool):
        where = below(at, "max_consecutive_auto_reply")
        config["max_auto_replies"] = reading.within(
            replies, 0, MAX_REPLIES, where, name=plain_text(own.get("name")), field="max_consecutive_auto_reply"
        )
    if reply := plain_text(own.get("default_auto_reply")):
        config["default_reply"] = reply
    runs = own.get("code_execution_config")
    if runs == "local" or (isinstance(runs, Mapping) and runs.get("use_docker") is False):
        config["executor"] = {"kind": "local"}
        reading.say("decision", "runs_here", below(at, "code_execution_config"), remedy=True)
    elif runs == "docker" or isinstance(runs, Mapping):
        config["executor"] = {"kind": "docker" if runs == "docker" else "auto"}
    for field, value in (mapping(runs) if "executor" in config else {}).items():
        seconds = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 3_600
        if field == "timeout" and seconds:
            config["executor"]["timeout"] = value
        elif field != "use_docker" and value not in (None, "", [], {}, False):
            where = below(at, "code_execution_config", field)
            reading.say("approximated", "field_lost", where, name=plain_text(own.get("name"))[:80], field=str(field)[:80])
    return config


def _turns(reading: Reading, linked: list[tuple[Mapping[str, Any], str]], team: str) -> int:
    """How many turns the replies of the agents allow at most."""
    replies = [(number(mapping(agent.get("config")).get("max_consecutive_auto_reply")), at) for agent, at in linked]
    most, at = max(((each, at) for each, at in replies if each), key=lambda each: each[0], default=(25, ""))
    where = below(at, "config", "max_consecutive_auto_reply") if at else ""
    name = reading.name_of(team)
    return reading.within(max(2, 2 * most), 2, MOST_TURNS, where, (team,), name=name, field="max_consecutive_auto_reply · 2")
