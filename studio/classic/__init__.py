"""The vocabulary of AutoGen 0.2 over our engine: scripts written against it run when only the import changes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.classic.agent_builder import AgentBuilder as AgentBuilder
    from studio.classic.agent_state import UpdateSystemMessage as UpdateSystemMessage
    from studio.classic.cache import AbstractCache as AbstractCache
    from studio.classic.cache import Cache as Cache
    from studio.classic.chat_rows import a_initiate_chats as a_initiate_chats
    from studio.classic.chat_rows import initiate_chats as initiate_chats
    from studio.classic.config_lists import config_list_from_dotenv as config_list_from_dotenv
    from studio.classic.config_lists import config_list_from_json as config_list_from_json
    from studio.classic.config_lists import config_list_from_models as config_list_from_models
    from studio.classic.config_lists import config_list_gpt4_gpt35 as config_list_gpt4_gpt35
    from studio.classic.config_lists import config_list_openai_aoai as config_list_openai_aoai
    from studio.classic.config_lists import filter_config as filter_config
    from studio.classic.config_lists import get_config_list as get_config_list
    from studio.classic.conversable import ConversableAgent as ConversableAgent
    from studio.classic.group_chat import GroupChat as GroupChat
    from studio.classic.group_chat import NoEligibleSpeaker as NoEligibleSpeaker
    from studio.classic.group_manager import GroupChatManager as GroupChatManager
    from studio.classic.llm_config import LLMConfig as LLMConfig
    from studio.classic.pattern_chat import a_initiate_group_chat as a_initiate_group_chat
    from studio.classic.pattern_chat import a_run_group_chat as a_run_group_chat
    from studio.classic.pattern_chat import initiate_group_chat as initiate_group_chat
    from studio.classic.pattern_chat import run_group_chat as run_group_chat
    from studio.classic.ready_agents import AssistantAgent as AssistantAgent
    from studio.classic.ready_agents import UserProxyAgent as UserProxyAgent
    from studio.classic.results import ChatResult as ChatResult
    from studio.classic.speaker import Agent as Agent
    from studio.classic.swarm import AfterWork as AfterWork
    from studio.classic.swarm import AfterWorkOption as AfterWorkOption
    from studio.classic.swarm import SwarmAgent as SwarmAgent
    from studio.classic.swarm import SwarmResult as SwarmResult
    from studio.classic.swarm import a_initiate_swarm_chat as a_initiate_swarm_chat
    from studio.classic.swarm import a_run_swarm as a_run_swarm
    from studio.classic.swarm import initiate_swarm_chat as initiate_swarm_chat
    from studio.classic.swarm import register_hand_off as register_hand_off
    from studio.classic.swarm import run_swarm as run_swarm
    from studio.classic.tool_replies import register_function as register_function
    from studio.classic.usage_summary import gather_usage_summary as gather_usage_summary
    from studio.classic.wrapper import OpenAIWrapper as OpenAIWrapper

# Names are imported when they are first used: a script pays only for what it names.
_MODULES = {
    "AbstractCache": "cache",
    "AfterWork": "swarm",
    "AfterWorkOption": "swarm",
    "Agent": "speaker",
    "AgentBuilder": "agent_builder",
    "AssistantAgent": "ready_agents",
    "Cache": "cache",
    "ChatResult": "results",
    "ConversableAgent": "conversable",
    "GroupChat": "group_chat",
    "GroupChatManager": "group_manager",
    "LLMConfig": "llm_config",
    "NoEligibleSpeaker": "group_chat",
    "OpenAIWrapper": "wrapper",
    "SwarmAgent": "swarm",
    "SwarmResult": "swarm",
    "UpdateSystemMessage": "agent_state",
    "UserProxyAgent": "ready_agents",
    "a_initiate_chats": "chat_rows",
    "a_initiate_group_chat": "pattern_chat",
    "a_initiate_swarm_chat": "swarm",
    "a_run_group_chat": "pattern_chat",
    "a_run_swarm": "swarm",
    "config_list_from_dotenv": "config_lists",
    "config_list_from_json": "config_lists",
    "config_list_from_models": "config_lists",
    "config_list_gpt4_gpt35": "config_lists",
    "config_list_openai_aoai": "config_lists",
    "filter_config": "config_lists",
    "gather_usage_summary": "usage_summary",
    "get_config_list": "config_lists",
    "initiate_chats": "chat_rows",
    "initiate_group_chat": "pattern_chat",
    "initiate_swarm_chat": "swarm",
    "register_function": "tool_replies",
    "register_hand_off": "swarm",
    "run_group_chat": "pattern_chat",
    "run_swarm": "swarm",
}

# Modules that scripts reach through the package, as `autogen.coding.LocalCommandLineCodeExecutor`.
_ROOMS = ("agentchat", "agents", "cache", "code_utils", "coding", "io", "oai")

__all__ = [
    "AbstractCache",
    "AfterWork",
    "AfterWorkOption",
    "Agent",
    "AgentBuilder",
    "AssistantAgent",
    "Cache",
    "ChatResult",
    "ConversableAgent",
    "GroupChat",
    "GroupChatManager",
    "LLMConfig",
    "NoEligibleSpeaker",
    "OpenAIWrapper",
    "SwarmAgent",
    "SwarmResult",
    "UpdateSystemMessage",
    "UserProxyAgent",
    "a_initiate_chats",
    "a_initiate_group_chat",
    "a_initiate_swarm_chat",
    "a_run_group_chat",
    "a_run_swarm",
    "config_list_from_dotenv",
    "config_list_from_json",
    "config_list_from_models",
    "config_list_gpt4_gpt35",
    "config_list_openai_aoai",
    "filter_config",
    "gather_usage_summary",
    "get_config_list",
    "initiate_chats",
    "initiate_group_chat",
    "initiate_swarm_chat",
    "register_function",
    "register_hand_off",
    "run_group_chat",
    "run_swarm",
]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"studio.classic.{name}")
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'studio.classic' has no attribute {name!r}")
    return getattr(import_module(f"studio.classic.{module}"), name)


def __dir__() -> list[str]:
    return sorted((*__all__, *_ROOMS))
