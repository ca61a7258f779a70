"""Flow files as somebody would have them on a disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def flow_file(
    folder: Path, *members: dict[str, Any], script: dict[str, list[str]], turns: int = 4, name: str = "Two of them", pace: float = 0
) -> Path:
    """A round robin of these members on a practice model."""
    team = {"id": "n_team", "kind": "team", "name": "team", "config": {"max_turns": turns}}
    model = {"id": "n_model", "kind": "practice", "name": "model", "config": {"script": script, "words_per_second": pace}}
    nodes = [team, *({**member, "parent": "n_team"} for member in members), model]
    edges = [{"id": "e_model", "kind": "model", "source": "n_model", "target": "n_team"}]
    file = folder / f"{name.lower().replace(' ', '-')}.json"
    file.write_text(json.dumps({"format": "convene.flow", "version": 1, "name": name, "nodes": nodes, "edges": edges}))
    return file


def agent(name: str) -> dict[str, Any]:
    return {"id": f"n_{name}", "kind": "assistant", "name": name, "config": {"system_message": f"You are {name}."}}


def person(name: str) -> dict[str, Any]:
    return {"id": f"n_{name}", "kind": "human", "name": name, "config": {}}


def pair(folder: Path, pace: float = 0) -> Path:
    """Ann and Bob: one, two, three, four."""
    return flow_file(folder, agent("ann"), agent("bob"), script={"ann": ["one", "three"], "bob": ["two", "four"]}, pace=pace)


def asking(folder: Path) -> Path:
    """Ann asks the boss twice."""
    return flow_file(folder, agent("ann"), person("boss"), script={"ann": ["What now?", "And then?"]}, name="Asking")
