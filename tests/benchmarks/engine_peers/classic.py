"""AutoGen 0.2 and AG2 0.14, which share their names: conversable agents and group chats, through their async calls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from workload import SYSTEM, TASK, WARMING_UP, main


def _model(base_url: str, model: str) -> dict[str, Any]:
    # Without a price AutoGen 0.2 complains at every call that it knows none for this model.
    return {"config_list": [{"model": model, "api_key": "k", "base_url": base_url, "price": [0, 0]}], "cache_seed": None}


def _people(agents: Sequence[str], model: dict[str, Any]) -> list[Any]:
    from autogen import AssistantAgent

    return [
        AssistantAgent(name, system_message=SYSTEM, description="Takes part.", llm_config=model, max_consecutive_auto_reply=10_000)
        for name in agents
    ]


def _enough_threads() -> None:
    """Their models are asked in threads, of which asyncio offers a handful: with those, conversations at once would wait for each other."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(100))


async def talk(base_url: str, agents: Sequence[str], turns: int) -> int:
    if turns <= WARMING_UP:
        _enough_threads()
    people = _people(agents, _model(base_url, "talker"))
    if len(agents) > 2:
        return await _group(people, "round_robin", False, turns)
    first, second = people
    result = await second.a_initiate_chat(first, message=TASK, max_turns=turns // 2 + 1, silent=True, summary_method=None)
    return len(result.chat_history) - 1


async def chosen(base_url: str, agents: Sequence[str], turns: int) -> int:
    return await _group(_people(agents, _model(base_url, "talker")), "auto", _model(base_url, "chooser"), turns)


async def _group(people: list[Any], method: str, model: Any, turns: int) -> int:
    from autogen import GroupChat, GroupChatManager, UserProxyAgent

    # The task comes from somebody who is not in the group; it counts as the first round.
    chat = GroupChat(people, [], max_round=turns + 1, speaker_selection_method=method, allow_repeat_speaker=True)
    manager = GroupChatManager(chat, llm_config=model, silent=True)
    asker = UserProxyAgent("asker", human_input_mode="NEVER", code_execution_config=False)
    await asker.a_initiate_chat(manager, message=TASK, silent=True, summary_method=None)
    return len(chat.messages) - 1


async def alone(agents: Sequence[str], turns: int) -> list[float]:
    from types import SimpleNamespace

    moments: list[float] = []

    class Instant:
        def __init__(self, config: dict[str, Any], **kwargs: Any) -> None:
            pass

        def create(self, params: dict[str, Any]) -> Any:
            moments.append(time.perf_counter())
            message = SimpleNamespace(content="said", function_call=None, tool_calls=None)
            return SimpleNamespace(choices=[SimpleNamespace(message=message)], model="talker", cost=0, config_id=None, pass_filter=True)

        def message_retrieval(self, response: Any) -> list[str]:
            return [choice.message.content for choice in response.choices]

        def cost(self, response: Any) -> float:
            return 0.0

        @staticmethod
        def get_usage(response: Any) -> dict[str, Any]:
            return {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "cost": 0.0, "model": "talker"}

    people = _people(agents, {"config_list": [{"model": "talker", "model_client_cls": "Instant"}], "cache_seed": None})
    for person in people:
        person.register_model_client(model_client_cls=Instant)
    first, second = people
    await second.a_initiate_chat(first, message=TASK, max_turns=turns // 2 + 1, silent=True, summary_method=None)
    return moments[:turns]


if __name__ == "__main__":
    main(globals(), "autogen")
