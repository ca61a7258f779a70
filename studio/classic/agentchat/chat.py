"""Chats in rows under the address that longer imports use."""

from studio.classic.chat_rows import a_initiate_chats, initiate_chats
from studio.classic.results import ChatResult

__all__ = ["ChatResult", "a_initiate_chats", "initiate_chats"]
