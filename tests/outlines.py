"""Outlines of teams as a model would answer them, good and bad."""

from __future__ import annotations

import json
from typing import Any


def agent(name: str, role: str = "assistant", **more: Any) -> dict[str, Any]:
    message = f"You are {name}. Do your part." if role == "assistant" else ""
    return {"name": name, "role": role, "description": f"{name} at work", "system_message": message, "tools": [], **more}


def outline(*agents: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What a good answer says; two agents unless others are given."""
    members = list(agents) or [agent("writer"), agent("critic")]
    return {
        "name": "Short texts",
        "description": "Writes short texts and makes them better.",
        "agents": members,
        "speaking": "round_robin",
        "how_to_choose": "",
        "arrows": [],
        "stop_word": "APPROVED",
        "ends": members[-1]["name"] if members and isinstance(members[-1], dict) else "",
        "turns": 12,
        "tasks": ["Write a haiku about rain.", "Write a motto for a bakery."],
        **more,
    }


def arrow(source: str, target: str, when: str = "") -> dict[str, str]:
    return {"source": source, "target": target, "when": when}


def written(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False)
