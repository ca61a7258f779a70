"""The agents under the address that longer imports use."""

from studio.classic.agent_state import UpdateSystemMessage
from studio.classic.chat_rows import a_initiate_chats, initiate_chats
from studio.classic.conversable import ConversableAgent
from studio.classic.group_chat import GroupChat
from studio.classic.group_manager import GroupChatManager
from studio.classic.pattern_chat import a_initiate_group_chat, a_run_group_chat, initiate_group_chat, run_group_chat
from studio.classic.ready_agents import AssistantAgent, UserProxyAgent
from studio.classic.results import ChatResult
from studio.classic.speaker import Agent
from studio.classic.swarm import a_initiate_swarm_chat, a_run_swarm, initiate_swarm_chat, run_swarm
from studio.classic.tool_replies import register_function
from studio.classic.usage_summary import gather_usage_summary

__all__ = [
    "Agent",
    "AssistantAgent",
    "ChatResult",
    "ConversableAgent",
    "GroupChat",
    "GroupChatManager",
    "UpdateSystemMessage",
    "UserProxyAgent",
    "a_initiate_chats",
    "a_initiate_group_chat",
    "a_initiate_swarm_chat",
    "a_run_group_chat",
    "a_run_swarm",
    "gather_usage_summary",
    "initiate_chats",
    "initiate_group_chat",
    "initiate_swarm_chat",
    "register_function",
    "run_group_chat",
    "run_swarm",
]
