"""Teams and agents in files: read with care, since a file may come from anybody, and written without keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from studio.classic.model_configs import ConfigUnusable

Configs = dict[str, Any]
"""{building_task, agent_configs, coding, default_llm_config, code_execution_config}: what is saved and loaded."""

_FIELDS = ("agent_configs", "coding", "default_llm_config", "code_execution_config")
_OF_AN_AGENT = ("name", "system_message", "description")
_REMEDY = "Load what `save` wrote."
_SECRET = ("api_key", "azure_ad_token", "token", "secret", "password", "authorization")


def read_saved(text: str) -> Configs:
    """What a saved file holds, checked. Raises ConfigUnusable."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as mistake:
        raise ConfigUnusable(f"The saved team is no JSON: {mistake}.", _REMEDY) from None
    missing = [name for name in _FIELDS if not isinstance(found, dict) or name not in found]
    if missing or not isinstance(found["agent_configs"], list) or not isinstance(found["default_llm_config"], dict):
        raise ConfigUnusable(f"The saved team has no {', '.join(missing) or 'list of agents'}.", _REMEDY)
    for each in found["agent_configs"]:
        check_entry(each, "the saved team")
    result: Configs = found
    return result


def check_entry(each: Any, where: str) -> None:
    """Raises ConfigUnusable for what describes no agent, and for one of a class that the file names."""
    lacking = [name for name in _OF_AN_AGENT if not isinstance(each, dict) or not isinstance(each.get(name), str)]
    if lacking:
        raise ConfigUnusable(
            f"An agent of {where} has no {', '.join(lacking)}.", "Each one has a name, a system_message and a description."
        )
    if each.get("model_path"):
        named = f"{each['name'][:200]} of {where} is of the class {str(each['model_path'])[:200]}"
        raise ConfigUnusable(
            f"{named}, which a file may not name: loading it would run it.", "Take `model_path` out, or make that agent in the script."
        )


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
