"""Groups by pattern, under the address that AG2's imports use."""

from studio.classic.pattern_chat import a_initiate_group_chat, a_run_group_chat, initiate_group_chat, run_group_chat

__all__ = ["a_initiate_group_chat", "a_run_group_chat", "initiate_group_chat", "run_group_chat"]
