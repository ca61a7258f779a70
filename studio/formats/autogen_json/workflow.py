"""The workflows of AutoGen Studio 0.1: a user proxy that talks to an assistant or a group, or a chain of agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studio.flow.findings import Imported
from studio.formats.autogen_components.choosing import MOST_TURNS
from studio.formats.autogen_components.envelope import Envelope
from studio.formats.autogen_components.reading import Reading
from studio.formats.autogen_components.reading_models import OPENAI, read_model, served_by
from studio.formats.autogen_components.reading_tools import read_function
from studio.formats.autogen_components.source import Piece, below
from studio.texts import text

_MODES = {"NEVER": "never", "TERMINATE": "terminate", "ALWAYS": "always"}
_CHOOSING = {"auto": "model_choice", "round_robin": "round_robin", "random": "random_choice", "manual": "manual"}
_REPEATING = ("model_choice", "random_choice")
"""Ways to choose that can be told whether somebody may speak twice in a row."""

_TYPES = ("userproxy", "assistant", "groupchat")
_SHELF = {"models", "skills"}
_USUAL: Mapping[str, Any] = {"is_termination_msg": None, "messages": [], "code_execution_config": "none", "human_input_mode": "NEVER"}
"""What agents say by default, where another value would say something that nothing comes of."""

_END_WORD = "TERMINATE"
MAX_REPLIES = 1_000
MAX_AGENTS = 200
MAX_MODELS = 16


def is_workflow(value: Mapping[str, Any]) -> bool:
    """Whether it is a workflow of AutoGen Studio 0.1, one of its agents, or models and skills that are in none."""
    if value.get("type") in ("autonomous", "sequential") and isinstance(value.get("agents"), list):
        return True
    if value.keys() == _SHELF:
        return all(isinstance(each, list) for each in value.values())
    return value.get("type") in _TYPES and isinstance(value.get("config"), Mapping)


def read_workflow(value: Mapping[str, Any], pointer: str, source: Piece, name: str) -> Imported:
    """The flow of a workflow. Raises ForeignFileError."""
    reading = Reading(source, text("autogen.form.workflow"))
    if value.keys() == _SHELF:
        for field, read in (("models", _model), ("skills", _skill)):
            for index, item in enumerate(_first(reading, value[field], below(pointer, field))):
                read(reading, _mapping(item), below(pointer, field, index))
        return reading.finish(name or "AutoGen")
    own = _mapping(value.get("config"))
    if value.get("type") == "groupchat":
        # A group that stands alone.
        value, pointer = {"name": own.get("name"), "description": own.get("description"), "agents": [value]}, pointer.rpartition("/")[0]
        linked = [(_mapping(value["agents"][0]), pointer)]
    elif value.get("type") in _TYPES:
        _agent(reading, value, pointer, None)
        return reading.finish(_text(own.get("name")) or name or "AutoGen")
    else:
        linked = _linked(_first(reading, value.get("agents"), below(pointer, "agents")), below(pointer, "agents"))
    title = _text(value.get("name"))
    team = reading.node("team", title or text("kind.team.name"), what=text("autogen.what.team", name=title), at=pointer)
    groups = [each for each in linked if each[0].get("type") == "groupchat"]
    drawn: list[Mapping[str, Any]] = []
    config: dict[str, Any] = {"selection": {"kind": "round_robin"}}
    for agent, at in groups:
        config |= _group(reading, agent, at, team)
        members = agent.get("agents")
        drawn += [_inner_agent(member) for member in members] if isinstance(members, list) else []
    for place, (agent, at) in enumerate(linked):
        if any(_same(agent, other) for other in drawn):
            reading.say("approximated", "once", at, (team,), name=_name_of(agent))
        elif agent.get("type") != "groupchat":
            _agent(reading, agent, at, team, _text(agent.get("task_instruction")) if place and value.get("type") == "sequential" else "")
            drawn.append(agent)
    if value.get("type") == "sequential":
        config["max_turns"] = max(1, len(linked))
        reading.say("approximated", "differs.sequential", pointer, (team,))
    else:
        config.setdefault("max_turns", _turns(reading, linked, team))
        reading.say("approximated", "differs.workflow", pointer, (team,))
        _end(reading, drawn, groups[0][1] if groups else pointer, team)
    reading.put(team, config)
    if value.get("summary_method") not in (None, "", "last", "last_msg", "none"):
        reading.say(
            "approximated", "field_lost", below(pointer, "summary_method"), (team,), name=_text(value.get("name")), field="summary_method"
        )
    tasks = value.get("sample_tasks")
    samples = tuple(task for task in tasks if isinstance(task, str)) if isinstance(tasks, list) else ()
    return reading.finish(_text(value.get("name")) or name or "AutoGen", _text(value.get("description")), samples)


def _group(reading: Reading, agent: Mapping[str, Any], at: str, team: str) -> dict[str, Any]:
    """Draws the members and the model of a group into a team, and gives the team's fields."""
    own = _mapping(agent.get("config"))
    chosen = _CHOOSING.get(_text(own.get("speaker_selection_method")), "model_choice")
    selection: dict[str, Any] = {"kind": chosen}
    repeats = own.get("allow_repeat_speaker", True)
    if chosen in _REPEATING and repeats is True:
        selection["allow_repeat"] = True
    elif isinstance(repeats, list) and repeats:
        _tell_lost(reading, own, "allow_repeat_speaker", at, (team,))
    for field in ("is_termination_msg", "messages"):
        _tell_lost(reading, own, field, at, (team,))
    for index, member in enumerate(_first(reading, agent.get("agents"), below(at, "agents"))):
        inner, place = _inner_agent(member), below(at, "agents", index)
        if inner.get("type") == "groupchat":
            name = reading.agent_name(_mapping(inner.get("config")).get("name"), "team", below(place, "config", "name"))
            node = reading.node("team", name, parent=team, what=text("autogen.what.team", name=name), at=place)
            reading.put(node, _group(reading, inner, place, node))
        else:
            _agent(reading, inner, place, team)
    _models(reading, agent, at, team)
    config: dict[str, Any] = {"selection": selection}
    if rounds := _number(own.get("max_round")):
        where = below(at, "config", "max_round")
        config["max_turns"] = reading.within(rounds, 1, MOST_TURNS, where, (team,), name=_text(own.get("name")), field="max_round")
    return config


def _end(reading: Reading, agents: Sequence[Mapping[str, Any]], at: str, team: str) -> None:
    """The word that ends a workflow is a stop rule where no person is there who looks for it."""
    modes = [_text(_mapping(each.get("config")).get("human_input_mode")) for each in agents if each.get("type") == "userproxy"]
    if len(modes) == 0 or (len(agents) > 2 and set(modes) == {"NEVER"}):
        rule = reading.node("text_mention", "", {"text": _END_WORD}, what=text("autogen.what.stop", name=_END_WORD), at=at)
        reading.wire("stop", rule, team)


def _linked(agents: Sequence[Any], at: str) -> list[tuple[Mapping[str, Any], str]]:
    """The agents in the order in which they speak: whoever receives the task first, then the sender."""
    found = []
    for index, item in enumerate(agents):
        link = _mapping(_mapping(item).get("link"))
        place = below(at, index, "agent") if "agent" in _mapping(item) else below(at, index)
        sender = link.get("agent_type") == "sender"
        found.append((_number(link.get("sequence_id")), sender, index, _inner_agent(item), place))
    found.sort(key=lambda each: each[:3])
    return [(agent, place) for *_, agent, place in found if agent]


def _inner_agent(item: Any) -> Mapping[str, Any]:
    agent = _mapping(item).get("agent")
    return agent if isinstance(agent, Mapping) else _mapping(item)


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two places hold the same agent: who begins the conversation of a group is often a member of it too."""
    return one.get("type") == other.get("type") and one.get("config") == other.get("config")


def _name_of(agent: Mapping[str, Any]) -> str:
    return _text(_mapping(agent.get("config")).get("name"))[:80]


def _agent(reading: Reading, agent: Mapping[str, Any], at: str, team: str | None, instruction: str = "") -> str:
    """Draws an agent. `instruction` is what a sequence tells it to do with the work of those before it."""
    own = _mapping(agent.get("config"))
    kind = "human" if agent.get("type") == "userproxy" else "assistant"
    name = reading.agent_name(own.get("name"), kind, below(at, "config", "name"))
    config: dict[str, Any] = {}
    if description := _text(own.get("description")):
        config["description"] = description
    if kind == "human":
        config |= _human(reading, own, below(at, "config"))
    else:
        config["system_message"] = "\n\n".join(filter(None, (_text(own.get("system_message")), instruction)))
    node = reading.node(kind, name, config, team, what=text("autogen.what.agent", name=name), at=at)
    skills = agent.get("skills")
    if kind == "assistant":
        _models(reading, agent, at, node)
        for index, skill in enumerate(_first(reading, skills, below(at, "skills"))):
            place = below(at, "skills", index)
            if (tool := _skill(reading, _mapping(skill), place)) is not None:
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
    return node


def _tell_lost(reading: Reading, own: Mapping[str, Any], field: str, at: str, nodes: tuple[str, ...]) -> None:
    """That an agent says something beside what is usual, and nothing comes of it."""
    value = own.get(field)
    if value not in (None, "", [], {}, False, _USUAL.get(field)):
        reading.say("approximated", "field_lost", below(at, "config", field), nodes, name=_text(own.get("name"))[:80], field=field)


def _human(reading: Reading, own: Mapping[str, Any], at: str) -> dict[str, Any]:
    config: dict[str, Any] = {"input_mode": _MODES.get(_text(own.get("human_input_mode")), "terminate")}
    replies = own.get("max_consecutive_auto_reply")
    if isinstance(replies, int) and not isinstance(replies, bool):
        where = below(at, "max_consecutive_auto_reply")
        config["max_auto_replies"] = reading.within(
            replies, 0, MAX_REPLIES, where, name=_text(own.get("name")), field="max_consecutive_auto_reply"
        )
    if reply := _text(own.get("default_auto_reply")):
        config["default_reply"] = reply
    runs = own.get("code_execution_config")
    if runs == "local" or (isinstance(runs, Mapping) and runs.get("use_docker") is False):
        config["executor"] = {"kind": "local"}
        reading.say("decision", "runs_here", below(at, "code_execution_config"), remedy=True)
    elif runs == "docker" or isinstance(runs, Mapping):
        config["executor"] = {"kind": "docker" if runs == "docker" else "auto"}
    return config


def _models(reading: Reading, agent: Mapping[str, Any], at: str, target: str) -> None:
    """The agent's model; of several, each after the first is one to fall back on."""
    listed = agent.get("models")
    settings = _mapping(_mapping(agent.get("config")).get("llm_config"))
    place = below(at, "models")
    if not isinstance(listed, list) or not listed:
        listed, place = settings.get("config_list"), below(at, "config", "llm_config", "config_list")
    given = (
        [(item, below(place, index)) for index, item in enumerate(listed) if isinstance(item, Mapping)] if isinstance(listed, list) else []
    )
    drawn = [_model(reading, item, where, settings) for item, where in given[:MAX_MODELS]]
    if len(given) > MAX_MODELS:
        reading.say("approximated", "fallbacks_lost", below(place, MAX_MODELS), tuple(drawn), count=len(given) - MAX_MODELS)
    for field in ("cache_seed", "extra_body"):
        if drawn and settings.get(field):
            where = below(at, "config", "llm_config", field)
            reading.say("approximated", "field_lost", where, tuple(drawn), name=_name_of(agent), field=field)
    if len(set(drawn)) > 1:
        node = reading.shared("fallback", "", {"of": drawn}, what=text("autogen.what.model", name=text("kind.fallback.name")), at=place)
        reading.put(node, {})
        for each in drawn:
            reading.wire("model", each, node)
        drawn = [node]
    if drawn:
        reading.wire("model", drawn[0], target)


def _model(reading: Reading, model: Mapping[str, Any], at: str, settings: Mapping[str, Any] | None = None) -> str:
    kind = _text(model.get("api_type")).lower()
    served = served_by(kind)
    own = {"model": model.get("model"), "api_key": model.get("api_key")}
    own |= {field: settings[field] for field in ("temperature", "max_tokens", "timeout") if settings and settings.get(field) is not None}
    address = _text(model.get("base_url")) or (served.address if served else "")
    azure = kind == "azure"
    own |= {"azure_endpoint": address} if azure else {"base_url": address or None}
    if model.get("api_version") and azure:
        own["api_version"] = model["api_version"]
    name = served.name if served else OPENAI
    node = read_model(reading, Envelope(name, name, "model", own, model, at, at))
    if served is None:
        reading.say("decision", "api_type", below(at, "api_type"), (node,), kind=kind[:80])
    if model.get("api_version") and not azure:
        what = _text(model.get("model"))[:80]
        reading.say("approximated", "field_lost", below(at, "api_version"), (node,), name=what, field="api_version")
    return node


def _skill(reading: Reading, skill: Mapping[str, Any], at: str) -> str | None:
    """Draws a skill as a Python tool; None for one without source, which is told."""
    content = skill.get("content")
    name = _text(skill.get("name"))[:80]
    if not isinstance(content, str) or not content.strip():
        reading.say("approximated", "field_lost", at, name=text("autogen.what.tool", name=name), field="content")
        return None
    facts = {"name": skill.get("name"), "description": skill.get("description"), "imports": None}
    tool = read_function(reading, source=content, **facts, at=at, code_at=below(at, "content"), name_at=below(at, "name"))
    for field in ("secrets", "libraries"):
        if wanted := _names(skill.get(field)):
            reading.say("decision", f"skill_{field}", below(at, field), (tool,), name=name, names=", ".join(wanted)[:200])
    return tool


def _names(listed: Any) -> list[str]:
    """What a skill's secrets or libraries are called."""
    names = [each.get("secret") if isinstance(each, Mapping) else each for each in (listed if isinstance(listed, list) else ())]
    return [each for each in names if isinstance(each, str)]


def _turns(reading: Reading, linked: list[tuple[Mapping[str, Any], str]], team: str) -> int:
    """How many turns the replies of the agents allow at most."""
    replies = [(_number(_mapping(agent.get("config")).get("max_consecutive_auto_reply")), at) for agent, at in linked]
    most, at = max(((each, at) for each, at in replies if each), key=lambda each: each[0], default=(25, ""))
    where = below(at, "config", "max_consecutive_auto_reply") if at else ""
    name = reading.name_of(team)
    return reading.within(max(2, 2 * most), 2, MOST_TURNS, where, (team,), name=name, field="max_consecutive_auto_reply · 2")


def _first(reading: Reading, listed: Any, at: str) -> Sequence[Any]:
    return reading.first(listed, MAX_AGENTS, at, what=at.rpartition("/")[2]) if isinstance(listed, list) else ()


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
