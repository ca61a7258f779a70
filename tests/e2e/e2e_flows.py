"""Flows that the end-to-end tests import, because drawing them once by hand is enough."""

from __future__ import annotations

from typing import Any

MODEL = {"account": "openai", "model": "test-model"}


def node(id_: str, kind: str, name: str, x: float = 0, y: float = 0, parent: str | None = "n_team", **config: Any) -> dict[str, Any]:
    return {"id": id_, "kind": kind, "name": name, "config": config, "position": {"x": x, "y": y}, "parent": parent}


def assistant(name: str, system: str, x: float = 24, y: float = 60, **config: Any) -> dict[str, Any]:
    return node(f"n_{name}", "assistant", name, x, y, system_message=system, **config)


def human(name: str = "boss", x: float = 300, y: float = 60, **config: Any) -> dict[str, Any]:
    return node(f"n_{name}", "human", name, x, y, **config)


def team(name: str, *members: dict[str, Any], stop: str = "DONE", model: dict[str, Any] | None = None) -> dict[str, Any]:
    """A flow of one round robin team that ends when somebody says `stop`, with the model server behind `model`."""
    return {
        "name": name,
        "nodes": [
            {**node("n_team", "team", "team", parent=None), "size": {"width": 560.0, "height": 300.0}},
            *members,
            node("n_stop", "text_mention", "stop", 24, 200, text=stop),
            node("n_model", "openai", "model", 0, 360, parent=None, **(MODEL | (model or {}))),
        ],
        "edges": [{"id": "e_model", "kind": "model", "source": "n_model", "target": "n_team"}],
    }


def talk(name: str, system: str, **options: Any) -> dict[str, Any]:
    """A flow of one assistant that speaks until it says the stop word."""
    return team(name, assistant("ann", system), **options)


def interview(name: str, system: str, **human_config: Any) -> dict[str, Any]:
    """A flow of an assistant and a person who is asked at every turn."""
    return team(name, assistant("ann", system), human(**human_config))
