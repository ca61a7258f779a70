"""Teams and agents in files: read with care, since a file may come from anybody, and written without keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from studio.classic.model_configs import ConfigUnusable
from studio.texts import text

Configs = dict[str, Any]
"""{building_task, agent_configs, coding, default_llm_config, code_execution_config}: what is saved and loaded."""

_FIELDS = ("agent_configs", "coding", "default_llm_config", "code_execution_config")
_OF_AN_AGENT = ("name", "system_message", "description")
_SECRET = ("api_key", "azure_ad_token", "token", "secret", "password", "authorization")


def read_saved(written: str) -> Configs:
    """What a saved file holds, checked. Raises ConfigUnusable."""
    try:
        found = json.loads(written)
    except (ValueError, RecursionError) as mistake:
        raise ConfigUnusable(text("classic.saved.no_json", error=mistake), text("classic.saved.remedy")) from None
    missing = [name for name in _FIELDS if not isinstance(found, dict) or name not in found]
    if missing or not isinstance(found["agent_configs"], list) or not isinstance(found["default_llm_config"], dict):
        sentence = text("classic.saved.lacks", parts=", ".join(missing)) if missing else text("classic.saved.no_agents")
        raise ConfigUnusable(sentence, text("classic.saved.remedy"))
    for each in found["agent_configs"]:
        check_entry(each, text("classic.saved.itself"))
    result: Configs = found
    return result


def check_entry(each: Any, where: str) -> None:
    """Raises ConfigUnusable for what describes no agent, and for one of a class that the file names."""
    lacking = [name for name in _OF_AN_AGENT if not isinstance(each, dict) or not isinstance(each.get(name), str)]
    if lacking:
        raise ConfigUnusable(text("classic.entry.lacks", where=where, parts=", ".join(lacking)), text("classic.entry.lacks.remedy"))
    if each.get("model_path"):
        facts = {"agent": each["name"][:200], "where": where, "named": str(each["model_path"])[:200]}
        raise ConfigUnusable(text("classic.entry.own_class", **facts), text("classic.entry.own_class.remedy"))


def without_keys(value: Any) -> Any:
    """What can be written as JSON, without whatever is called like a key."""
    match value:
        case Mapping():
            return {str(name): without_keys(each) for name, each in value.items() if not _is_secret(str(name))}
        case list() | tuple() | set():
            return [without_keys(each) for each in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            return None


def _is_secret(name: str) -> bool:
    return name.lower() in _SECRET or name.lower().endswith(("_key", "_secret", "_token"))
