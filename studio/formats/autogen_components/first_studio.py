"""What AutoGen Studio 0.0 wrote, as 0.1 has it: workflows that hold their two sides, agents that hold their groups and skills."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SIDES = ("sender", "receiver")
"""The fields of a workflow of 0.0 that hold an agent each."""

GROUP = "groupchat_config"
"""The field of an agent of 0.0 that holds its members and how they take turns."""

_GROUP_FIELDS = ("max_round", "speaker_selection_method", "admin_name", "messages", "allow_repeat_speaker")
MAX_MEMBERS = 400


def current_workflow(value: Mapping[str, Any], sides: Mapping[str, Any]) -> dict[str, Any]:
    """A workflow of 0.0 as 0.1 has it; `sides` are its two agents by the name of their field."""
    agents = [{"agent": current_agent(sides.get(side)), "link": {"agent_type": side, "sequence_id": 0}} for side in SIDES]
    return {**{name: value.get(name) for name in ("name", "description", "summary_method")}, "type": "autonomous", "agents": agents}


def current_agent(value: Any, member: bool = False) -> dict[str, Any]:
    """An agent of 0.0, or a group with its members, as 0.1 has it. In 0.0 a member was no group itself."""
    own = value if isinstance(value, Mapping) else {}
    config = own.get("config")
    config = dict(config) if isinstance(config, Mapping) else {}
    if "description" not in config and isinstance(own.get("description"), str):
        config["description"] = own["description"]
    group = own.get(GROUP)
    group = group if isinstance(group, Mapping) else {}
    members = group.get("agents")
    skills = own.get("skills")
    return {
        "type": own.get("type"),
        **({GROUP: group} if group else {}),
        "config": config | {name: group[name] for name in _GROUP_FIELDS if name in group},
        "skills": [current_skill(each) for each in (skills if isinstance(skills, list) else ()) if isinstance(each, Mapping)],
        "models": [],
        "agents": [current_agent(each, member=True) for each in members[:MAX_MEMBERS]] if isinstance(members, list) and not member else [],
    }


def current_skill(value: Mapping[str, Any]) -> dict[str, Any]:
    """A skill of 0.0, which had a title, as 0.1 has it; one of 0.1 is given back as it is."""
    return {**value, "name": value["title"]} if isinstance(value.get("title"), str) and "name" not in value else dict(value)
