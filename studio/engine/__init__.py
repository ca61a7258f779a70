"""The conversation engine: agents that talk, call tools, run code and ask people. A library of its own."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.engine.agents.agent import Agent as Agent
    from studio.engine.agents.assistant import Assistant as Assistant
    from studio.engine.agents.code_runner import CodeRunner as CodeRunner
    from studio.engine.agents.human import Human as Human
    from studio.engine.code.auto import AutoExecutor as AutoExecutor
    from studio.engine.code.docker_executor import DockerExecutor as DockerExecutor
    from studio.engine.code.local import LocalExecutor as LocalExecutor
    from studio.engine.conditions.combined import AllOf as AllOf
    from studio.engine.conditions.combined import AnyOf as AnyOf
    from studio.engine.conditions.hand_off import HandOffTo as HandOffTo
    from studio.engine.conditions.max_messages import MaxMessages as MaxMessages
    from studio.engine.conditions.max_turns import MaxTurns as MaxTurns
    from studio.engine.conditions.money_limit import MoneyLimit as MoneyLimit
    from studio.engine.conditions.text_mention import TextMention as TextMention
    from studio.engine.conditions.time_limit import TimeLimit as TimeLimit
    from studio.engine.conditions.token_limit import TokenLimit as TokenLimit
    from studio.engine.models.openai_model import OpenAIModel as OpenAIModel
    from studio.engine.models.practice import PracticeModel as PracticeModel
    from studio.engine.script import Result as Result
    from studio.engine.script import console as console
    from studio.engine.script import run as run
    from studio.engine.script import stream as stream
    from studio.engine.teams.follow_edges import FollowEdges as FollowEdges
    from studio.engine.teams.manual import Manual as Manual
    from studio.engine.teams.model_choice import ModelChoice as ModelChoice
    from studio.engine.teams.random_choice import RandomChoice as RandomChoice
    from studio.engine.teams.round_robin import RoundRobin as RoundRobin
    from studio.engine.teams.team import Team as Team
    from studio.engine.tools.function import FunctionTool as FunctionTool
    from studio.engine.tools.python_tool import PythonTool as PythonTool

# Names are imported when they are first used: a script pays only for what it names.
_MODULES = {
    "Agent": "agents.agent",
    "AllOf": "conditions.combined",
    "AnyOf": "conditions.combined",
    "Assistant": "agents.assistant",
    "AutoExecutor": "code.auto",
    "CodeRunner": "agents.code_runner",
    "DockerExecutor": "code.docker_executor",
    "FollowEdges": "teams.follow_edges",
    "FunctionTool": "tools.function",
    "HandOffTo": "conditions.hand_off",
    "Human": "agents.human",
    "LocalExecutor": "code.local",
    "Manual": "teams.manual",
    "MaxMessages": "conditions.max_messages",
    "MaxTurns": "conditions.max_turns",
    "ModelChoice": "teams.model_choice",
    "MoneyLimit": "conditions.money_limit",
    "OpenAIModel": "models.openai_model",
    "PracticeModel": "models.practice",
    "PythonTool": "tools.python_tool",
    "RandomChoice": "teams.random_choice",
    "Result": "script",
    "RoundRobin": "teams.round_robin",
    "Team": "teams.team",
    "TextMention": "conditions.text_mention",
    "TimeLimit": "conditions.time_limit",
    "TokenLimit": "conditions.token_limit",
    "console": "script",
    "run": "script",
    "stream": "script",
}

__all__ = [
    "Agent",
    "AllOf",
    "AnyOf",
    "Assistant",
    "AutoExecutor",
    "CodeRunner",
    "DockerExecutor",
    "FollowEdges",
    "FunctionTool",
    "HandOffTo",
    "Human",
    "LocalExecutor",
    "Manual",
    "MaxMessages",
    "MaxTurns",
    "ModelChoice",
    "MoneyLimit",
    "OpenAIModel",
    "PracticeModel",
    "PythonTool",
    "RandomChoice",
    "Result",
    "RoundRobin",
    "Team",
    "TextMention",
    "TimeLimit",
    "TokenLimit",
    "console",
    "run",
    "stream",
]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'studio.engine' has no attribute {name!r}")
    return getattr(import_module(f"studio.engine.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
