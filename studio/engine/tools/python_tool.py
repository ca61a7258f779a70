"""A tool that is a Python function written as text: read with `ast`, run only by an executor."""

from __future__ import annotations

import json
from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.code.arguments import read_arguments
from studio.engine.code.auto import AutoExecutor
from studio.engine.code.base import Executor, FunctionResult
from studio.engine.code.calling import BadArguments
from studio.engine.component import Widget
from studio.engine.errors import ConveneError
from studio.engine.models.base import ToolSchema
from studio.engine.tools.approval import AskFirst, AskWhen, must_ask
from studio.engine.tools.base import Tool, ToolPlace
from studio.engine.tools.schema import schema_of_source, variables_of_source, without_nulls


class PythonTool(Tool):
    """The first public function of `source` is the tool: its name, docstring and hints are what a model sees.

    With `from studio.engine import ToolReply, Variables` a parameter of type `Variables` gets the conversation's context variables,
    and a `ToolReply` may hand over and set variables.
    """

    kind: ClassVar[str] = "python_tool"
    title: ClassVar[str] = "Python tool"
    summary: ClassVar[str] = "A function that agents can call"

    source: Annotated[
        str, Field(title="Function", description="Name, hints and docstring are what the model sees.", max_length=100_000), Widget("code")
    ] = 'def tool(text: str) -> str:\n    """Say what this does."""\n    return text\n'
    approval: AskFirst = "never"
    approval_pattern: AskWhen = ()
    executor: Annotated[Executor, Field(title="Where it runs"), Widget("", advanced=True)] = AutoExecutor()
    timeout: Annotated[float, Field(title="Time limit", description="Seconds.", gt=0, le=3600), Widget("seconds", advanced=True)] = 30.0
    strict: Annotated[
        bool,
        Field(title="Strict", description="Servers that can hold the model to the schema; every argument is asked for."),
        Widget("", advanced=True),
    ] = False

    def schema_for_model(self) -> ToolSchema:
        return schema_of_source(self.source, strict=self.strict)

    def needs_approval(self, name: str, arguments: str) -> bool:
        return must_ask(self.approval, self.approval_pattern, name, arguments)

    @property
    def runs_in(self) -> Executor:
        return self.executor

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        try:
            own = self.schema_for_model().name
            if place.session is None:
                return FunctionResult(f"'{own}' has nowhere to run.", is_error=True)
            return await place.session.call(self.source, own, self._given(arguments, place), self.timeout)
        except (BadArguments, ConveneError) as mistake:
            return FunctionResult(str(mistake), is_error=True)

    def _given(self, arguments: str, place: ToolPlace) -> str:
        """What the function is called with: the model's arguments, and the variables if it wants them. Raises BadArguments."""
        name = variables_of_source(self.source)
        if not name and not self.strict:
            return arguments
        values = read_arguments(arguments)
        if name and name in values:
            raise BadArguments(f"There is no argument '{name}'.")
        if self.strict:
            values = without_nulls(values, schema_of_source(self.source))
        return json.dumps(values | {name: dict(place.variables)} if name else values, default=str)
