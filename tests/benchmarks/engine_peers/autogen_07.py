"""AutoGen 0.7: AgentChat's teams over its own OpenAI client, one client for all."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from workload import SYSTEM, TASK, main

_clients: dict[str, Any] = {}


def _client(base_url: str, model: str) -> Any:
    if model not in _clients:
        from autogen_core.models import ModelFamily
        from autogen_ext.models.openai import OpenAIChatCompletionClient

        about = {"vision": False, "function_calling": True, "json_output": True, "family": ModelFamily.GPT_4O, "structured_output": True}
        _clients[model] = OpenAIChatCompletionClient(model=model, api_key="k", base_url=base_url, model_info=about, max_retries=0)
    return _clients[model]


def _people(agents: Sequence[str], client: Any) -> list[Any]:
    from autogen_agentchat.agents import AssistantAgent

    return [AssistantAgent(name, client, description="Takes part.", system_message=SYSTEM) for name in agents]


async def talk(base_url: str, agents: Sequence[str], turns: int) -> int:
    from autogen_agentchat.conditions import MaxMessageTermination
    from autogen_agentchat.teams import RoundRobinGroupChat

    team = RoundRobinGroupChat(_people(agents, _client(base_url, "talker")), termination_condition=MaxMessageTermination(turns + 1))
    return len((await team.run(task=TASK)).messages) - 1


async def chosen(base_url: str, agents: Sequence[str], turns: int) -> int:
    from autogen_agentchat.conditions import MaxMessageTermination
    from autogen_agentchat.teams import SelectorGroupChat

    people = _people(agents, _client(base_url, "talker"))
    team = SelectorGroupChat(
        people, _client(base_url, "chooser"), termination_condition=MaxMessageTermination(turns + 1), allow_repeated_speaker=True
    )
    return len((await team.run(task=TASK)).messages) - 1


async def alone(agents: Sequence[str], turns: int) -> list[float]:
    from autogen_agentchat.conditions import MaxMessageTermination
    from autogen_agentchat.teams import RoundRobinGroupChat
    from autogen_core.models import CreateResult, RequestUsage
    from autogen_ext.models.replay import ReplayChatCompletionClient

    class Instant(ReplayChatCompletionClient):
        async def create(self, *args: Any, **kwargs: Any) -> CreateResult:
            return CreateResult(
                finish_reason="stop", content="said", usage=RequestUsage(prompt_tokens=1, completion_tokens=1), cached=False
            )

    moments = []
    team = RoundRobinGroupChat(_people(agents, Instant(["said"])), termination_condition=MaxMessageTermination(turns + 1))
    async for message in team.run_stream(task=TASK):
        if getattr(message, "source", "user") != "user":
            moments.append(time.perf_counter())
    return moments


if __name__ == "__main__":
    main(globals(), "autogen_agentchat.agents", "autogen_agentchat.teams", "autogen_agentchat.conditions", "autogen_ext.models.openai")
