"""A group chat that speaks as one agent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from studio.classic.conversable import ANYBODY, ConversableAgent
from studio.classic.group_manager import GroupChatManager
from studio.classic.loops import Steps, awaited, drive, drive_async, of_function, of_method
from studio.classic.messages import Message, content_str
from studio.classic.speaker import Agent

PROMPT = "Answer what was asked at the beginning by itself, from what this conversation came to, and do not mention the conversation."
_TRANSCRIPT = "You were asked for something, and others worked on it with you. This is what was said."


class SocietyOfMindAgent(ConversableAgent):
    """Lets its group talk about what it hears, and says what came of it.

    `response_preparer` is a function of (agent, messages) or the words by which its model is asked; without either, the
    model's own summary is said, or the last message where there is no model.
    """

    def __init__(
        self,
        name: str,
        chat_manager: GroupChatManager,
        response_preparer: str | Callable[..., Any] | None = None,
        is_termination_msg: Callable[[dict[str, Any]], bool] | None = None,
        max_consecutive_auto_reply: int | None = None,
        human_input_mode: str = "TERMINATE",
        function_map: Mapping[str, Callable[..., Any]] | None = None,
        code_execution_config: Mapping[str, Any] | bool | None = False,
        llm_config: Mapping[str, Any] | bool | None = False,
        default_auto_reply: Any = "",
        **options: Any,
    ) -> None:
        super().__init__(
            name,
            "",
            is_termination_msg,
            max_consecutive_auto_reply,
            human_input_mode,
            function_map,
            code_execution_config,
            llm_config,
            default_auto_reply,
            **options,
        )
        self._chat_manager = chat_manager
        self.response_preparer = response_preparer or (PROMPT if self.client is not None else _last_words)
        own = SocietyOfMindAgent
        self._replies = [entry for entry in self._replies if entry.function is not ConversableAgent.generate_oai_reply]
        self.register_reply(ANYBODY, own.generate_inner_monologue_reply, len(self._replies), twin=own.a_generate_inner_monologue_reply)

    @property
    def chat_manager(self) -> GroupChatManager:
        return self._chat_manager

    def update_chat_manager(self, chat_manager: GroupChatManager) -> None:
        """Let another group talk."""
        self._chat_manager = chat_manager

    def generate_inner_monologue_reply(
        self, messages: list[Message] | None = None, sender: Agent | None = None, config: Any = None
    ) -> tuple[bool, Any]:
        """What the group makes of what was heard. Raises what its chat raises."""
        return drive(self._inner(messages, sender))

    async def a_generate_inner_monologue_reply(
        self, messages: list[Message] | None = None, sender: Agent | None = None, config: Any = None
    ) -> tuple[bool, Any]:
        """The same in an async chat."""
        return await drive_async(self._inner(messages, sender))

    def _inner(self, messages: list[Message] | None, sender: Agent | None) -> Steps[tuple[bool, Any]]:
        heard = list(messages if messages is not None else self._heard[sender] if sender is not None else ())
        if not heard:
            return False, None
        manager, group = self._chat_manager, self._chat_manager.groupchat
        manager.reset()
        for agent in group.agents:
            agent.reset()
            for message in heard[:-1]:
                whose = self.name if message.get("role") == "assistant" else sender.name if sender is not None else "user"
                said = {"name": whose, **message}
                yield of_method(manager.send, manager.a_send, said, agent, request_reply=False, silent=True)
        yield of_method(self.initiate_chat, self.a_initiate_chat, manager, message=heard[-1], clear_history=False)
        if callable(self.response_preparer):
            reply = yield of_function(partial(self.response_preparer, self, group.messages))
            return True, reply
        answer = yield awaited(partial(self._summed_up, self.response_preparer, group.messages))
        return True, answer

    async def _summed_up(self, prompt: str, messages: list[Message]) -> str:
        told = [{"role": "user", "name": message.get("name", ""), "content": text} for message in messages if (text := _words(message))]
        asked = [{"role": "system", "content": _TRANSCRIPT}, *told, {"role": "user", "content": prompt}]
        assert self.client is not None
        answer = await self.client.a_create(messages=asked, agent=self, purpose="summary")
        return str(answer.choices[0].message.content or "")


def _words(message: Message) -> str:
    called = message.get("function_call") or {}
    return content_str(message.get("content")) or (f"{called.get('name')}({called.get('arguments')})" if called else "")


def _last_words(agent: SocietyOfMindAgent, messages: list[Message]) -> str:
    return content_str(messages[-1].get("content")).replace("TERMINATE", "").strip() if messages else ""
