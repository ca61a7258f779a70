"""The agent of AutoGen 0.2: it talks to one peer at a time, by its model, its functions, its code or a person."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from studio.classic.agent_state import Updates, updating, variables_of
from studio.classic.background import BackgroundAgent
from studio.classic.chat_rows import a_initiate_chats, initiate_chats
from studio.classic.handoffs import Handoffs
from studio.classic.loops import Steps, drive, drive_async, of_method
from studio.classic.messages import Message
from studio.classic.replying import ReplyFunction
from studio.classic.results import ChatResult
from studio.classic.speaker import Agent
from studio.classic.tool_replies import without_variables

if TYPE_CHECKING:
    from studio.classic.guardrails import Guardrail, GuardrailResult

ANYBODY = [Agent, None]


class ConversableAgent(BackgroundAgent):
    """An agent that others can talk to.

    Its reply is the first final one of: the end of the conversation or a person's words, results of functions, results of code, its
    model's answer, `default_auto_reply`. Raises ConfigUnusable or ExecutorUnusable, which are ValueErrors, for settings that are none.
    """

    def __init__(
        self,
        name: str,
        system_message: str | Sequence[str] | None = "You are a helpful assistant.",
        is_termination_msg: Callable[[dict[str, Any]], bool] | None = None,
        max_consecutive_auto_reply: int | None = None,
        human_input_mode: str = "TERMINATE",
        function_map: Mapping[str, Callable[..., Any]] | None = None,
        code_execution_config: Mapping[str, Any] | bool | None = False,
        llm_config: Mapping[str, Any] | bool | None = None,
        default_auto_reply: Any = "",
        description: str | None = None,
        chat_messages: Mapping[Agent, list[Message]] | None = None,
        silent: bool | None = None,
        functions: Sequence[Callable[..., Any]] | Callable[..., Any] = (),
        handoffs: Handoffs | None = None,
        update_agent_state_before_reply: Updates = None,
        context_variables: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(name, system_message, description, silent, is_termination_msg, max_consecutive_auto_reply, human_input_mode)
        for peer, messages in (chat_messages or {}).items():
            self._heard[peer] = messages
        self._default_auto_reply = default_auto_reply
        self._take_llm_config(llm_config)
        self._function_map = {}
        self.register_function(function_map or {})
        self._take_code_config(code_execution_config)
        self.handoffs = handoffs or Handoffs()
        self.context_variables = variables_of(context_variables)
        if (update := updating(self, update_agent_state_before_reply)) is not None:
            self.register_hook("process_all_messages_before_reply", update)
        self.input_guardrails: list[Guardrail] = []
        self.output_guardrails: list[Guardrail] = []
        self.own_functions: dict[str, Callable[..., Any]] = {}
        for function in [functions] if callable(functions) else functions:
            self._offer_own(function)
        own = ConversableAgent
        self.register_reply(ANYBODY, own.generate_oai_reply, twin=own.a_generate_oai_reply)
        if self._code is not None:
            self.register_reply(ANYBODY, own.generate_code_execution_reply, twin=own.a_generate_code_execution_reply)
        self.register_reply(ANYBODY, own.generate_tool_calls_reply, twin=own.a_generate_tool_calls_reply)
        self.register_reply(ANYBODY, own.generate_function_call_reply, twin=own.a_generate_function_call_reply)
        self.register_reply(ANYBODY, own.check_termination_and_human_reply, twin=own.a_check_termination_and_human_reply)

    def _offer_own(self, function: Callable[..., Any]) -> None:
        """A function that this agent's model may call, and that a group runs for it."""
        shown = without_variables(function, lambda *positional, **keywords: function(*positional, **keywords))
        self.register_for_llm(description=inspect.getdoc(function) or shown.__name__)(shown)
        self.own_functions[shown.__name__] = function

    def _user_beside(self, options: Mapping[str, Any]) -> ConversableAgent:
        return ConversableAgent("user", **options)

    def reset(self) -> None:
        """Forget everything that was said, count anew, and put the reply functions' configurations back."""
        self.clear_history()
        self.reset_consecutive_auto_reply_counter()
        self.reply_at_receive.clear()
        if self.client is not None:
            self.client.clear_usage_summary()
        for entry in self._replies:
            if entry.reset_config is not None:
                entry.reset_config(entry.config)
            elif isinstance(entry.first_config, dict | list):
                entry.config = entry.first_config.copy()

    def stop_reply_at_receive(self, sender: Agent | None = None) -> None:
        """Reply to nobody, or not to one, unless a reply is asked for."""
        if sender is None:
            self.reply_at_receive.clear()
        else:
            self.reply_at_receive[sender] = False

    # Guards, which groups by pattern ask ------------------------------------------------------------------------------------------

    def register_input_guardrail(self, guardrail: Guardrail) -> None:
        """Look at what this agent hears before it replies."""
        self.input_guardrails.append(guardrail)

    def register_input_guardrails(self, guardrails: Sequence[Guardrail]) -> None:
        self.input_guardrails.extend(guardrails)

    def register_output_guardrail(self, guardrail: Guardrail) -> None:
        """Look at what this agent is about to say."""
        self.output_guardrails.append(guardrail)

    def register_output_guardrails(self, guardrails: Sequence[Guardrail]) -> None:
        self.output_guardrails.extend(guardrails)

    def run_input_guardrails(self, messages: list[Message] | None = None) -> GuardrailResult | None:
        """What the first guard that fires has found in these messages."""
        from studio.classic.guardrails import fired

        return drive(fired(self.input_guardrails, messages or []))

    def run_output_guardrails(self, reply: str | Mapping[str, Any]) -> GuardrailResult | None:
        """What the first guard that fires has found in this reply."""
        from studio.classic.guardrails import fired

        return drive(fired(self.output_guardrails, reply))

    # Several chats -----------------------------------------------------------------------------------------------------------------

    def initiate_chats(self, chat_queue: Sequence[Mapping[str, Any]]) -> list[ChatResult]:
        """Hold several chats in order; this agent begins those that name no sender."""
        results = self._finished = initiate_chats([{"sender": self, **chat} for chat in chat_queue])
        return results

    async def a_initiate_chats(self, chat_queue: Sequence[Mapping[str, Any]]) -> dict[int, ChatResult]:
        """Hold several chats, each when its prerequisites are over."""
        results = self._finished = await a_initiate_chats([{"sender": self, **chat} for chat in chat_queue])
        return results

    def get_chat_results(self, chat_index: Any = None) -> Any:
        """What the last several chats came to that this agent began or held nested: all, or one of them by its place or id."""
        return self._finished if chat_index is None else self._finished[chat_index]

    _finished: Any = ()

    def register_nested_chats(
        self,
        chat_queue: Sequence[Mapping[str, Any]],
        trigger: Any,
        reply_func_from_nested_chats: str | Callable[..., Any] = "summary_from_nested_chats",
        position: int = 2,
        use_async: bool | None = None,
        **options: Any,
    ) -> None:
        """Reply to those whom `trigger` means with what chats of this agent's own come to: the last one's summary.

        A function as `reply_func_from_nested_chats` is called with (chat_queue, recipient, messages, sender, config). Chats that are
        async have a `chat_id`. Raises ValueError for any other way to reply.
        """
        queue = list(chat_queue)
        if use_async and any("chat_id" not in chat for chat in queue):
            raise ValueError("Chats that are held at the same time need a chat_id each.")
        if callable(reply_func_from_nested_chats):
            made: Callable[..., Any] = reply_func_from_nested_chats

            def reply(recipient: Any, messages: Any = None, sender: Any = None, config: Any = None) -> Any:
                return made(queue, recipient, messages, sender, config)

            self.register_reply(trigger, reply, position, options.get("config"))
            return
        if reply_func_from_nested_chats != "summary_from_nested_chats":
            raise ValueError(f"Nested chats reply by summary_from_nested_chats or a function, not {reply_func_from_nested_chats!r}.")

        def now(recipient: Any, messages: Any = None, sender: Any = None, config: Any = None) -> Any:
            return drive(_nested_reply(queue, recipient, messages, sender, config))

        async def later(recipient: Any, messages: Any = None, sender: Any = None, config: Any = None) -> Any:
            return await drive_async(_nested_reply(queue, recipient, messages, sender, config))

        if use_async:
            self.register_reply(trigger, later, position, options.get("config"), ignore_async_in_sync_chat=True)
        else:
            self.register_reply(trigger, now, position, options.get("config"), twin=later)

    def reply_functions(self) -> list[ReplyFunction]:
        """The reply functions in the order in which they are asked."""
        return list(self._replies)


def _nested_reply(queue: list[Mapping[str, Any]], recipient: Any, messages: Any, sender: Any, config: Any) -> Steps[tuple[bool, Any]]:
    """The first chat takes up what was heard last unless it has a message of its own; others without a message are not held."""
    heard = messages[-1].get("content") if messages else None
    held: list[dict[str, Any]] = []
    for number, chat in enumerate(queue):
        message = chat.get("message")
        if message is None and number == 0:
            message = heard
        if callable(message):
            message = message(recipient, messages, sender, config)
        if message:
            held.append({**chat, "message": message, "sender": chat.get("sender") or recipient})
    if not held:
        return True, None
    results = yield of_method(initiate_chats, _in_order, held)
    recipient._finished = results
    return True, results[-1].summary


async def _in_order(held: list[dict[str, Any]]) -> list[ChatResult]:
    """Async chats by their ids and prerequisites; without ids one after another, as in a plain chat."""
    if all("chat_id" in chat for chat in held):
        results = await a_initiate_chats(held)
        return [results[chat["chat_id"]] for chat in held]
    numbered = [{**chat, "chat_id": number, "prerequisites": list(range(number))} for number, chat in enumerate(held)]
    found = await a_initiate_chats(numbered)
    return [found[number] for number in range(len(held))]
