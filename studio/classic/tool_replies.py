"""Functions that an agent may call and functions that it runs; what goes wrong in them is a result that a model can repair."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import time
import typing
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from studio.classic.chat_log import record
from studio.classic.human_replies import AskingAgent
from studio.classic.io import show
from studio.classic.loops import call as in_loop
from studio.classic.messages import Message
from studio.classic.model_configs import ConfigUnusable
from studio.classic.speaker import Agent
from studio.engine.code.arguments import read_arguments
from studio.engine.code.base import MAX_OUTPUT
from studio.engine.code.calling import BadArguments, fitted, shortened, text_of, written
from studio.engine.events import ToolFinished, ToolStarted
from studio.engine.tools.schema import schema_of_function
from studio.texts import text

F = TypeVar("F", bound=Callable[..., Any])
_NAMED = "_classic_name"
_DESCRIBED = "_classic_description"


class ToolsAgent(AskingAgent):
    """An agent with tools: `llm_config["tools"]` is what its model may call, `function_map` what it runs itself."""

    llm_config: Any
    _function_map: dict[str, Callable[..., Any]]

    @property
    def function_map(self) -> dict[str, Callable[..., Any]]:
        return self._function_map

    def can_execute_function(self, name: str | list[str]) -> bool:
        """Whether it runs this function, or all of these."""
        return all(each in self._function_map for each in ([name] if isinstance(name, str) else name))

    def register_function(self, function_map: Mapping[str, Callable[..., Any] | None]) -> None:
        """Let this agent run functions, by the names that models call them; None takes one away. Raises ValueError for a bad name."""
        for name, function in function_map.items():
            if function is None:
                self._function_map.pop(name, None)
                continue
            _check_name(name)
            self._function_map[name] = function

    def register_for_llm(self, *, name: str | None = None, description: str | None = None, api_style: str = "tool") -> Callable[[F], F]:
        """A decorator: this agent's model may call the function. Its schema is read from hints, Annotated texts and the docstring.

        Raises ConfigUnusable (a ValueError) when the agent has no model, and FlowError for a function that no model could call.
        """

        def decorate(function: F) -> F:
            told = name or getattr(function, _NAMED, None) or written(function).__name__
            _mark(function, _NAMED, told)
            schema = schema_of_function(function, told)
            about = description or getattr(function, _DESCRIBED, None) or schema.description
            if not about:
                raise ConfigUnusable(text("classic.tool.undescribed", function=told), text("classic.tool.undescribed.remedy"))
            _mark(function, _DESCRIBED, about)
            described = {"name": told, "description": about, "parameters": dict(schema.parameters)}
            if api_style == "function":
                self.update_function_signature(described, is_remove=False)
            elif api_style == "tool":
                self.update_tool_signature({"type": "function", "function": described}, is_remove=False)
            else:
                raise ConfigUnusable(text("classic.tool.api_style", value=repr(api_style)))
            return function

        return decorate

    def register_for_execution(self, name: str | None = None, serialize: bool = True) -> Callable[[F], F]:
        """A decorator: this agent runs the function when it is called. Without `serialize` its result is passed on as it is."""

        def decorate(function: F) -> F:
            told = name or getattr(function, _NAMED, None) or written(function).__name__
            _mark(function, _NAMED, told)
            self.register_function({told: _serialising(function) if serialize else function})
            return function

        return decorate

    def update_tool_signature(self, tool_sig: str | Mapping[str, Any], is_remove: bool) -> None:
        """Offer a tool to the model, or take it away by its name. Raises ConfigUnusable when the agent has no model."""
        self._offer("tools", tool_sig, is_remove, lambda each: str(each["function"]["name"]))

    def update_function_signature(self, func_sig: str | Mapping[str, Any], is_remove: bool = False) -> None:
        """The same in the old form."""
        self._offer("functions", func_sig, is_remove, lambda each: str(each["name"]))

    def _offer(self, key: str, described: str | Mapping[str, Any], is_remove: bool, name_of: Callable[[Any], str]) -> None:
        if not isinstance(self.llm_config, dict):
            raise ConfigUnusable(text("classic.tool.no_model", agent=self.name), text("classic.tool.no_model.remedy"))
        name = described if isinstance(described, str) else name_of(described)
        rest = [each for each in self.llm_config.get(key) or () if name_of(each) != name]
        if not is_remove:
            if isinstance(described, str):
                raise ConfigUnusable(text("classic.tool.no_schema", function=name))
            _check_name(name)
            rest.append(dict(described))
        self.llm_config[key] = rest
        if not rest:
            del self.llm_config[key]
        self._renew_client()

    def _renew_client(self) -> None:
        raise NotImplementedError

    # Running -------------------------------------------------------------------------------------------------------------------------

    def execute_function(self, func_call: Mapping[str, Any], verbose: bool = False) -> tuple[bool, Message]:
        """Run one call: (whether it worked, its result as a message). Override it to change how functions are run."""
        function = self._function_map.get(str(func_call.get("name", "")))
        if inspect.iscoroutinefunction(function):
            return in_loop(self.a_execute_function(func_call))
        positional, keywords, failure = self._arguments(func_call, function)
        if failure is not None or function is None:
            return self._ran(func_call, failure or "", 0.0, False, verbose)
        began = time.monotonic()
        try:
            value = function(*positional, **keywords)
        except Exception as mistake:
            return self._ran(func_call, f"Error: {mistake}", began, False, verbose)
        return self._ran(func_call, value, began, True, verbose)

    async def a_execute_function(self, func_call: Mapping[str, Any]) -> tuple[bool, Message]:
        """The same in an async chat; async functions are awaited."""
        function = self._function_map.get(str(func_call.get("name", "")))
        positional, keywords, failure = self._arguments(func_call, function)
        if failure is not None or function is None:
            return self._ran(func_call, failure or "", 0.0, False, False)
        began = time.monotonic()
        try:
            value = function(*positional, **keywords)
            if inspect.isawaitable(value):
                value = await value
        except Exception as mistake:
            return self._ran(func_call, f"Error: {mistake}", began, False, False)
        return self._ran(func_call, value, began, True, False)

    def _arguments(self, func_call: Mapping[str, Any], function: Callable[..., Any] | None) -> tuple[list[Any], dict[str, Any], str | None]:
        """What the function is called with, or what is wrong with the call."""
        name = str(func_call.get("name", ""))
        record(ToolStarted(source=self.name, call=str(func_call.get("id") or name), name=name))
        if function is None:
            return [], {}, f"Error: Function {name} not found."
        show(f"\n({self.name} runs {name})")
        given = func_call.get("arguments") or "{}"
        try:
            arguments = dict(given) if isinstance(given, Mapping) else read_arguments(str(given))
        except BadArguments as mistake:
            return [], {}, f"Error: {mistake}\n The argument must be in JSON format."
        try:
            if _takes_anything(function):
                return [], arguments, None
            positional, keywords = fitted(function, arguments)
        except BadArguments as mistake:
            return [], {}, f"Error: {mistake}"
        return positional, keywords, None

    def _ran(self, func_call: Mapping[str, Any], value: Any, began: float, worked: bool, verbose: bool) -> tuple[bool, Message]:
        name = str(func_call.get("name", ""))
        output = shortened(str(value), MAX_OUTPUT)
        seconds = round(time.monotonic() - began, 4) if began else None
        record(
            ToolFinished(
                source=self.name,
                call=str(func_call.get("id") or name),
                name=name,
                output=output,
                is_error=not worked,
                seconds=seconds,
            )
        )
        if verbose:
            show(output)
        return worked, {"name": name, "role": "function", "content": output}

    # The reply functions --------------------------------------------------------------------------------------------------------------

    def generate_function_call_reply(
        self, messages: list[Message] | None = None, sender: Agent | None = None, config: Any = None
    ) -> tuple[bool, Message | None]:
        """The result of the last message's `function_call`, the old form."""
        called = self._last(messages, sender).get("function_call")
        return (True, self.execute_function(called)[1]) if called else (False, None)

    async def a_generate_function_call_reply(
        self, messages: list[Message] | None = None, sender: Agent | None = None, config: Any = None
    ) -> tuple[bool, Message | None]:
        """The same in an async chat."""
        called = self._last(messages, sender).get("function_call")
        return (True, (await self.a_execute_function(called))[1]) if called else (False, None)

    def generate_tool_calls_reply(
        self, messages: list[Message] | None = None, sender: Agent | None = None, config: Any = None
    ) -> tuple[bool, Message | None]:
        """The results of the last message's `tool_calls`, one after another."""
        calls = self._last(messages, sender).get("tool_calls") or ()
        results = [self.execute_function({**call["function"], "id": call.get("id")})[1] for call in calls]
        return (True, _answered(calls, results)) if results else (False, None)

    async def a_generate_tool_calls_reply(
        self, messages: list[Message] | None = None, sender: Agent | None = None, config: Any = None
    ) -> tuple[bool, Message | None]:
        """The same in an async chat, all at once."""
        calls = self._last(messages, sender).get("tool_calls") or ()
        results = await asyncio.gather(*(self.a_execute_function({**call["function"], "id": call.get("id")}) for call in calls))
        return (True, _answered(calls, [result for _, result in results])) if results else (False, None)

    def _last(self, messages: list[Message] | None, sender: Agent | None) -> Message:
        if messages is None:
            messages = self._heard[sender] if sender is not None else []
        return messages[-1] if messages else {}


def _answered(calls: Any, results: list[Message]) -> Message:
    responses = []
    for call, result in zip(calls, results, strict=True):
        identified = {"tool_call_id": call["id"]} if call.get("id") is not None else {}
        responses.append({**identified, "role": "tool", "content": result["content"]})
    return {"role": "tool", "tool_responses": responses, "content": "\n\n".join(str(each["content"]) for each in responses)}


def _serialising(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its result as a text: models read JSON better than a representation."""
    if inspect.iscoroutinefunction(function):

        @wraps(function)
        async def later(*positional: Any, **keywords: Any) -> str:
            return text_of(await function(*positional, **keywords))

        return later

    @wraps(function)
    def now(*positional: Any, **keywords: Any) -> str:
        return text_of(function(*positional, **keywords))

    return now


def without_variables(function: Callable[..., Any], inner: Callable[..., Any]) -> Callable[..., Any]:
    """`inner` with the name, hints and parameters of `function`, but for `context_variables`, which models know nothing of."""
    made: Any = wraps(function)(inner)
    signature = inspect.signature(function)
    kept = [parameter for name, parameter in signature.parameters.items() if name != "context_variables"]
    made.__signature__ = signature.replace(parameters=kept)
    with contextlib.suppress(Exception):  # a hint that cannot be evaluated here stays as it is written
        made.__annotations__ = typing.get_type_hints(written(function), include_extras=True)
    made.__annotations__.pop("context_variables", None)
    del made.__wrapped__
    wrapped: Callable[..., Any] = made
    return wrapped


def _takes_anything(function: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return True
    return any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)


def _mark(function: Any, attribute: str, value: str) -> None:
    """Decorators stand on one another: the next one takes the name and the description from here."""
    try:
        setattr(function, attribute, value)
    except AttributeError:  # a method or a built-in holds no attributes
        return


def _check_name(name: str) -> None:
    if not (0 < len(name) <= 64 and all(letter.isascii() and (letter.isalnum() or letter in "_-") for letter in name)):
        raise ConfigUnusable(text("classic.tool.no_name", name=repr(name)))


def register_function(
    f: Callable[..., Any], *, caller: ToolsAgent, executor: ToolsAgent, name: str | None = None, description: str
) -> None:
    """Let `caller`'s model call a function that `executor` runs."""
    f = caller.register_for_llm(name=name, description=description)(f)
    executor.register_for_execution(name=name)(f)
