"""AutoGen's own files, and small ones to build from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parent / "formats" / "samples"
NAMES = tuple(sorted(path.name for path in SAMPLES.glob("*.json")))


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def component(provider: str, component_type: str, config: dict[str, Any], version: int = 1) -> dict[str, Any]:
    return {
        "provider": provider,
        "component_type": component_type,
        "version": version,
        "component_version": version,
        "description": None,
        "label": provider.rpartition(".")[2],
        "config": config,
    }


def model(name: str = "gpt-4o-mini", **config: Any) -> dict[str, Any]:
    return component("autogen_ext.models.openai.OpenAIChatCompletionClient", "model", {"model": name, **config})


def assistant(name: str, **config: Any) -> dict[str, Any]:
    own = {
        "name": name,
        "model_client": model(),
        "description": f"{name} helps",
        "system_message": f"You are {name}.",
        "model_client_stream": False,
        "reflect_on_tool_use": False,
        "tool_call_summary_format": "{result}",
        "max_tool_iterations": 1,
        "metadata": {},
    }
    return component("autogen_agentchat.agents.AssistantAgent", "agent", {**own, **config}, 2)


def function_tool(source: str, name: str = "", description: str = "", imports: list[Any] | None = None) -> dict[str, Any]:
    config = {
        "source_code": source,
        "name": name,
        "description": description,
        "global_imports": imports or [],
        "has_cancellation_support": False,
    }
    return component("autogen_core.tools.FunctionTool", "tool", config)


def workbench(*tools: dict[str, Any]) -> list[dict[str, Any]]:
    return [component("autogen_core.tools.StaticStreamWorkbench", "workbench", {"tools": list(tools), "tool_overrides": {}})]


def termination(name: str, **config: Any) -> dict[str, Any]:
    module = "autogen_agentchat.base" if name.endswith("Condition") else "autogen_agentchat.conditions"
    return component(f"{module}.{name}", "termination", config)


def team(*participants: dict[str, Any], kind: str = "RoundRobinGroupChat", **config: Any) -> dict[str, Any]:
    own = {"name": "crew", "description": "A crew.", "participants": list(participants), "emit_team_events": False}
    return component(f"autogen_agentchat.teams.{kind}", "team", {**own, **config})


def written(value: Any) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode()
