"""Sending, receiving and the chain of functions by which an agent finds its reply."""

from __future__ import annotations

import copy
import inspect
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any

from studio.classic.chat_log import record
from studio.classic.loops import Either, Steps, drive, drive_async, of_function, of_method
from studio.classic.messages import Message, as_message
from studio.classic.speaker import Agent
from studio.engine.errors import ConveneError
from studio.engine.events import Noticed
from studio.texts import text

HOOKS = ("process_last_received_message", "process_all_messages_before_reply", "process_message_before_send")
Said = Mapping[str, Any] | str

_relay: ContextVar[deque[tuple[Any, Any, Any, bool | None]] | None] = ContextVar("_relay", default=None)
"""Replies that the innermost `receive` hands to the outermost to send: a long chat must not nest a call for every message."""


class AsyncInPlainChat(ConveneError, RuntimeError):
    """Scripts catch it as a RuntimeError."""

    code = "async_reply"

    def __init__(self, name: str, function: str) -> None:
        super().__init__(
            text("classic.reply.is_async", agent=name, function=function),
            text("classic.reply.is_async.remedy"),
        )


@dataclass(slots=True)
class ReplyFunction:
    """`twin` is the async form of a function of ours, used instead of it in an async chat."""

    trigger: Any
    function: Callable[..., Any]
    config: Any = None
    first_config: Any = None
    reset_config: Callable[[Any], None] | None = None
    ignore_async: bool = False
    twin: Callable[..., Any] | None = None

    @property
    def is_async(self) -> bool:
        return inspect.iscoroutinefunction(self.function)


class ReplyingAgent(Agent):
    """An agent with a reply chain: the newest function is asked first, until one says that its reply is final."""

    def __init__(self, name: str, system_message: str | Sequence[str] | None, description: str | None, silent: bool | None) -> None:
        super().__init__(name, system_message, description, silent)
        self._replies: list[ReplyFunction] = []
        self._default_auto_reply: Said | None = ""
        self.reply_at_receive: defaultdict[Agent, bool] = defaultdict(bool)
        self.hook_lists: dict[str, list[Callable[..., Any]]] = {name: [] for plain in HOOKS for name in (plain, f"a_{plain}")}

    # Reply functions ------------------------------------------------------------------------------------------------------------

    def register_reply(
        self,
        trigger: Any,
        reply_func: Callable[..., Any],
        position: int = 0,
        config: Any = None,
        reset_config: Callable[[Any], None] | None = None,
        *,
        ignore_async_in_sync_chat: bool = False,
        remove_other_reply_funcs: bool = False,
        twin: Callable[..., Any] | None = None,
    ) -> None:
        """Ask `reply_func(recipient, messages, sender, config) -> (final, reply)` when a message's sender is what `trigger` says.

        A trigger is an agent's class, name or the agent, a function of the sender, None for no sender, or a list of such.
        Raises ValueError for any other.
        """
        _check_trigger(trigger)
        if remove_other_reply_funcs:
            self._replies.clear()
        self._replies.insert(
            position,
            ReplyFunction(trigger, reply_func, copy.copy(config), config, reset_config, ignore_async_in_sync_chat, twin),
        )

    def replace_reply_func(self, old_reply_func: Callable[..., Any], new_reply_func: Callable[..., Any]) -> None:
        """Ask another function wherever the old one was asked."""
        for entry in self._replies:
            if entry.function == old_reply_func or entry.twin == old_reply_func:
                entry.function, entry.twin = new_reply_func, None

    def register_hook(self, hookable_method: str, hook: Callable[..., Any]) -> None:
        """Change messages on their way: the last one received (its content), all before a reply, or each before it is sent.

        The forms that begin with `a_` belong to async chats. Raises ValueError for an unknown method.
        """
        if hookable_method not in self.hook_lists:
            raise ValueError(f"{hookable_method} takes no hooks; these do: {', '.join(self.hook_lists)}.")
        if hookable_method.startswith("a_") and not inspect.iscoroutinefunction(hook):
            raise ValueError(f"A hook of {hookable_method} is an async function.")
        self.hook_lists[hookable_method].append(hook)

    def generate_reply(self, messages: list[Message] | None = None, sender: Agent | None = None, **options: Any) -> Any:
        """The reply to `messages`, or to what `sender` has said: a text, a message, or None to say nothing.

        `exclude` names reply functions that are not asked. Raises ValueError when neither messages nor a sender are given.
        """
        return drive(self._find_reply(messages, sender, options.get("exclude") or (), is_async=False))

    async def a_generate_reply(self, messages: list[Message] | None = None, sender: Agent | None = None, **options: Any) -> Any:
        """The same in an async chat, where async functions are asked too."""
        return await drive_async(self._find_reply(messages, sender, options.get("exclude") or (), is_async=True))

    def _find_reply(self, messages: list[Message] | None, sender: Agent | None, exclude: Sequence[Any], *, is_async: bool) -> Steps[Any]:
        if messages is None:
            if sender is None:
                raise ValueError("A reply needs messages, or the sender whose messages are meant.")
            messages = self._heard[sender]
        token = _relay.set(None)
        try:
            hooks = [self._hook_last, self._hook_all]
            for hook in reversed(hooks) if is_async else hooks:
                messages = yield from hook(messages, is_async=is_async)
            for entry in list(self._replies):
                if entry.function in exclude or not _matches(entry.trigger, sender):
                    continue
                if entry.is_async and not is_async:
                    if not entry.ignore_async:
                        raise AsyncInPlainChat(self.name, entry.function.__name__)
                    continue
                function = partial(entry.function, self, messages=messages, sender=sender, config=entry.config)
                twin = entry.twin and partial(entry.twin, self, messages=messages, sender=sender, config=entry.config)
                final, reply = yield Either(function, twin) if twin is not None else of_function(function)
                if final:
                    return reply
            return self._default_auto_reply
        finally:
            _relay.reset(token)

    def _hook_last(self, messages: list[Message], *, is_async: bool) -> Steps[list[Message]]:
        last = messages[-1] if messages else {}
        content = last.get("content")
        left_alone = not isinstance(content, str) or content == "exit" or any(key in last for key in ("function_call", "context"))
        if left_alone:
            return messages
        new = yield from self._hooked("process_last_received_message", content, is_async)
        return messages if new == content else [*messages[:-1], {**last, "content": new}]

    def _hook_all(self, messages: list[Message], *, is_async: bool) -> Steps[list[Message]]:
        if not messages or not (self.hook_lists[HOOKS[1]] or self.hook_lists[f"a_{HOOKS[1]}"]):
            return messages
        new: list[Message] = yield from self._hooked(HOOKS[1], [dict(each) for each in messages], is_async)
        return new

    def _hooked(self, method: str, value: Any, is_async: bool, *more: Any, **named: Any) -> Steps[Any]:
        for hook in (*self.hook_lists[method], *(self.hook_lists[f"a_{method}"] if is_async else ())):
            sends = method == HOOKS[2]
            step = partial(hook, message=value, **named) if sends else partial(hook, value)
            value = yield of_function(step)
        return value

    # Sending and receiving -------------------------------------------------------------------------------------------------------

    def send(self, message: Said, recipient: Agent, request_reply: bool | None = None, silent: bool | None = False) -> None:
        """Say something to another agent, who replies when `request_reply` is true or unless the chat says otherwise.

        Raises ValueError for a message with neither a content nor a call.
        """
        drive(self._sending(message, recipient, request_reply, silent, is_async=False))

    async def a_send(self, message: Said, recipient: Agent, request_reply: bool | None = None, silent: bool | None = False) -> None:
        """The same in an async chat."""
        await drive_async(self._sending(message, recipient, request_reply, silent, is_async=True))

    def _sending(self, message: Said, recipient: Any, request_reply: bool | None, silent: bool | None, *, is_async: bool) -> Steps[None]:
        message = yield from self._hooked(HOOKS[2], message, is_async, sender=self, recipient=recipient, silent=self._is_silent(silent))
        if not self._keep(message, "assistant", recipient, self):
            raise ValueError(f"{self.name} has nothing to send to {recipient.name}: a message needs a content or a call.")
        self._record_said(message)
        yield of_method(recipient.receive, recipient.a_receive, message, self, request_reply, silent)

    def receive(self, message: Said, sender: Agent, request_reply: bool | None = None, silent: bool | None = False) -> None:
        """Hear a message, and send a reply to it if one is asked for. Raises ValueError for a message that says nothing."""
        drive(self._receiving(message, sender, request_reply, silent))

    async def a_receive(self, message: Said, sender: Agent, request_reply: bool | None = None, silent: bool | None = False) -> None:
        """The same in an async chat."""
        await drive_async(self._receiving(message, sender, request_reply, silent))

    def _receiving(self, message: Said, sender: Agent, request_reply: bool | None, silent: bool | None) -> Steps[None]:
        self._hear(message, sender, silent)
        if request_reply is False or (request_reply is None and not self.reply_at_receive[sender]):
            return
        reply = yield of_method(self.generate_reply, self.a_generate_reply, messages=self._heard[sender], sender=sender)
        if reply is None:
            return
        waiting = _relay.get()
        if waiting is not None:
            waiting.append((self, reply, sender, silent))
            return
        waiting = deque([(self, reply, sender, silent)])
        token = _relay.set(waiting)
        try:
            while waiting:
                speaker, reply, listener, silent = waiting.popleft()
                yield of_method(speaker.send, speaker.a_send, reply, listener, silent=silent)
        finally:
            _relay.reset(token)

    def _hear(self, message: Said, sender: Agent, silent: bool | None) -> None:
        if not self._keep(as_message(message), "user", sender, sender):
            raise ValueError(f"{self.name} received nothing from {sender.name}: a message needs a content or a call.")
        if not self._is_silent(silent):
            self._show_received(message, sender)

    def _notice(self, text: str, code: str) -> None:
        record(Noticed(source=self.name, text=text, code=code))

    def _refuse_async_replies(self) -> None:
        """Raises AsyncInPlainChat when a plain chat would have to pass over a function."""
        for entry in self._replies:
            if entry.is_async and not entry.ignore_async:
                raise AsyncInPlainChat(self.name, entry.function.__name__)


def _check_trigger(trigger: Any) -> None:
    if trigger is None or isinstance(trigger, type | str | Agent) or callable(trigger):
        return
    if isinstance(trigger, list | tuple):
        for each in trigger:
            _check_trigger(each)
        return
    raise ValueError("A trigger is an agent's class, an agent, a name, a function of the sender, None, or a list of these.")


def _matches(trigger: Any, sender: Agent | None) -> bool:
    if trigger is None:
        return sender is None
    if isinstance(trigger, str):
        return sender is not None and sender.name == trigger
    if isinstance(trigger, type):
        return isinstance(sender, trigger)
    if isinstance(trigger, Agent):
        return trigger is sender
    if isinstance(trigger, list | tuple):
        return any(_matches(each, sender) for each in trigger)
    return bool(trigger(sender))
