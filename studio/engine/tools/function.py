"""A tool that is a function of the program itself: for teams that are written as code, not drawn."""

from __future__ import annotations

import asyncio
import copy
import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, field_validator, model_serializer, model_validator

from studio.engine.code.arguments import read_arguments
from studio.engine.code.base import MAX_OUTPUT, FunctionResult
from studio.engine.code.calling import BadArguments, error_of, fitted, shortened, text_of, written
from studio.engine.code.limited import within
from studio.engine.code.threads import in_thread
from studio.engine.errors import FlowError
from studio.engine.models.base import ToolSchema
from studio.engine.tools.approval import Approval, AskFirst, AskWhen, must_ask
from studio.engine.tools.base import Tool, ToolPlace
from studio.engine.tools.schema import schema_of_function
from studio.engine.tools.variables import ToolReply, Variables, changed, variables_of, variables_parameter
from studio.texts import text


class FunctionTool(Tool):
    """A function of this process that agents can call: `FunctionTool.of(function)`, or AgentChat's `FunctionTool(func, description)`.

    A parameter of type `Variables` gets the conversation's context variables, and a `ToolReply` may say more than a text.
    It runs here, not in a sandbox. One that is not async runs in a thread, which nothing can end: after a time-out or a stop its
    result is thrown away, but it goes on until it returns.
    """

    kind: ClassVar[str] = "function_tool"
    drawable: ClassVar[bool] = False
    title: ClassVar[str] = "Function"
    summary: ClassVar[str] = "A function of your own program"

    function: Annotated[Any, Field(title="Function", repr=False)]
    name: Annotated[str, Field(title="Name", description="Empty takes the function's own.")] = ""
    description: Annotated[str, Field(title="What it does", description="Empty takes the function's docstring.")] = ""
    approval: AskFirst = "never"
    approval_pattern: AskWhen = ()
    timeout: Annotated[float, Field(title="Time limit", description="Seconds.", gt=0, le=3600)] = 30.0
    strict: Annotated[bool, Field(title="Strict", description="Servers that can hold the model to the schema.")] = False

    def __init__(self, func: Callable[..., Any] | None = None, description: str = "", name: str = "", **fields: Any) -> None:
        """The function and its description may stand first. What AgentChat's serialisation needs (`global_imports`) changes nothing here.

        Raises pydantic.ValidationError for a function that a model could not be told how to call.
        """
        fields.pop("global_imports", None)
        given = {"function": func} if func is not None else {}
        super().__init__(**given, **({"description": description} if description else {}), **({"name": name} if name else {}), **fields)
        if func is not None and not name:
            object.__setattr__(self, "name", self._schema.name)

    @classmethod
    def of(
        cls,
        function: Callable[..., Any],
        *,
        name: str = "",
        approval: Approval = "never",
        approval_pattern: tuple[str, ...] = (),
        timeout: float = 30.0,
        strict: bool = False,
    ) -> Self:
        """The tool that calls `function`. Raises FlowError when a model could not be told how."""
        schema_of_function(function, name, strict=strict)
        return cls(function=function, name=name, approval=approval, approval_pattern=approval_pattern, timeout=timeout, strict=strict)

    @field_validator("function")
    @classmethod
    def _can_be_called(cls, value: Any) -> Any:
        if not callable(value):
            raise ValueError(text("engine.function.only_in_code"))
        return value

    @model_validator(mode="after")
    def _can_be_shown(self) -> Self:
        try:
            schema_of_function(self.function, self.name, strict=self.strict)
        except FlowError as mistake:
            raise ValueError(str(mistake)) from mistake
        return self

    @model_serializer(mode="plain")
    def _not_data(self) -> dict[str, Any]:
        name = self.schema_for_model().name
        raise FlowError(name, text("engine.function.not_data"), text("engine.function.not_data.remedy"))

    def schema_for_model(self) -> ToolSchema:
        return self._schema

    @property
    def schema(self) -> dict[str, Any]:  # type: ignore[override]
        """The same as a plain object, which AgentChat calls it: name, description, parameters (a JSON Schema) and strict."""
        shown = self._schema
        return {"name": shown.name, "description": shown.description, "parameters": dict(shown.parameters), "strict": shown.strict}

    @cached_property
    def _schema(self) -> ToolSchema:
        schema = schema_of_function(self.function, self.name, strict=self.strict)
        return replace(schema, description=self.description) if self.description else schema

    async def run_json(self, args: Mapping[str, Any], cancellation_token: Any = None, call_id: str | None = None) -> Any:
        """What the function returns for these arguments, as AgentChat calls it by hand. Raises BadArguments and what it raises."""
        positional, keywords = fitted(self.function, dict(args))
        if inspect.iscoroutinefunction(written(self.function)):
            return await self.function(*positional, **keywords)
        value, raised = await in_thread(lambda: _outcome(lambda: self.function(*positional, **keywords)))
        if raised is not None:
            raise raised
        return await value if inspect.isawaitable(value) else value

    def return_value_as_string(self, value: Any) -> str:
        """A result as a model reads it."""
        return text_of(value)

    def _given(self, arguments: dict[str, Any], variables: Variables) -> dict[str, Any]:
        """What the function is called with: the model's arguments, and the variables if it wants them. Raises BadArguments."""
        name = variables_parameter(self.function)
        if name and name in arguments:
            raise BadArguments(f"There is no argument '{name}'.")
        if self.strict:  # what has a default is asked for all the same, and null means nothing was meant
            asked = inspect.signature(self.function).parameters
            arguments = {
                key: value
                for key, value in arguments.items()
                if value is not None or key not in asked or asked[key].default is inspect.Parameter.empty
            }
        return arguments | {name: variables} if name else arguments

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.schema_for_model().name}"

    def needs_approval(self, name: str, arguments: str) -> bool:
        return must_ask(self.approval, self.approval_pattern, self.schema_for_model().name, arguments)

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        began = time.monotonic()

        def result(output: str, is_error: bool) -> FunctionResult:
            return FunctionResult(shortened(output, MAX_OUTPUT), is_error, round(time.monotonic() - began, 4))

        variables = variables_of(self.function, copy.deepcopy(dict(place.variables)))
        try:
            positional, keywords = fitted(self.function, self._given(read_arguments(arguments), variables))
        except BadArguments as mistake:
            return result(str(mistake), True)
        try:
            value, raised = await within(self.timeout, self._called(positional, keywords))
        except TimeoutError:
            return result(f"Timed out: it took longer than {self.timeout:g} s and was stopped.", True)
        if raised is not None:
            return result(error_of(raised, _file_of(self.function)), True)
        try:
            reply = value if isinstance(value, ToolReply) else ToolReply(value)
            new = changed(place.variables, variables) | dict(reply.variables)
            said = result(text_of(reply.text), False)
            return replace(said, variables=new or None, target=reply.target)
        except Exception as mistake:
            return result(error_of(mistake, _file_of(self.function)), True)

    async def _called(self, positional: Any, keywords: Any) -> tuple[Any, BaseException | None]:
        """What the function returned or raised: even what ends a program, or a task, is only the mistake of a tool."""
        try:
            if inspect.iscoroutinefunction(written(self.function)):
                return await self.function(*positional, **keywords), None
            value, raised = await in_thread(lambda: _outcome(lambda: self.function(*positional, **keywords)))
            return (await value if inspect.isawaitable(value) else value), raised
        except (Exception, SystemExit) as mistake:
            return None, mistake
        except asyncio.CancelledError as mistake:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            return None, mistake


def as_tool(value: Any) -> Any:
    """A function as a tool; tools, and what can be validated as one, as they are. Raises FlowError for an unusable function."""
    if isinstance(value, Tool) or not callable(value):
        return value
    return FunctionTool.of(value)


def _file_of(function: Callable[..., Any]) -> str | None:
    code = getattr(written(function), "__code__", None)
    return code.co_filename if code is not None else None


def _outcome(work: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    """What `work` returned or raised: even what ends a program is only the mistake of a tool."""
    try:
        return work(), None
    except BaseException as mistake:
        return None, mistake
