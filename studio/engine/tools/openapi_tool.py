"""A tool that is a service described by an OpenAPI document: each chosen operation becomes a function with its schema."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from studio.engine.code.arguments import read_arguments
from studio.engine.code.base import FunctionResult
from studio.engine.code.calling import BadArguments
from studio.engine.component import Widget
from studio.engine.errors import ConveneError, FlowError
from studio.engine.models.base import ToolSchema
from studio.engine.tools.addresses import AddressRefused, read_address
from studio.engine.tools.approval import AskFirst, AskWhen, must_ask
from studio.engine.tools.base import Offered, Tool, ToolPlace
from studio.engine.tools.json_schema import fit_schema
from studio.engine.tools.openapi_document import MAX_DOCUMENT, DocumentUnreadable, OpenApi, Operation, Security, read_openapi
from studio.engine.tools.reach_fields import PrivateHosts, RedirectHosts
from studio.engine.tools.request_template import RequestTemplate, answered
from studio.engine.tools.web import Reach
from studio.texts import text

MAX_TOOLS = 64
"""Operations that one agent can be given at once: models take no more."""


class OpenApiTool(Tool):
    """The document is data: it is never fetched, and only operations that were chosen can be called."""

    kind: ClassVar[str] = "openapi_tool"
    title: ClassVar[str] = "OpenAPI"
    summary: ClassVar[str] = "A service with an OpenAPI document"

    document: Annotated[
        str,
        Field(title="OpenAPI document", description="Version 3.0 or 3.1, as JSON or YAML. It is never fetched.", max_length=MAX_DOCUMENT),
        Widget("document"),
    ] = ""
    operations: Annotated[
        tuple[str, ...],
        Field(title="Operations", description="None chosen means all of them.", max_length=MAX_TOOLS),
        Widget("choices"),
    ] = ()
    base_url: Annotated[
        str,
        Field(title="Address", description="Empty takes the first server of the document.", max_length=2_000),
        Widget("line", placeholder="https://api.example.com/v1"),
    ] = ""
    account: Annotated[
        str,
        Field(title="Account", description="Its key is sent as the document says. Empty for a service without keys.", max_length=60),
        Widget("line"),
    ] = ""
    headers: Annotated[
        dict[str, str],
        Field(title="Headers", description="Sent with every request. ${account} stands for the key of an account.", max_length=50),
        Widget("rows", advanced=True),
    ] = {}  # noqa: RUF012 - pydantic copies it
    approval: AskFirst = "never"
    approval_pattern: AskWhen = ()
    redirect_hosts: RedirectHosts = ()
    private_hosts: PrivateHosts = ()
    timeout: Annotated[float, Field(title="Time limit", description="Seconds.", gt=0, le=600), Widget("seconds", advanced=True)] = 30.0

    @field_validator("document")
    @classmethod
    def _can_be_read(cls, value: str) -> str:
        try:
            if value.strip():
                read_openapi(value)
        except DocumentUnreadable as mistake:
            raise ValueError(str(mistake).rstrip(".")) from None
        return value

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        try:
            if value.strip():
                read_address(value)
        except AddressRefused as mistake:
            raise ValueError(str(mistake).rstrip(".")) from None
        return value

    @classmethod
    def choices_of(cls, field: str, config: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """(operation, what it does) of everything in the document, for the form."""
        document = config.get("document")
        if field != "operations" or not isinstance(document, str):
            return ()
        try:
            return tuple((each.key, each.schema.description) for each in read_openapi(document).operations)
        except DocumentUnreadable:
            return ()

    def schemas(self, offered: Offered) -> tuple[ToolSchema, ...]:
        return tuple(operation.schema for operation in self._chosen().values())

    def needs_approval(self, name: str, arguments: str) -> bool:
        return must_ask(self.approval, self.approval_pattern, name, arguments)

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        began = time.monotonic()
        try:
            operation = self._chosen().get(name)
            if operation is None:
                return FunctionResult(f"There is no operation '{name}' in this tool.", is_error=True)
            values = fit_schema(read_arguments(arguments), operation.schema.parameters)
            template = self._template(operation)
        except (BadArguments, ConveneError) as mistake:
            return FunctionResult(str(mistake), is_error=True)
        for parameter in operation.parameters:
            if parameter.joined and isinstance(values.get(parameter.argument), list):
                values = {**values, parameter.argument: ",".join(map(str, values[parameter.argument]))}
        reach = Reach(self.redirect_hosts, self.private_hosts)
        result = await answered(template, values, reach, place.accounts, self.timeout)
        return replace(result, seconds=round(time.monotonic() - began, 4))

    def _chosen(self) -> Mapping[str, Operation]:
        """The chosen operations by name. Raises FlowError."""
        try:
            _address(self.base_url, read_openapi(self.document))
            return _chosen(self.document, self.operations)
        except (DocumentUnreadable, AddressRefused) as mistake:
            raise FlowError("OpenAPI", mistake.sentence, mistake.remedy) from None

    def _template(self, operation: Operation) -> RequestTemplate:
        address = _address(self.base_url, read_openapi(self.document))
        query = {each.name: f"{{{each.argument}}}" for each in operation.parameters if each.place == "query"}
        headers = {each.name: f"{{{each.argument}}}" for each in operation.parameters if each.place == "header"} | self.headers
        if self.account:
            way = operation.security or Security()
            value = f"{way.before}${{{'base64:' if way.encoded else ''}{self.account}}}"
            (query if way.place == "query" else headers)[way.name] = value
        return RequestTemplate(
            operation.method, address + operation.path, query, headers, operation.body or "query", operation.body_argument
        )


def _address(base_url: str, document: OpenApi) -> str:
    """Where the service is. Raises AddressRefused."""
    address = (base_url.strip() or document.server).rstrip("/")
    if not address.lower().startswith(("http://", "https://")):
        raise AddressRefused(text("engine.openapi.no_address"), text("engine.openapi.no_address.remedy"))
    read_address(address)
    return address


@lru_cache(maxsize=64)
def _chosen(document: str, keys: tuple[str, ...]) -> Mapping[str, Operation]:
    operations = read_openapi(document).operations
    known = {operation.key for operation in operations}
    for key in keys:
        if key not in known:
            gone = text("engine.openapi.operation_gone", operation=key)
            raise FlowError("OpenAPI", gone, text("engine.openapi.operation_gone.remedy"))
    chosen = [operation for operation in operations if not keys or operation.key in keys]
    if len(chosen) > MAX_TOOLS:
        too_many = text("engine.openapi.too_many_for_model", count=len(chosen), limit=MAX_TOOLS)
        raise FlowError("OpenAPI", too_many, text("engine.openapi.too_many_for_model.remedy"))
    return {operation.schema.name: operation for operation in chosen}
