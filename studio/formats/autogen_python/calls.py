"""How AgentChat's classes are called in a script: where they come from, what they assume, and which of their parts have types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

AGENTS = "autogen_agentchat.agents"
CORE_TOOLS = "autogen_core.tools"
MEMORY = "autogen_core.memory"


@dataclass(frozen=True, slots=True)
class Source:
    """Python as it stands, where a value is expected."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a class of a module, for what is no component of AutoGen's own."""

    name: str
    module: str
    arguments: Mapping[str, Any]


ASSUMED: Mapping[str, Mapping[str, Any]] = {
    "AssistantAgent": {
        "model_client_stream": ...,
        "tool_call_summary_format": "{result}",
        "metadata": {},
        "workbench": [],
        "max_tool_iterations": 1,
        "handoffs": [],
    },
    "UserProxyAgent": {"input_func": None},
    "CodeExecutorAgent": {"sources": None, "model_client": None, "max_retries_on_error": 0},
    "RoundRobinGroupChat": {"max_turns": None, "termination_condition": None, "emit_team_events": False},
    "SelectorGroupChat": {
        "max_turns": None,
        "termination_condition": None,
        "emit_team_events": False,
        "allow_repeated_speaker": False,
        "max_selector_attempts": 3,
    },
    "Swarm": {"max_turns": None, "termination_condition": None, "emit_team_events": False},
    "GraphFlow": {"max_turns": None, "termination_condition": None},
    "MagenticOneGroupChat": {"max_turns": 20, "termination_condition": None, "max_stalls": 3},
    "SocietyOfMindAgent": {"description": None, "instruction": None, "response_prompt": None},
    "TextMentionTermination": {"sources": None},
    "MaxMessageTermination": {"include_agent_event": False},
    "TextMessageTermination": {"source": None},
    "TokenUsageTermination": {"max_total_token": None, "max_prompt_token": None, "max_completion_token": None},
    "AgentTool": {"return_value_as_last_message": False},
    "TeamTool": {"return_value_as_last_message": False},
    "HttpTool": {"path": "/", "method": "POST", "headers": None, "return_type": "text", "timeout": 5.0},
    "McpWorkbench": {"tool_overrides": {}},
    "StaticStreamWorkbench": {"tool_overrides": {}},
    "ListMemory": {"name": "facts"},
}
"""Values that a constructor has anyway, by class; an ellipsis for any value: what a script does not say."""

FIRST: Mapping[str, tuple[str, ...]] = {
    "AssistantAgent": ("name",),
    "UserProxyAgent": ("name",),
    "CodeExecutorAgent": ("name", "code_executor"),
    "RoundRobinGroupChat": ("participants",),
    "SelectorGroupChat": ("participants",),
    "Swarm": ("participants",),
    "MagenticOneGroupChat": ("participants",),
    "AgentTool": ("agent",),
    "TextMentionTermination": ("text",),
    "MaxMessageTermination": ("max_messages",),
    "HandoffTermination": ("target",),
    "TimeoutTermination": ("timeout_seconds",),
    "SourceMatchTermination": ("sources",),
    "FunctionCallTermination": ("function_name",),
    "FunctionalTermination": ("func",),
}
"""The arguments that come first and are written without their names."""


def wanted(name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that a call must say."""
    assumed = ASSUMED.get(name, {})
    return {field: value for field, value in config.items() if field not in assumed or not _same(value, assumed[field])}


def _same(value: Any, assumed: Any) -> bool:
    return assumed is ... or (type(value) is type(assumed) and bool(value == assumed))
