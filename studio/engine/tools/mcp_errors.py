"""What can go wrong with an MCP server."""

from __future__ import annotations

from studio.engine.errors import ConveneError


class McpFailed(ConveneError):
    """A server that cannot be started, reached or understood."""

    code = "mcp_failed"

    def __init__(self, server: str, what: str, remedy: str = "") -> None:
        super().__init__(f"MCP server {server}: {what}", remedy)
        self.server = server


class McpMissing(ConveneError):
    """The library is not installed."""

    code = "library_missing"

    def __init__(self) -> None:
        super().__init__("MCP servers need a library that is not installed.", "Install it: pip install 'convene-studio[mcp]'")
