"""A team that was saved, a cache, and something of the core that is kept."""

import asyncio
import json

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import StopMessageTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core import SingleThreadedAgentRuntime
from autogen_ext.cache_store.diskcache import DiskCacheStore
from autogen_ext.models.cache import ChatCompletionCache
from autogen_ext.models.openai import OpenAIChatCompletionClient
from diskcache import Cache

runtime = SingleThreadedAgentRuntime()
cached = ChatCompletionCache(OpenAIChatCompletionClient(model="gpt-4o"), DiskCacheStore(Cache("cache")))
ann = AssistantAgent("ann", cached, system_message="Be brief.")
team = RoundRobinGroupChat([ann], termination_condition=StopMessageTermination(), runtime=runtime)
SAVED = """{"provider": "autogen_agentchat.teams.RoundRobinGroupChat", "component_type": "team", "version": 1, "component_version": 1,
 "config": {"participants": [{"provider": "autogen_agentchat.agents.AssistantAgent", "component_type": "agent", "version": 1,
 "component_version": 1, "config": {"name": "bob", "description": "Bob", "system_message": "You are Bob.", "model_client":
 {"provider": "autogen_ext.models.openai.OpenAIChatCompletionClient", "component_type": "model", "config": {"model": "gpt-4o"}}}}],
 "max_turns": 2}}"""


async def main():
    await team.load_state(json.load(open("state.json")))
    await team.run(task="Say hello.")
    saved = RoundRobinGroupChat.load_component(json.loads(SAVED))
    await saved.run(task="Who are you?")


asyncio.run(main())
