"""The agent under the address that longer imports use."""

from studio.classic.conversable import ConversableAgent
from studio.classic.tool_replies import register_function

__all__ = ["ConversableAgent", "register_function"]
