"""What AutoGen 0.2's AgentBuilder saved, as AutoGen Studio 0.1 has it: agents for a task, and who runs their code, in a group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MEMBERS = "agent_configs"
"""The field that holds the agents."""

_TERMINAL = "Computer_terminal"
_FIELDS = ("name", "system_message", "description")


def is_built_team(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get(MEMBERS), list) and ("building_task" in value or "default_llm_config" in value)


def current_group(value: Mapping[str, Any]) -> dict[str, Any]:
    """The group of a saved team. Whoever runs code speaks last, as `AgentBuilder.load` has it."""
    settings = value.get("default_llm_config")
    settings = {name: each for name, each in settings.items() if name != "config_list"} if isinstance(settings, Mapping) else {}
    members = [_agent(each if isinstance(each, Mapping) else {}, settings) for each in value[MEMBERS]]
    if value.get("coding") is True:
        running = value.get("code_execution_config")
        own = {"name": _TERMINAL, "human_input_mode": "NEVER", "code_execution_config": running if isinstance(running, Mapping) else {}}
        members.append({"type": "userproxy", "config": own})
    return {"type": "groupchat", MEMBERS: value[MEMBERS], "config": {"speaker_selection_method": "auto"}, "agents": members}


def _agent(value: Mapping[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """The models of an agent were looked up by their names in a list of configurations: their addresses are not here."""
    named = value.get("model")
    models = [{"model": each} for each in (named if isinstance(named, list) else [named]) if isinstance(each, str) and each]
    own = {name: value[name] for name in _FIELDS if isinstance(value.get(name), str)}
    return {"type": "assistant", "config": own | {"llm_config": settings | {"config_list": models}}, "model_path": value.get("model_path")}
