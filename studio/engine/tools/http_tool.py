"""A tool that is one request to a service: method, address, query, headers and body with places for what a model sends."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator

from studio.engine.code.arguments import read_arguments
from studio.engine.code.base import FunctionResult
from studio.engine.code.calling import BadArguments
from studio.engine.component import Widget
from studio.engine.errors import FlowError
from studio.engine.models.base import ToolSchema
from studio.engine.tools.addresses import AddressRefused
from studio.engine.tools.approval import AskFirst, AskWhen, must_ask
from studio.engine.tools.base import Tool, ToolPlace
from studio.engine.tools.json_schema import fit_schema, plain_schema
from studio.engine.tools.reach_fields import PrivateHosts, RedirectHosts
from studio.engine.tools.request_template import WITH_BODY, RequestTemplate, answered, check_url
from studio.engine.tools.web import Reach, WebFailed, check_headers
from studio.texts import text

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
Rest = Literal["auto", "query", "json", "form"]


class HttpTool(Tool):
    """`{name}` in the address, the query and the headers takes an argument, `${account}` in query and headers an account's key.

    Arguments without a place go into the query of a GET, DELETE or HEAD and into the JSON body of everything else.
    """

    kind: ClassVar[str] = "http_tool"
    title: ClassVar[str] = "HTTP request"
    summary: ClassVar[str] = "A request to a service of the web"

    name: Annotated[
        str,
        Field(title="Function name", description="What the model calls it: letters, digits, - and _.", pattern=r"^[a-zA-Z0-9_-]{1,64}$"),
    ] = "call_service"
    description: Annotated[
        str, Field(title="What it does", description="The model reads here when to use it.", max_length=1024), Widget("text")
    ] = ""
    method: Annotated[Method, Field(title="Method")] = "GET"
    url: Annotated[
        str,
        Field(title="Address", description="{name} takes an argument of the model. The host must be written out.", max_length=4_000),
        Widget("line", placeholder="https://api.example.com/cities/{city}"),
    ] = ""
    query: Annotated[
        dict[str, str],
        Field(title="Query", description="Values may hold {argument} and ${account}, the key of an account.", max_length=50),
        Widget("rows"),
    ] = {}  # noqa: RUF012 - pydantic copies it
    headers: Annotated[
        dict[str, str],
        Field(title="Headers", description="Such as Authorization: Bearer ${account}. Never write a key here.", max_length=50),
        Widget("rows"),
    ] = {}  # noqa: RUF012 - pydantic copies it
    parameters: Annotated[
        dict[str, Any],
        Field(title="Arguments", description="A JSON Schema of what the model may send. What stands in {…} is text without one."),
        Widget("shape"),
    ] = {}  # noqa: RUF012 - pydantic copies it
    arguments_in: Annotated[
        Rest, Field(title="Other arguments go into", description="Those without a place of their own."), Widget("", advanced=True)
    ] = "auto"
    approval: AskFirst = "never"
    approval_pattern: AskWhen = ()
    redirect_hosts: RedirectHosts = ()
    private_hosts: PrivateHosts = ()
    timeout: Annotated[float, Field(title="Time limit", description="Seconds.", gt=0, le=600), Widget("seconds", advanced=True)] = 30.0

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        try:
            if value.strip():
                check_url(value)
        except AddressRefused as mistake:
            raise ValueError(str(mistake).rstrip(".")) from None
        return value

    @field_validator("headers")
    @classmethod
    def _can_be_sent(cls, value: dict[str, str]) -> dict[str, str]:
        try:
            check_headers(value)
        except WebFailed as mistake:
            raise ValueError(str(mistake).rstrip(".")) from None
        return value

    @field_validator("parameters")
    @classmethod
    def _is_a_schema(cls, value: dict[str, Any]) -> dict[str, Any]:
        if value and (value.get("type", "object") != "object" or not isinstance(value.get("properties", {}), dict)):
            raise ValueError(text("engine.http_tool.no_object_schema"))
        return value

    def template(self) -> RequestTemplate:
        """The request without its arguments."""
        rest = self.arguments_in if self.arguments_in != "auto" else "json" if self.method in WITH_BODY else "query"
        return RequestTemplate(self.method, self.url, self.query, self.headers, rest)

    def schema_for_model(self) -> ToolSchema:
        if not self.url.strip():
            raise FlowError(self.name, text("engine.http_tool.no_address"), text("engine.http_tool.no_address.remedy"))
        schema = plain_schema(self.parameters, self.parameters)
        properties = dict(schema.get("properties", {}))
        template = self.template()
        needed = set(replace(template, query={}, headers={}).places())
        for place in template.places():
            properties.setdefault(place, {"type": "string"})
        required = [name for name in properties if name in schema.get("required", ()) or name in needed]
        shape = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        return ToolSchema(self.name, self.description or f"{self.method} {self.url}"[:1024], shape)

    def needs_approval(self, name: str, arguments: str) -> bool:
        return must_ask(self.approval, self.approval_pattern, name, arguments)

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        began = time.monotonic()
        try:
            values: Mapping[str, Any] = fit_schema(read_arguments(arguments), self.schema_for_model().parameters)
        except (BadArguments, FlowError) as mistake:
            return FunctionResult(str(mistake), is_error=True)
        reach = Reach(self.redirect_hosts, self.private_hosts)
        result = await answered(self.template(), values, reach, place.accounts, self.timeout)
        return replace(result, seconds=round(time.monotonic() - began, 4))
