"""What can go wrong with an MCP server."""

from __future__ import annotations

from studio.engine.errors import ConveneError
from studio.texts import text


class McpFailed(ConveneError):
    """A server that cannot be started, reached or understood."""

    code = "mcp_failed"

    def __init__(self, server: str, what: str, remedy: str = "") -> None:
        super().__init__(text("engine.mcp.failed", server=server, what=what), remedy)
        self.server = server


class McpMissing(ConveneError):
    """The library is not installed."""

    code = "library_missing"

    def __init__(self) -> None:
        super().__init__(text("engine.mcp.library_missing"), text("engine.mcp.library_missing.remedy"))


class SignInNeeded(ConveneError):
    """A server that lets nobody in who has not signed in."""

    code = "sign_in_needed"

    def __init__(self, url: str) -> None:
        super().__init__(text("engine.mcp.sign_in_needed", server=url), text("engine.mcp.sign_in_needed.remedy"))
        self.url = url
