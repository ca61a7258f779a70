"""AgentChat's agents, as `autogen_agentchat.agents` has them."""

from studio.engine.agentchat.agents.assistant import AssistantAgent
from studio.engine.agentchat.agents.chat_agent import BaseChatAgent
from studio.engine.agentchat.agents.code_executor import ApprovalFuncType, ApprovalRequest, ApprovalResponse, CodeExecutorAgent
from studio.engine.agentchat.agents.user_proxy import UserProxyAgent
from studio.engine.agentchat.agents.within import MessageFilterAgent, MessageFilterConfig, PerSourceFilter, SocietyOfMindAgent

__all__ = [
    "ApprovalFuncType",
    "ApprovalRequest",
    "ApprovalResponse",
    "AssistantAgent",
    "BaseChatAgent",
    "CodeExecutorAgent",
    "MessageFilterAgent",
    "MessageFilterConfig",
    "PerSourceFilter",
    "SocietyOfMindAgent",
    "UserProxyAgent",
]
