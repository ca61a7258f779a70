"""Showing a stream in the terminal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

from studio.engine.agentchat.base import Response, TaskResult
from studio.engine.agentchat.core.models import RequestUsage
from studio.engine.agentchat.messages import ModelClientStreamingChunkEvent, UserInputRequestedEvent


class UserInputManager:
    """Lets an input function wait until the stream has shown everything that was said before the question."""

    def __init__(self, callback: Callable[..., Any]) -> None:
        self.callback = callback
        self.input_events: dict[str, asyncio.Event] = {}

    def get_wrapped_callback(self) -> Callable[..., Any]:
        """The input function for a UserProxyAgent."""
        from studio.engine.agentchat.agents.assistant import called
        from studio.engine.agentchat.agents.user_proxy import UserProxyAgent, _takes_token

        async def wrapped(prompt: str, cancellation_token: Any = None) -> str:
            shown = self.input_events.setdefault(UserProxyAgent.InputRequestContext.request_id(), asyncio.Event())
            await shown.wait()
            if asyncio.iscoroutinefunction(self.callback):
                arguments = (prompt, cancellation_token) if _takes_token(self.callback) else (prompt,)
                return str(await called(self.callback, *arguments))
            return str(await asyncio.to_thread(self.callback, prompt))

        return wrapped

    def notify_event_received(self, request_id: str) -> None:
        self.input_events.setdefault(request_id, asyncio.Event()).set()


def _rule(title: str) -> str:
    return f"{'-' * 10} {title} {'-' * 10}"


async def Console(
    stream: AsyncGenerator[Any],
    *,
    no_inline_images: bool = False,
    output_stats: bool = False,
    user_input_manager: UserInputManager | None = None,
) -> Any:
    """Print a stream as it comes; gives the TaskResult or the Response at its end. Raises ValueError when there is none."""
    began, used = time.monotonic(), RequestUsage(prompt_tokens=0, completion_tokens=0)
    result: Any = None
    speaking = False
    async for each in stream:
        if isinstance(each, TaskResult):
            result = each
            if output_stats:
                facts = (f"Number of messages: {len(each.messages)}", f"Finish reason: {each.stop_reason}")
                print("\n".join([_rule("Summary"), *facts, *_spent(used, began)]), flush=True)
            continue
        if isinstance(each, UserInputRequestedEvent):
            if user_input_manager is not None:
                user_input_manager.notify_event_received(each.request_id)
            continue
        message = each.chat_message if isinstance(each, Response) else each
        if isinstance(message, ModelClientStreamingChunkEvent):
            if not speaking:
                print(_rule(f"{type(message).__name__} ({message.source})"), flush=True)
            print(message.content, end="", flush=True)
            speaking = True
            continue
        if speaking:
            print(flush=True)
        else:
            title = message.source if isinstance(each, Response) else f"{type(message).__name__} ({message.source})"
            print(f"{_rule(title)}\n{message.to_text()}", flush=True)
        speaking = False
        if message.models_usage is not None:
            used = used + message.models_usage
            if output_stats:
                spent = message.models_usage
                print(f"[Prompt tokens: {spent.prompt_tokens}, Completion tokens: {spent.completion_tokens}]", flush=True)
        if isinstance(each, Response):
            result = each
            if output_stats:
                inner = f"Number of inner messages: {len(each.inner_messages or ())}"
                print("\n".join([_rule("Summary"), inner, *_spent(used, began)]), flush=True)
    if result is None:
        raise ValueError("No TaskResult or Response was processed.")
    return result


def _spent(used: RequestUsage, began: float) -> list[str]:
    return [
        f"Total prompt tokens: {used.prompt_tokens}",
        f"Total completion tokens: {used.completion_tokens}",
        f"Duration: {time.monotonic() - began:.2f} seconds",
    ]
