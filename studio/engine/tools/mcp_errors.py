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


class SignInNeeded(ConveneError):
    """A server that lets nobody in who has not signed in."""

    code = "sign_in_needed"

    def __init__(self, url: str) -> None:
        super().__init__(f"The server {url} wants you to sign in.", "Run the flow in the studio or by convene run: it asks you to.")
        self.url = url
