"""Talking in the background while a script reads along."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from studio.classic.chatting import ChattingAgent
from studio.classic.handoffs import ContextVariables
from studio.classic.messages import content_str
from studio.classic.results import ChatResult

if TYPE_CHECKING:
    from studio.classic.run_response import AsyncRunResponse, RunResponse


class BackgroundAgent(ChattingAgent):
    """An agent that begins conversations and does not wait for their end."""

    context_variables: ContextVariables
    own_functions: dict[str, Callable[..., Any]]

    def _offer_own(self, function: Callable[..., Any]) -> None:
        """A function that this agent's model may call, and that somebody else runs for it."""
        raise NotImplementedError

    def _user_beside(self, options: Mapping[str, Any]) -> Any:
        """Somebody who talks with this agent alone, and runs its functions."""
        raise NotImplementedError

    def run(self, recipient: ChattingAgent | None = None, **chat: Any) -> RunResponse:
        """Talk in the background, with `recipient` or with a user who is made for it; the answer lets a script read along.

        Takes what `initiate_chat` takes; without a recipient also `user_input` (whether a person is asked), `msg_to` ("agent": the
        user begins, or "user"), `tools` (functions for this agent alone) and `executor_kwargs` (what the user is made with).
        """
        from studio.classic.run_response import RunResponse

        sender, recipient, options = self._pair(recipient, chat)

        def hold() -> Any:
            result = sender.initiate_chat(recipient, **options)
            return result, self.context_variables, _last_speaker(result, (self, sender, recipient))

        return RunResponse(hold)

    async def a_run(self, recipient: ChattingAgent | None = None, **chat: Any) -> AsyncRunResponse:
        """The same in a task of the running loop."""
        from studio.classic.run_response import AsyncRunResponse

        sender, recipient, options = self._pair(recipient, chat)

        async def hold() -> Any:
            result = await sender.a_initiate_chat(recipient, **options)
            return result, self.context_variables, _last_speaker(result, (self, sender, recipient))

        return AsyncRunResponse(hold)

    def _pair(self, recipient: ChattingAgent | None, chat: Mapping[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
        """Who begins, with whom, and what the chat is given."""
        options = dict(chat)
        asks, begins = options.pop("user_input", False), options.pop("msg_to", "agent")
        tools, made = options.pop("tools", None) or (), dict(options.pop("executor_kwargs", None) or {})
        if recipient is not None:
            return self, recipient, options
        made = {"is_termination_msg": _says_terminate, "human_input_mode": "ALWAYS" if asks else "NEVER", "llm_config": False, **made}
        user, own = self._user_beside(made), [tools] if callable(tools) else tools
        for function in own:
            self._offer_own(function)
        user.register_function({**self.function_map, **self.own_functions})
        return (user, self, options) if begins == "agent" else (self, user, options)


def _says_terminate(message: Mapping[str, Any]) -> bool:
    return "TERMINATE" in content_str(message.get("content"))


def _last_speaker(result: ChatResult, agents: Sequence[Any]) -> Any:
    """Who said the last words: in a group whoever spoke in it."""
    group = next((speaker for agent in agents if (speaker := getattr(agent, "last_speaker", None)) is not None), None)
    name = result.chat_history[-1].get("name") if result.chat_history else None
    return group or next((agent for agent in agents if agent.name == name), agents[0])
