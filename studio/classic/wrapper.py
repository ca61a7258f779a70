"""Asking the models of a config_list: the next one on an error or an answer that is filtered out, answers remembered, costs counted."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.classic.cache import AbstractCache, cache_of_chat, disk_cache
from studio.classic.chat_log import hold, record
from studio.classic.completions import Completion
from studio.classic.loops import call
from studio.classic.messages import Message, View, split_system
from studio.classic.model_configs import Config, ConfigUnusable, OneAccount, account_of, answer_schema, model_of, prices_of
from studio.classic.usage_summary import Summary, added, printed
from studio.engine.errors import ModelError, ModelUnavailable
from studio.engine.events import Noticed
from studio.engine.models.base import ModelClient, ModelReply, ModelRequest, Retrying, Told, ToolSchema
from studio.texts import text

DEFAULT_SEED = 41
"""The seed of the cache where a configuration names none; None as a seed remembers nothing."""

MOST_VIEWS = 32
"""Conversations whose messages are kept as events for the next turn."""


@dataclass(slots=True, eq=False)
class _Open:
    """A client in use: held while a chat goes on, or for one question. The engine shares its connections and closes them a little later."""

    client: ModelClient
    busy: int = 0

    async def __aenter__(self) -> ModelClient:
        self.busy += 1
        return self.client

    async def __aexit__(self, *_: object) -> None:
        self.busy -= 1
        if not hold(self):
            await self.let_go()

    async def let_go(self) -> None:
        """Whoever is still asking lets go at the end of its own chat."""
        if not self.busy:
            await self.client.close()


class OpenAIWrapper:
    """`OpenAIWrapper(config_list=[…], temperature=0)` or `OpenAIWrapper(model=…)`; `create(messages=…)` answers.

    Raises ConfigUnusable, a ValueError, when a configuration names no model or has a value out of bounds.
    """

    def __init__(self, *, config_list: Sequence[Mapping[str, Any]] | None = None, **base: Any) -> None:
        entries = [dict(entry) for entry in config_list] if config_list else [{}]
        self._configs: list[Config] = [{**base, **entry} for entry in entries]
        for number, config in enumerate(self._configs):
            if not config.get("model") and not config.get("azure_deployment") and "model_client_cls" not in config:
                raise ConfigUnusable(
                    text("classic.model.entry_nameless", number=number + 1),
                    text("classic.model.entry_nameless.remedy"),
                )
            if not config.get("model") and config.get("azure_deployment"):
                config["model"] = config["azure_deployment"]
            if "model_client_cls" not in config:
                model_of(config)
                prices_of(config)
        self.actual_usage_summary: Summary | None = None
        self.total_usage_summary: Summary | None = None
        self._own: dict[int, Any] = {}
        self._clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, _Open]] = weakref.WeakKeyDictionary()
        self._views: OrderedDict[tuple[str, str], View] = OrderedDict()
        self._asked = 0

    # What scripts call -----------------------------------------------------------------------------------------------------

    def create(self, **config: Any) -> Any:
        """The answer to `messages`; any argument of a configuration may be given for this call. Raises ModelError."""
        return call(self.a_create(**config))

    async def a_create(self, **given: Any) -> Any:
        agent, purpose = given.pop("agent", None), given.pop("purpose", "reply")
        choices: Sequence[str] = given.pop("choices", ())
        cache: AbstractCache | None = given.pop("cache", None) or cache_of_chat()
        if purpose == "selection":  # the same words may need another speaker
            cache, given["cache_seed"] = None, None
        last = len(self._configs) - 1
        for number, base in enumerate(self._configs):
            config = {**base, **given}
            config["messages"] = [instantiate_message(message, config) for message in config.get("messages") or ()]
            try:
                answer = await self._answer(number, config, cache, str(getattr(agent, "name", agent) or "assistant"), purpose, choices)
            except ModelError as failure:
                if number == last:
                    raise
                self._go_on(agent, f"{failure.sentence} Asking {self._configs[number + 1].get('model')} instead.")
                continue
            answer.config_id = number
            passes = self._passes(config, answer)
            answer.pass_filter = passes
            if passes or number == last:
                return answer
            self._go_on(agent, f"{config.get('model')}'s answer was filtered out. Asking {self._configs[number + 1].get('model')} instead.")
        raise AssertionError("a config_list has at least one entry")

    @staticmethod
    def extract_text_or_completion_object(response: Any) -> list[Any]:
        """The text of each choice, or its message when it calls something."""
        said = [choice.message for choice in response.choices]
        return [
            message
            if getattr(message, "tool_calls", None) or getattr(message, "function_call", None)
            else (getattr(message, "content", "") or "")
            for message in said
        ]

    def register_model_client(self, model_client_cls: Callable[..., Any], **arguments: Any) -> None:
        """Make the client of the first entry whose `model_client_cls` has this class's name. Raises ConfigUnusable when there is none.

        Such a client has create(params), message_retrieval(response), cost(response) and get_usage(response), all plain functions.
        """
        name = getattr(model_client_cls, "__name__", str(model_client_cls))
        for number, config in enumerate(self._configs):
            if config.get("model_client_cls") == name and number not in self._own:
                self._own[number] = model_client_cls(dict(config), **arguments)
                return
        raise ConfigUnusable(
            text("classic.model.client_unawaited", client=name), text("classic.model.client_unawaited.remedy", client=name)
        )

    def print_usage_summary(self, mode: str | Sequence[str] = ("actual", "total")) -> None:
        """Print what was spent (actual) and what would have been without a cache (total)."""
        wanted = (mode,) if isinstance(mode, str) and mode != "both" else ("actual", "total") if isinstance(mode, str) else mode
        printed({"actual": self.actual_usage_summary, "total": self.total_usage_summary}, wanted)

    def go_on_from(self, before: OpenAIWrapper) -> None:
        """Count on from another wrapper, whose configuration changed, and keep its clients of one's own."""
        self.actual_usage_summary, self.total_usage_summary = before.actual_usage_summary, before.total_usage_summary
        self._own = before._own

    def clear_usage_summary(self) -> None:
        self.actual_usage_summary = self.total_usage_summary = None

    # One entry --------------------------------------------------------------------------------------------------------------

    async def _answer(
        self, number: int, config: Config, cache: AbstractCache | None, agent: str, purpose: str, choices: Sequence[str]
    ) -> Any:
        if "model_client_cls" in config:
            return await self._ask_own(number, config)
        seed = config.get("cache_seed", DEFAULT_SEED)
        store = cache if cache is not None else disk_cache(seed) if seed is not None else None
        key = _key(config, choices) if store is not None else ""
        if store is not None and (kept := store.get(key)) is not None:
            try:
                answer = Completion.from_json(kept)
            except (ValueError, KeyError, TypeError):
                pass
            else:
                self._count(answer, remembered=True)
                return answer
        reply = await self._ask(config, agent, purpose, choices)
        answer = Completion.of(reply, legacy=bool(config.get("functions")) and not config.get("tools"))
        cost = prices_of(config).cost(reply.model or str(config["model"]), *_tokens(reply))
        answer.cost = cost or 0.0
        answer.spent = reply.usage.model_copy(update={"cost": cost})
        if store is not None:
            store.set(key, answer.to_json())
        self._count(answer, remembered=False)
        return answer

    async def _ask(self, config: Config, agent: str, purpose: str, choices: Sequence[str]) -> ModelReply:
        system, messages = split_system(config["messages"])
        self._asked += 1
        request = ModelRequest(
            agent=agent,
            system=system,
            thread=self._view(agent, purpose, messages),
            tools=tools_of(config),
            choices=tuple(choices),
            schema=answer_schema(config),
            purpose=purpose,  # type: ignore[arg-type]
            earlier_calls=self._asked,
        )
        reply: ModelReply | None = None
        opened = self._client(config)
        async with opened as client, contextlib.aclosing(client.stream(request)) as pieces:  # type: ignore[type-var]
            async for piece in pieces:
                match piece:
                    case ModelReply():
                        reply = piece
                    case Retrying(attempt, why):
                        record(Noticed(source=agent, code="retry", text=text("classic.model.attempt_failed", number=attempt, why=why)))
                    case Told(said, code):
                        record(Noticed(source=agent, code=code, text=said))
        if reply is None:
            raise ModelUnavailable(text("classic.model.no_answer", model=config.get("model")), text("engine.model.try_again_or_another"))
        return reply

    async def _ask_own(self, number: int, config: Config) -> Any:
        own = self._own.get(number)
        if own is None:
            name = config["model_client_cls"]
            raise ModelUnavailable(text("classic.model.client_unregistered", client=name), text("classic.model.client_unregistered.remedy"))
        answer = await asyncio.to_thread(own.create, {key: value for key, value in config.items() if key != "cache_seed"})
        usage = own.get_usage(answer) if hasattr(own, "get_usage") else {}
        self.actual_usage_summary = added(self.actual_usage_summary, str(config.get("model")), usage)
        self.total_usage_summary = added(self.total_usage_summary, str(config.get("model")), usage)
        answer.message_retrieval_function = own.message_retrieval
        return answer

    def _client(self, config: Config) -> _Open:
        """A client for the configuration in the running loop; connections are the engine's and shared."""
        clients = self._clients.setdefault(asyncio.get_running_loop(), {})
        account = account_of(config)
        said = sorted((name, repr(value)) for name, value in config.items() if name not in ("messages", "tools", "functions"))
        place = hashlib.sha256(repr((said, account.key)).encode("utf-8", "replace")).hexdigest()
        if place not in clients:
            clients[place] = _Open(model_of(config).connect(OneAccount(account)))
        return clients[place]

    def _view(self, agent: str, purpose: str, messages: Sequence[Mapping[str, Any]]) -> Any:
        first = f"{messages[0].get('name')}: {str(messages[0].get('content'))[:200]}" if messages else ""
        place = (f"{agent}/{purpose}", first)
        view = self._views.setdefault(place, View(agent))
        self._views.move_to_end(place)
        if len(self._views) > MOST_VIEWS:
            self._views.popitem(last=False)
        return view.follow(messages)

    def _passes(self, config: Config, answer: Any) -> bool:
        accepts = config.get("filter_func")
        return accepts is None or bool(accepts(context=config.get("context"), response=answer))

    def _go_on(self, agent: Any, text: str) -> None:
        record(Noticed(source=str(getattr(agent, "name", agent) or ""), code="fallback", text=text))

    def _count(self, answer: Completion, *, remembered: bool) -> None:
        usage = {
            "cost": answer.cost,
            "prompt_tokens": answer.usage.prompt_tokens,
            "completion_tokens": answer.usage.completion_tokens,
            "total_tokens": answer.usage.total_tokens,
        }
        self.total_usage_summary = added(self.total_usage_summary, answer.model, usage)
        if not remembered:
            self.actual_usage_summary = added(self.actual_usage_summary, answer.model, usage)


def _tokens(reply: ModelReply) -> tuple[int, int, int]:
    return reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.cached_tokens


def tools_of(config: Config) -> tuple[ToolSchema, ...]:
    """The tools that a configuration offers, in the new form or the old one."""
    described = [tool["function"] for tool in config.get("tools") or () if tool.get("type", "function") == "function"]
    described += list(config.get("functions") or ())
    nothing = {"type": "object", "properties": {}}
    return tuple(ToolSchema(each["name"], each.get("description") or "", each.get("parameters") or nothing) for each in described)


def instantiate_message(message: Mapping[str, Any], config: Config) -> Message:
    """A message whose content is a template (with `allow_format_str_template`) or a function of the configuration's context, filled in."""
    context, content = config.get("context"), message.get("content")
    if context is None:
        return dict(message)
    if callable(content):
        return {**message, "content": content(context)}
    if isinstance(content, str) and config.get("allow_format_str_template"):
        return {**message, "content": content.format(**context)}
    return dict(message)


def _key(config: Config, choices: Sequence[str]) -> str:
    """What makes two questions the same: the model and everything that is sent, and neither who pays nor where."""
    left_out = "api_key base_url cache_seed filter_func context price tags timeout max_retries allow_format_str_template".split()
    asked = {name: value for name, value in config.items() if name not in left_out}
    text = json.dumps([asked, list(choices)], sort_keys=True, default=repr, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
