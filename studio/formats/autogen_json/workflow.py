"""The workflows of AutoGen Studio 0.1: a user proxy that talks to an assistant or a group, or a chain of agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studio.flow.findings import Imported
from studio.formats.autogen_components.choosing import MOST_TURNS
from studio.formats.autogen_components.envelope import Envelope
from studio.formats.autogen_components.reading import Reading
from studio.formats.autogen_components.reading_models import read_model
from studio.formats.autogen_components.reading_tools import read_function
from studio.formats.autogen_components.source import Piece, below
from studio.texts import text

_MODES = {"NEVER": "never", "TERMINATE": "terminate", "ALWAYS": "always"}
_CHOOSING = {"auto": "model_choice", "round_robin": "round_robin", "random": "random_choice", "manual": "manual"}
_TYPES = ("userproxy", "assistant", "groupchat")
MAX_REPLIES = 1_000
MAX_AGENTS = 200


def is_workflow(value: Mapping[str, Any]) -> bool:
    """Whether it is a workflow of AutoGen Studio 0.1, or one of its agents."""
    if value.get("type") in ("autonomous", "sequential") and isinstance(value.get("agents"), list):
        return True
    return value.get("type") in _TYPES and isinstance(value.get("config"), Mapping)


def read_workflow(value: Mapping[str, Any], pointer: str, source: Piece, name: str) -> Imported:
    """The flow of a workflow. Raises ForeignFileError."""
    reading = Reading(source, text("autogen.form.workflow"))
    tasks = value.get("sample_tasks")
    if value.get("type") in _TYPES:
        _agent(reading, value, pointer, None)
        title = _mapping(value.get("config")).get("name")
        return reading.finish(_text(title) or name or "AutoGen")
    linked = _linked(_first(reading, value.get("agents"), below(pointer, "agents")), below(pointer, "agents"))
    team = reading.node("team", _text(value.get("name")) or text("kind.team.name"), what=text("autogen.what.team", name=""), at=pointer)
    chosen = "round_robin"
    rounds = 0
    for agent, at in linked:
        if agent.get("type") == "groupchat":
            inner = _mapping(agent.get("config"))
            chosen = _CHOOSING.get(_text(inner.get("speaker_selection_method")), "model_choice")
            rounds = _number(inner.get("max_round"))
            if rounds:
                where = below(at, "config", "max_round")
                rounds = reading.within(rounds, 1, MOST_TURNS, where, (team,), name=_text(inner.get("name")), field="max_round")
            members = agent.get("agents")
            for index, member in enumerate(_first(reading, members, below(at, "agents"))):
                _agent(reading, _inner_agent(member), below(at, "agents", index), team)
            _models(reading, agent, at, team)
        else:
            _agent(reading, agent, at, team)
    config: dict[str, Any] = {"selection": {"kind": chosen}}
    if value.get("type") == "sequential":
        config["max_turns"] = max(1, len(linked))
        reading.say("approximated", "differs.sequential", pointer, (team,))
    else:
        config["max_turns"] = rounds or _turns(reading, linked, team)
        reading.say("approximated", "differs.workflow", pointer, (team,))
    reading.nodes = [node.model_copy(update={"config": config}) if node.id == team else node for node in reading.nodes]
    if value.get("summary_method") not in (None, "", "last", "last_msg", "none"):
        reading.say(
            "approximated", "field_lost", below(pointer, "summary_method"), (team,), name=_text(value.get("name")), field="summary_method"
        )
    samples = tuple(task for task in tasks if isinstance(task, str)) if isinstance(tasks, list) else ()
    return reading.finish(_text(value.get("name")) or name or "AutoGen", _text(value.get("description")), samples)


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


def _agent(reading: Reading, agent: Mapping[str, Any], at: str, team: str | None) -> str:
    own = _mapping(agent.get("config"))
    kind = "human" if agent.get("type") == "userproxy" else "assistant"
    name = reading.agent_name(own.get("name"), kind, below(at, "config", "name"))
    config: dict[str, Any] = {}
    if description := _text(own.get("description")):
        config["description"] = description
    if kind == "human":
        config |= _human(reading, own, below(at, "config"))
    else:
        config["system_message"] = _text(own.get("system_message"))
    node = reading.node(kind, name, config, team, what=text("autogen.what.agent", name=name), at=at)
    if kind == "assistant":
        _models(reading, agent, at, node)
        skills = agent.get("skills")
        for index, skill in enumerate(_first(reading, skills, below(at, "skills"))):
            _skill(reading, _mapping(skill), below(at, "skills", index), node, name)
    return node


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
    if runs == "local":
        config["executor"] = {"kind": "local"}
        reading.say("decision", "runs_here", below(at, "code_execution_config"), remedy=True)
    elif runs == "docker" or isinstance(runs, Mapping):
        config["executor"] = {"kind": "docker" if runs == "docker" else "auto"}
    return config


def _models(reading: Reading, agent: Mapping[str, Any], at: str, target: str) -> None:
    """The agent's model: the first of its list; the others were fallbacks."""
    listed = agent.get("models")
    settings = _mapping(_mapping(agent.get("config")).get("llm_config"))
    place = below(at, "models")
    if not isinstance(listed, list) or not listed:
        listed, place = settings.get("config_list"), below(at, "config", "llm_config", "config_list")
    models = [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []
    if not models:
        return
    first = models[0]
    azure = _text(first.get("api_type")) == "azure"
    own = {"model": first.get("model"), "api_key": first.get("api_key")}
    own |= {field: settings[field] for field in ("temperature", "max_tokens", "timeout") if settings.get(field) is not None}
    own |= {"azure_endpoint": first.get("base_url")} if azure else {"base_url": first.get("base_url")}
    name = "AzureOpenAIChatCompletionClient" if azure else "OpenAIChatCompletionClient"
    found = Envelope(name, name, "model", own, first, below(place, 0), below(place, 0))
    model = read_model(reading, found)
    reading.wire("model", model, target)
    if len(models) > 1:
        reading.say("approximated", "fallbacks_lost", below(place, 1), (model,), count=len(models) - 1)


def _skill(reading: Reading, skill: Mapping[str, Any], at: str, agent: str, name: str) -> None:
    content = skill.get("content")
    if not isinstance(content, str) or not content.strip():
        return
    facts = {"name": skill.get("name"), "description": skill.get("description"), "imports": None}
    tool = read_function(reading, source=content, **facts, at=at, code_at=below(at, "content"), name_at=below(at, "name"))
    reading.wire("tool", tool, agent)
    reading.say("approximated", "differs.skill", at, (tool,), name=name)


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
