"""Requests to a service, with AutoGen's arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from studio.engine.agentchat.core.component import ComponentBase
from studio.engine.tools import http_tool


class HttpTool(ComponentBase):
    """A request whose arguments fill the path's {names}; the rest go into the query, or the body where the method has one."""

    component_type = "tool"

    def __init__(
        self,
        name: str,
        host: str,
        port: int,
        json_schema: Mapping[str, Any],
        headers: Mapping[str, Any] | None = None,
        description: str = "HTTP tool",
        path: str = "/",
        scheme: Literal["http", "https"] = "http",
        method: Literal["GET", "POST", "PUT", "DELETE", "PATCH"] = "POST",
        return_type: Literal["text", "json"] = "text",
        timeout: float = 5.0,
    ) -> None:
        self.name, self.description = name, description
        self._tool = http_tool.HttpTool(
            name=name,
            description=description,
            method=method,
            url=f"{scheme}://{host}:{port}/{path.lstrip('/')}",
            headers={key: str(value) for key, value in (headers or {}).items()},
            parameters=dict(json_schema),
            timeout=timeout,
        )

    def component(self) -> http_tool.HttpTool:
        return self._tool
