"""Starting a conversation between two agents, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from studio.classic.cache import AbstractCache, caching
from studio.classic.carryover import with_carryover
from studio.classic.chat_log import Opened, chat_opened, record
from studio.classic.code_replies import CodeAgent
from studio.classic.loops import Steps, awaited, drive, drive_async, of_function, of_method
from studio.classic.messages import Message, as_message, content_str
from studio.classic.results import ChatResult
from studio.classic.speaker import Agent
from studio.classic.usage_summary import gather_usage_summary
from studio.engine.errors import ModelRefused
from studio.engine.events import Summarised
from studio.engine.usage import NOTHING
from studio.texts import text

SUMMARY_PROMPT = (
    "Say in a few sentences what this conversation has come to. Keep to what was said, add no greeting, and leave out who said it"
    " unless that matters."
)


class ChattingAgent(CodeAgent):
    """An agent that begins conversations."""

    DEFAULT_SUMMARY_METHOD = "last_msg"
    DEFAULT_SUMMARY_PROMPT = SUMMARY_PROMPT

    def initiate_chat(
        self,
        recipient: ChattingAgent,
        clear_history: bool = True,
        silent: bool | None = False,
        cache: AbstractCache | None = None,
        max_turns: int | None = None,
        summary_method: str | Callable[..., Any] | None = DEFAULT_SUMMARY_METHOD,
        summary_args: Mapping[str, Any] | None = None,
        message: Any = None,
        **context: Any,
    ) -> ChatResult:
        """Talk to `recipient` until one of them ends it, or for `max_turns` rounds of a message and its reply.

        `message` is a text, a dictionary, a function of (sender, recipient, context), or None to ask for it; a `carryover`
        is appended to what no function made.
        Raises ModelError when a model cannot answer, AsyncInPlainChat when a reply function is async. The exception's `events` are the log.
        """
        for agent in (self, recipient):
            agent._refuse_async_replies()
        return drive(self._chat(recipient, clear_history, silent, cache, max_turns, summary_method, summary_args, message, context))

    async def a_initiate_chat(
        self,
        recipient: ChattingAgent,
        clear_history: bool = True,
        silent: bool | None = False,
        cache: AbstractCache | None = None,
        max_turns: int | None = None,
        summary_method: str | Callable[..., Any] | None = DEFAULT_SUMMARY_METHOD,
        summary_args: Mapping[str, Any] | None = None,
        message: Any = None,
        **context: Any,
    ) -> ChatResult:
        """The same without holding up the event loop; cancelling it ends what is under way."""
        return await drive_async(
            self._chat(recipient, clear_history, silent, cache, max_turns, summary_method, summary_args, message, context)
        )

    def _chat(
        self,
        recipient: ChattingAgent,
        clear_history: bool,
        silent: bool | None,
        cache: AbstractCache | None,
        max_turns: int | None,
        summary_method: str | Callable[..., Any] | None,
        summary_args: Mapping[str, Any] | None,
        message: Any,
        context: dict[str, Any],
    ) -> Steps[ChatResult]:
        if summary_method not in (None, "last_msg", "reflection_with_llm") and not callable(summary_method):
            raise ValueError(f"summary_method is last_msg, reflection_with_llm or a function, not {summary_method!r}.")
        self._prepare_chat(recipient, clear_history, reply_at_receive=max_turns is None)
        if callable(message):
            first = yield of_function(partial(message, self, recipient, context))
        else:
            first = yield of_method(self.generate_init_message, self.a_generate_init_message, message, **context)
        with caching(cache), chat_opened(self.name, recipient.name, content_str(as_message(first).get("content"))) as opened:
            try:
                yield from self._talk(recipient, first, max_turns, silent)
                summary = yield from self._summarise(recipient, summary_method, dict(summary_args or {}))
            finally:
                for held in opened.take_held():
                    yield awaited(held.let_go)
            opened.reason = "The turns were used up." if max_turns is not None else "The conversation came to its end."
            opened.text = summary if isinstance(summary, str) else ""
        return self._result(recipient, summary, opened)

    def _talk(self, recipient: ChattingAgent, first: Any, max_turns: int | None, silent: bool | None) -> Steps[None]:
        if max_turns is None:
            yield of_method(self.send, self.a_send, first, recipient, silent=silent)
            return
        for turn in range(max_turns):
            said = first
            if turn > 0:
                heard = self._heard[recipient]
                said = yield of_method(self.generate_reply, self.a_generate_reply, messages=heard, sender=recipient)
            if said is None:
                return
            yield of_method(self.send, self.a_send, said, recipient, request_reply=True, silent=silent)

    def _prepare_chat(
        self, recipient: ChattingAgent, clear_history: bool, prepare_recipient: bool = True, reply_at_receive: bool = True
    ) -> None:
        self.reset_consecutive_auto_reply_counter(recipient)
        self.reply_at_receive[recipient] = reply_at_receive
        if clear_history:
            self.clear_history(recipient)
            self._human_input = []
        if prepare_recipient:
            recipient._prepare_chat(self, clear_history, False, reply_at_receive)

    def generate_init_message(self, message: Any, **context: Any) -> Any:
        """The first message of a chat; override it to say something else. None as `message` asks a person."""
        if message is None:
            message = self.get_human_input(text("classic.chat.say_first", agent=self.name))
        return with_carryover(message, context)

    async def a_generate_init_message(self, message: Any, **context: Any) -> Any:
        """The same in an async chat."""
        if message is None:
            message = await self.a_get_human_input(text("classic.chat.say_first", agent=self.name))
        return with_carryover(message, context)

    def _result(self, recipient: ChattingAgent, summary: Any, opened: Opened) -> ChatResult:
        return ChatResult(
            chat_history=self._heard[recipient],
            summary=summary,
            cost=gather_usage_summary([self, recipient]),
            human_input=self._human_input,
            events=opened.events,
        )

    # Summaries --------------------------------------------------------------------------------------------------------------------

    def _summarise(self, recipient: ChattingAgent, method: str | Callable[..., Any] | None, arguments: dict[str, Any]) -> Steps[Any]:
        if method is None:
            return ""
        if callable(method):
            return (yield of_function(partial(method, self, recipient, arguments)))
        if method == "last_msg":
            return _last_words(recipient, self)
        return (yield from self._reflect(recipient, arguments))

    def _reflect(self, recipient: ChattingAgent, arguments: dict[str, Any]) -> Steps[str]:
        """A summary that a model writes: the recipient's, or this agent's when it has none. A model that refuses it gives none."""
        prompt = arguments.get("summary_prompt") or self.DEFAULT_SUMMARY_PROMPT
        if not isinstance(prompt, str):
            raise ValueError("summary_prompt is a text.")
        role = arguments.get("summary_role") or "system"
        writer = recipient if recipient.client is not None else self
        if writer.client is None:
            raise ValueError("A summary of the kind reflection_with_llm needs a model: neither of the two agents has one.")
        messages = [_without_calls(each) for each in recipient.chat_messages_for_summary(self)]
        messages.append({"role": role, "content": prompt})
        try:
            said = yield from writer._from_model(writer.client, messages, "summary")
        except ModelRefused as mistake:
            self._notice(f"There is no summary: {mistake.sentence}", "summary")
            return ""
        about, text = dict(writer._about), content_str(said if isinstance(said, str) else said.get("content"))
        writer._about.clear()
        record(Summarised(source=writer.name, text=text, usage=about.get("usage", NOTHING), model=about.get("model")))
        return text


def _last_words(recipient: Agent, sender: Agent) -> str:
    """What the recipient heard or said last, without the word that ends conversations."""
    try:
        message = recipient.last_message(sender)
    except KeyError:
        return ""
    content = (message or {}).get("content")
    if isinstance(content, str):
        return content.replace("TERMINATE", "")
    return "\n".join(part["text"].replace("TERMINATE", "") for part in content or () if isinstance(part, Mapping) and "text" in part)


def _without_calls(message: Message) -> Message:
    """A message for who only reads: calls and results as texts of the one who sent them."""
    if message.get("role") in ("tool", "function"):
        return {"role": "user", "content": content_str(message.get("content")), "name": message.get("name", "")}
    return {name: value for name, value in message.items() if name not in ("tool_calls", "function_call", "tool_responses")}
