"""The reply of an agent's model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.classic.cache import AbstractCache
from studio.classic.llm_config import LLMConfig
from studio.classic.loops import Steps, awaited, drive, drive_async
from studio.classic.messages import Message
from studio.classic.model_configs import ConfigUnusable
from studio.classic.speaker import Agent
from studio.classic.tool_replies import ToolsAgent
from studio.classic.usage_summary import Summary
from studio.classic.wrapper import OpenAIWrapper
from studio.engine.usage import NOTHING
from studio.texts import text


class ModelAgent(ToolsAgent):
    """An agent that may have a model."""

    DEFAULT_CONFIG: Any = False
    client: OpenAIWrapper | None
    client_cache: AbstractCache | None

    def _take_llm_config(self, llm_config: Mapping[str, Any] | bool | None) -> None:
        """Raises ConfigUnusable when a configuration is none."""
        if llm_config is None:
            current = LLMConfig.current()
            llm_config = self.DEFAULT_CONFIG if current is None else current
        if llm_config is True or not isinstance(llm_config, Mapping | bool):
            raise ConfigUnusable(text("classic.model.no_config", agent=self.name))
        self.llm_config = _copied(llm_config)
        self.client = None
        self.client_cache = None
        self._renew_client()

    def _renew_client(self) -> None:
        """A client for the configuration as it is now; what was spent so far stays counted."""
        if self.llm_config is False:
            self.client = None
            return
        before, self.client = self.client, OpenAIWrapper(**self.llm_config)
        if before is not None:
            self.client.go_on_from(before)

    def register_model_client(self, model_client_cls: Any, **arguments: Any) -> None:
        """Make the client of the entry whose `model_client_cls` has this class's name. Raises ConfigUnusable."""
        if self.client is None:
            raise ConfigUnusable(text("classic.model.none", agent=self.name))
        self.client.register_model_client(model_client_cls, **arguments)

    def generate_oai_reply(
        self, messages: list[Message] | None = None, sender: Agent | None = None, config: OpenAIWrapper | None = None
    ) -> tuple[bool, Any]:
        """What the model says to the conversation: a text, or a message with calls. (False, None) without a model."""
        return drive(self._ask_model(messages, sender, config))

    async def a_generate_oai_reply(
        self, messages: list[Message] | None = None, sender: Agent | None = None, config: OpenAIWrapper | None = None
    ) -> tuple[bool, Any]:
        """The same in an async chat."""
        return await drive_async(self._ask_model(messages, sender, config))

    def _ask_model(self, messages: list[Message] | None, sender: Agent | None, config: OpenAIWrapper | None) -> Steps[tuple[bool, Any]]:
        client = self.client if config is None else config
        if client is None:
            return False, None
        if messages is None:
            messages = self._heard[sender] if sender is not None else []
        reply = yield from self._from_model(client, [*(self._system if self.system_message else ()), *messages], "reply")
        return (False, None) if reply is None else (True, reply)

    def _from_model(self, client: OpenAIWrapper, messages: list[Message], purpose: str) -> Steps[Any]:
        """The answer of a client. Its model and cost are told to the log with what is said next."""
        context = messages[-1].get("context") if messages else None
        asked: dict[str, Any] = {"messages": messages, "agent": self, "purpose": purpose, "cache": self.client_cache}
        if context is not None:
            asked["context"] = context
        response = yield awaited(lambda: client.a_create(**asked))
        self._about.update(usage=getattr(response, "spent", NOTHING), model=getattr(response, "model", None))
        if getattr(response, "cached", False):
            self._about["usage"] = NOTHING
        if reasoning := getattr(response, "reasoning", ""):
            self._about["reasoning"] = reasoning
        if (own := getattr(response, "message_retrieval_function", None)) is not None:
            said = own(response)[0]
        else:
            said = client.extract_text_or_completion_object(response)[0]
        return said if isinstance(said, str | dict) else said.model_dump()

    # What it cost ------------------------------------------------------------------------------------------------------------------

    def get_actual_usage(self) -> Summary | None:
        """What was spent, without the answers that a cache gave; None when no model was asked."""
        return None if self.client is None else self.client.actual_usage_summary

    def get_total_usage(self) -> Summary | None:
        """The same with the answers that a cache gave."""
        return None if self.client is None else self.client.total_usage_summary

    def print_usage_summary(self, mode: str | list[str] = "both") -> None:
        """Print both, or one of: actual, total."""
        from studio.classic.io import show

        show(f"\n{self.name}")
        if self.client is None:
            show("No model was asked.")
        else:
            self.client.print_usage_summary(mode)


def _copied(config: Any) -> Any:
    """Lists and dictionaries anew, what they hold as it is: agents that share a configuration must not share their tools."""
    if isinstance(config, Mapping):
        return {name: value if name in ("context", "http_client") else _copied(value) for name, value in config.items()}
    return [_copied(value) for value in config] if isinstance(config, list) else config
