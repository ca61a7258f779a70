"""Groups under the address that longer imports use."""

from studio.classic.group_chat import GroupChat, NoEligibleSpeaker
from studio.classic.group_manager import GroupChatManager

__all__ = ["GroupChat", "GroupChatManager", "NoEligibleSpeaker"]
