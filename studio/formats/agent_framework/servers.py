"""Writing servers of tools (MCP) for Agent Framework."""

from __future__ import annotations

from collections.abc import Mapping

from studio.engine.tools.mcp import McpServer
from studio.engine.tools.mcp_transport import Stdio, StreamableHttp
from studio.formats.agent_framework.conditions import ConditionWriting
from studio.formats.agent_framework.models import CORE
from studio.formats.python_text.literals import literal, quoted


class ServerWriting(ConditionWriting):
    """Writes servers too; each one once, as a variable. They run as long as the program does."""

    def server(self, tool: McpServer) -> list[str]:
        """The variable of a server, in a list; empty when there is nothing like it."""
        transport = tool.transport
        if tool.approval != "never" or not isinstance(transport, Stdio | StreamableHttp) or transport.missing:
            self.losses.lose("server", tool, *type(tool).model_fields, level="decision")
            self.losses.said(transport, *type(transport).model_fields)
            return []
        key = tool.model_dump_json()
        self.losses.said(tool, "transport", "allow", "approval", "approval_pattern", "prefix", "timeout")
        self.losses.said(transport, "command", "args", "environment", "url", "headers")
        if key not in self.servers:
            self.losses.lose("extra_package", tool, package="mcp, tenacity")
            self.servers[key] = self.names.new(self.losses.label(tool) or "server", "server")
            self.model_statements.append(f"{self.servers[key]} = {self._started(tool, transport)}")
        return [self.servers[key]]

    def _started(self, tool: McpServer, transport: Stdio | StreamableHttp) -> str:
        given = {"name": quoted(self.losses.label(tool) or "server")}
        if isinstance(transport, Stdio):
            cls, (command, *arguments) = "MCPStdioTool", transport.argv
            given |= {"command": quoted(command), "args": literal(arguments) if arguments else ""}
            given["env"] = self._values(tool, transport.environment) if transport.environment else ""
        else:
            cls = "MCPStreamableHTTPTool"
            given["url"] = quoted(transport.url)
            given["static_headers"] = self._values(tool, transport.headers) if transport.headers else ""
        given["allowed_tools"] = literal(tool.allow) if tool.allow else ""
        given["tool_name_prefix"] = quoted(tool.prefix) if tool.prefix else ""
        given["request_timeout"] = str(max(1, round(tool.timeout)))
        given["load_prompts"] = "False"
        said = ", ".join(f"{name}={value}" for name, value in given.items() if value)
        return f"{self.script.use(cls, CORE)}({said})"

    def _values(self, tool: McpServer, values: Mapping[str, str]) -> str:
        """Variables or headers; what is empty or holds the key of an account is read from the environment."""
        pairs = []
        for name, value in values.items():
            held = "${" not in value and bool(value)
            if not held:
                self.script.module("os")
                variable = name.upper().replace("-", "_")
                self.losses.lose("server_values", tool, variable=variable)
            pairs.append(f"{quoted(name)}: {quoted(value) if held else f'os.environ[{quoted(variable)}]'}")
        return f"{{{', '.join(pairs)}}}"
